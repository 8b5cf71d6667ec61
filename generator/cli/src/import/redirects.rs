//! Old addresses of a book, and where their pages are now.

use std::collections::{BTreeMap, BTreeSet};

use tuition_site::{is_own_page, redirect_file};

use super::{
    config::{self, Config},
    course_files::quoted,
    note::Notes,
    place, plan,
    target::Targets,
};

/// Lists them, below the site's folder.
pub(super) const PATH: &str = "content/redirects.toml";

/// New address by old one.
pub(super) type Redirects = BTreeMap<String, String>;

/// Old addresses of all chapters, and those that already led elsewhere. What leads nowhere is noted.
pub(super) fn list(
    targets: &Targets<'_>,
    config: &Config,
    config_text: &str,
    course: &str,
    notes: &mut Notes,
) -> Redirects {
    let url = |lesson: &plan::Lesson| format!("/courses/{course}/{}/", lesson.slug);
    let mut redirects = Redirects::new();
    for lesson in &targets.plan.lessons {
        let stem = lesson
            .chapter
            .strip_suffix(".md")
            .unwrap_or(&lesson.chapter);
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let page = match name.eq_ignore_ascii_case("readme") {
            true => format!("{folder}/index").trim_start_matches('/').to_owned(),
            false => stem.to_owned(),
        };
        redirects.insert(format!("{}{page}.html", config.site_url), url(lesson));
    }
    // mdBook shows the first chapter at the address of the book, too; at / the site has a page of its own.
    let first = targets.plan.lessons.first();
    if let Some(first) = first.filter(|_| config.site_url != "/") {
        let front = format!("{}index.html", config.site_url);
        redirects.entry(front).or_insert_with(|| url(first));
    }
    for (from, to) in &config.redirects {
        let from = from.trim_start_matches('/');
        let resolved = match to.contains("://") {
            true => Some(to.clone()),
            false => place::join(from, to.split('#').next().unwrap_or_default())
                .map(|page| match to.split_once('#') {
                    Some((_, anchor)) => format!("{page}#{anchor}"),
                    None => page,
                })
                .and_then(|page| targets.lesson_of_page(&page))
                .and_then(|(lesson, anchor)| {
                    let url = url(targets.plan.lessons.get(lesson)?);
                    let anchor = anchor.map(|anchor| format!("#{anchor}"));
                    Some(format!("{url}{}", anchor.unwrap_or_default()))
                }),
        };
        match resolved {
            Some(to) => {
                redirects
                    .entry(format!("{}{from}", config.site_url))
                    .or_insert(to);
            }
            None => notes.text(
                config::PATH,
                config_text,
                config_text.find(from).unwrap_or(0),
                "import-redirect",
                format!("the redirect from {from} leads to {to}, which is no chapter"),
                "it is left out",
            ),
        }
    }
    redirects
}

/// The site's list with these redirects at its end, and how many these are; `None` when there is nothing to add or
/// `before`, the list until now, can't be read. An address that leads somewhere already, or is one of the site's own,
/// is left out and noted.
pub(super) fn add(
    redirects: &Redirects,
    before: &str,
    notes: &mut Notes,
) -> Option<(String, usize)> {
    let known = match before.parse::<toml::Table>() {
        Ok(table) => table,
        Err(_) => {
            let message = "the list can't be read: no old address of the book was added to it";
            notes.line(
                PATH,
                1,
                "import-redirect",
                message,
                "mend it, see tuition check",
            );
            return None;
        }
    };
    let known: BTreeSet<String> = known
        .keys()
        .filter_map(|key| redirect_file(key).ok())
        .collect();
    let mut lines = String::new();
    let mut count = 0;
    for (from, to) in redirects {
        match redirect_file(from) {
            Ok(file) if is_own_page(&file) => {
                let message = format!("{from} is the address of a page that every site has");
                let hint = "who comes by it sees that page";
                notes.line(config::PATH, 1, "import-redirect", message, hint);
            }
            Ok(file) if known.contains(&file) => notes.kind(
                PATH,
                1,
                "import-redirect",
                "old addresses of the book lead elsewhere already",
                format!("they still do; one is {from}"),
            ),
            Ok(_) => {
                lines.push_str(&format!("{} = {}\n", quoted(from), quoted(to)));
                count += 1;
            }
            Err(error) => {
                let message = format!("the old address {from} {error}");
                notes.line(
                    config::PATH,
                    1,
                    "import-redirect",
                    message,
                    "it is left out",
                );
            }
        }
    }
    let gap = match before {
        "" => "# Old addresses, and where their pages are now.\n",
        before if before.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    (count > 0).then(|| (format!("{before}{gap}{lines}"), count))
}
