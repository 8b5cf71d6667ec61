//! `content/site.toml` as written, with defaults filled in.

use tuition_catalog::{Author, CommentRules, Currency, Limits, Metrics};

use crate::{
    diagnostic::Diagnostic,
    load::{
        checks::Checks,
        comments_table,
        fields::{Fields, Placed},
        git_table::GitTable,
        metrics_table,
        name::is_language_tag,
        tests_table::TestsTable,
        toml,
    },
    nearest::did_you_mean,
    text::SourceText,
};

/// Where the site's own settings stand.
pub(crate) const PATH: &str = "content/site.toml";

/// `content/site.toml`.
#[derive(Debug, Clone)]
pub(crate) struct SiteFile {
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    /// Without a slash at the end.
    pub(crate) base_url: String,
    /// Never empty; the first is the default.
    pub(crate) languages: Vec<String>,
    pub(crate) currency: Currency,
    pub(crate) author: Author,
    pub(crate) author_url: Option<String>,
    /// Lower-case addresses with the author role.
    pub(crate) authors: Vec<String>,
    pub(crate) navigation: Vec<NavigationItem>,
    /// Links at the foot of every page: terms, privacy, who is behind the site.
    pub(crate) footer: Vec<NavigationItem>,
    pub(crate) theme: Placed<String>,
    pub(crate) comments: bool,
    /// Whether `llms.txt` is written.
    pub(crate) llms: bool,
    /// Whether texts have formulas, unless they say otherwise.
    pub(crate) math: bool,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) comment_rules: CommentRules,
    pub(crate) checks: Checks,
    /// What pages tell of the past of their texts.
    pub(crate) git: GitTable,
    pub(crate) tests: TestsTable,
}

/// One entry of the navigation.
#[derive(Debug, Clone)]
pub(crate) struct NavigationItem {
    pub(crate) label: String,
    pub(crate) url: Placed<String>,
    /// Language it is for; `None` for all.
    pub(crate) language: Option<String>,
}

impl SiteFile {
    /// Reads `site.toml`. Mistakes are reported and replaced by defaults, so that the rest of the site is checked too.
    pub(crate) fn read(text: &SourceText, report: &mut Vec<Diagnostic>) -> Self {
        let table = toml::read(text, &text.text, 0, report);
        let mut fields = Fields::new(text, table, report);
        let (author, author_url) = author(&mut fields);
        let authors = fields
            .texts("authors")
            .into_iter()
            .filter_map(|address| mail_address(&mut fields, "authors", address))
            .collect::<Vec<_>>();
        let authors = match authors.is_empty() && !author.email.is_empty() {
            true => vec![author.email.clone()],
            false => authors,
        };
        let features = Features::read(&mut fields);
        let file = Self {
            title: fields
                .required_text("title")
                .map_or_else(|| "Untitled".to_owned(), |title| title.value),
            description: fields
                .text("description")
                .map(|description| description.value),
            base_url: base_url(&mut fields),
            languages: languages(&mut fields),
            currency: currency(&mut fields),
            author,
            author_url,
            authors,
            navigation: navigation(&mut fields, "navigation"),
            footer: navigation(&mut fields, "footer"),
            theme: fields.text("theme").unwrap_or_else(|| Placed {
                at: 0,
                value: "default".to_owned(),
            }),
            comments: features.comments,
            llms: features.llms,
            math: fields.flag("math").is_some_and(|math| math.value),
            limits: limits(&mut fields),
            metrics: metrics_table::read(&mut fields),
            comment_rules: comments_table::read(&mut fields),
            checks: Checks::read(&mut fields),
            git: GitTable::read(&mut fields),
            tests: TestsTable::read(&mut fields),
        };
        fields.finish();
        file
    }
}

fn base_url(fields: &mut Fields<'_>) -> String {
    let fallback = "https://example.com".to_owned();
    let Some(url) = fields.required_text("base_url") else {
        return fallback;
    };
    match parse_base_url(&url.value) {
        Some(url) => url,
        None => fields
            .wrong(
                url.at,
                "base_url",
                "is no web address",
                "write it like https://courses.example, without a path",
            )
            .unwrap_or(fallback),
    }
}

/// An origin (`https://host[:port]`), without the slash at the end; `None` for anything else.
pub(crate) fn parse_base_url(url: &str) -> Option<String> {
    let origin = url.strip_suffix('/').unwrap_or(url);
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))?;
    let is_host = !host.is_empty()
        && host.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
        });
    is_host.then(|| origin.to_owned())
}

