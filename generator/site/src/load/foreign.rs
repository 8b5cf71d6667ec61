//! Keys of front matter that authors know from Hugo, Zola, Docusaurus, Starlight, Jekyll and mdBook, and what says the
//! same here.

const ORDER: &str = "order comes from the number before the file's name: 03-title.md";
const ADDRESS: &str =
    "the address comes from the file's name; aliases = [\"/old/\"] keeps an old one";
const CHANGED: &str = "the date of the last change comes from git";
const LATER: &str = "publish_at = 2026-03-01 keeps something back until then";
const HIDDEN: &str = "draft = true keeps something back";
const MENU: &str =
    "menus show the title; navigation and footer of the site stand in content/site.toml";
const THEME: &str = "how pages look is up to the theme, for all pages of a kind";
const PEOPLE: &str = "the site's author stands in content/site.toml, instructors in course.md";
const TOPICS: &str = "tags = [\"…\"] stand in course.md";
const OWN: &str = "there are no keys of your own";

const KEYS: [(&str, &str); 59] = [
    ("author", PEOPLE),
    ("authors", PEOPLE),
    ("banner", THEME),
    ("categories", TOPICS),
    ("category", TOPICS),
    ("date", LATER),
    ("description", "summary = \"…\" is the description"),
    ("editUrl", "edit_url stands in [git] in content/site.toml"),
    ("excerpt", "summary = \"…\" is the description"),
    (
        "expiryDate",
        "nothing is taken away by itself; draft = true does",
    ),
    ("extra", OWN),
    ("head", THEME),
    ("hero", THEME),
    ("hidden", HIDDEN),
    ("hide_table_of_contents", THEME),
    ("hide_title", THEME),
    ("in_search_index", HIDDEN),
    (
        "isCJKLanguage",
        "the language comes from the file's name: name.zh.md",
    ),
    ("katex", "formulas are switched on with math = true"),
    ("keywords", TOPICS),
    (
        "lang",
        "the language comes from the file's name: name.zh.md",
    ),
    (
        "language",
        "the language comes from the file's name: name.zh.md",
    ),
    ("lastUpdated", CHANGED),
    ("last_modified_at", CHANGED),
    ("last_update", CHANGED),
    ("lastmod", CHANGED),
    ("layout", THEME),
    ("linkTitle", MENU),
    (
        "locale",
        "the language comes from the file's name: name.zh.md",
    ),
    ("markup", "texts are Markdown"),
    ("menu", MENU),
    ("nav_order", ORDER),
    ("next", ORDER),
    ("order", ORDER),
    ("page_template", THEME),
    ("pagefind", HIDDEN),
    ("pagination_label", MENU),
    ("pagination_next", ORDER),
    ("pagination_prev", ORDER),
    ("params", OWN),
    ("path", ADDRESS),
    ("permalink", ADDRESS),
    ("prev", ORDER),
    ("publishDate", LATER),
    ("published", HIDDEN),
    ("sidebar", ORDER),
    ("sidebar_label", MENU),
    ("sidebar_position", ORDER),
    ("slug", ADDRESS),
    ("sort_by", ORDER),
    ("tableOfContents", THEME),
    ("taxonomies", TOPICS),
    ("template", THEME),
    ("toc", THEME),
    ("type", THEME),
    ("unlisted", HIDDEN),
    ("updated", CHANGED),
    ("url", ADDRESS),
    ("weight", ORDER),
];

/// What says here what a key says elsewhere.
pub(super) fn hint(key: &str) -> Option<&'static str> {
    let found = KEYS.iter().find(|(known, _)| *known == key);
    found.map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_there_once_and_in_order() {
        assert!(KEYS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert_eq!(hint("weight"), Some(ORDER));
        assert_eq!(hint("titel"), None);
    }
}