fn languages(fields: &mut Fields<'_>) -> Vec<String> {
    let mut languages: Vec<String> = Vec::new();
    for tag in fields.texts("languages") {
        if !is_language_tag(&tag.value) {
            fields.wrong::<()>(
                tag.at,
                "languages",
                &format!("names \"{}\", which is no language tag", tag.value),
                "use BCP 47 tags such as en, zh, pt-BR",
            );
        } else if languages.contains(&tag.value) {
            fields.wrong::<()>(
                tag.at,
                "languages",
                &format!("names \"{}\" twice", tag.value),
                "keep one",
            );
        } else {
            languages.push(tag.value);
        }
    }
    if languages.is_empty() {
        languages.push("en".to_owned());
    }
    languages
}

fn currency(fields: &mut Fields<'_>) -> Currency {
    let Some(code) = fields.text("currency") else {
        return Currency::USD;
    };
    code.value
        .parse()
        .unwrap_or_else(|error: tuition_catalog::UnknownCurrency| {
            let codes: Vec<_> = Currency::all().map(Currency::code).collect();
            let hint = did_you_mean(
                &code.value,
                codes,
                "use a code of ISO 4217 in capitals, such as USD, EUR, CNY",
            );
            fields.report.push(
                fields
                    .text
                    .error(code.at, "currency", error.to_string(), hint),
            );
            Currency::USD
        })
}

fn author(fields: &mut Fields<'_>) -> (Author, Option<String>) {
    let Some(table) = fields.table("author") else {
        return (Author::default(), None);
    };
    let mut inner = Fields::new(fields.text, table.value, fields.report);
    let name = inner
        .text("name")
        .map(|name| name.value)
        .unwrap_or_default();
    let email = inner
        .text("email")
        .and_then(|address| mail_address(&mut inner, "email", address))
        .unwrap_or_default();
    let url = inner.text("url").map(|url| url.value);
    inner.finish();
    (Author { name, email }, url)
}

/// Only what a typing mistake breaks is checked; whether mail arrives is another matter.
fn mail_address(fields: &mut Fields<'_>, name: &str, address: Placed<String>) -> Option<String> {
    let is_address = address
        .value
        .split_once('@')
        .is_some_and(|(local, domain)| {
            !local.is_empty() && domain.len() > 2 && !domain.contains('@')
        });
    match is_address && !address.value.contains(char::is_whitespace) {
        true => Some(address.value.to_lowercase()),
        false => fields.wrong(
            address.at,
            name,
            "is no e-mail address",
            "write it like author@courses.example",
        ),
    }
}

fn navigation(fields: &mut Fields<'_>, name: &'static str) -> Vec<NavigationItem> {
    let mut items = Vec::new();
    for table in fields.tables(name) {
        let mut inner = Fields::new(fields.text, table.value, fields.report);
        let label = inner.text("label");
        let url = inner.text("url");
        let language = inner.text("language").map(|language| language.value);
        inner.finish();
        match (label, url) {
            (Some(label), Some(url)) => items.push(NavigationItem {
                label: label.value,
                url,
                language,
            }),
            _ => fields.report.push(fields.text.error(
                table.at,
                "missing-key",
                format!("an entry of \"{name}\" needs \"label\" and \"url\""),
                format!("[[{name}]] label = \"About\", url = \"/about/\""),
            )),
        }
    }
    items
}

/// `[features]`: all are on unless a site switches them off.
struct Features {
    comments: bool,
    llms: bool,
}

impl Features {
    fn read(fields: &mut Fields<'_>) -> Self {
        let Some(table) = fields.table("features") else {
            return Self {
                comments: true,
                llms: true,
            };
        };
        let mut inner = Fields::new(fields.text, table.value, fields.report);
        let mut is_on = |name| inner.flag(name).is_none_or(|flag| flag.value);
        let features = Self {
            comments: is_on("comments"),
            llms: is_on("llms"),
        };
        inner.finish();
        features
    }
}

fn limits(fields: &mut Fields<'_>) -> Limits {
    let mut limits = Limits::default();
    let Some(table) = fields.table("limits") else {
        return limits;
    };
    let mut inner = Fields::new(fields.text, table.value, fields.report);
    let Limits {
        links_per_address_per_hour,
        links_per_network_per_hour,
        code_attempts,
        checkouts_per_network_per_hour,
        posts_per_minute,
        comments_per_lesson,
        event_batches_per_network_per_minute,
        devices,
    } = &mut limits;
    for (name, limit) in [
        ("links_per_address_per_hour", links_per_address_per_hour),
        ("links_per_network_per_hour", links_per_network_per_hour),
        ("code_attempts", code_attempts),
        (
            "checkouts_per_network_per_hour",
            checkouts_per_network_per_hour,
        ),
        ("posts_per_minute", posts_per_minute),
        ("comments_per_lesson", comments_per_lesson),
        (
            "event_batches_per_network_per_minute",
            event_batches_per_network_per_minute,
        ),
        ("devices", devices),
    ] {
        if let Some(count) = inner.count(name) {
            *limit = count;
        }
    }
    inner.finish();
    limits
}
