//! Where a reference in a text leads: to a page by the path of its file, to a file, or elsewhere.
//!
//! `check` asks to report what leads nowhere and to learn which files are used; `render` asks again for the URL.

mod names;

use std::collections::BTreeMap;

use tuition_markup::ReferenceKind;

use crate::{
    Files,
    load::name::Name,
    model::{Body, Lesson, Model, in_language},
    nearest::{nearest, nearest_path},
    url,
};

/// A text that holds references, and who may read it.
#[derive(Clone, Copy)]
pub(crate) struct From<'a> {
    /// The file's path.
    pub(crate) path: &'a str,
    /// Language of the page that shows it.
    pub(crate) language: &'a str,
    /// The text itself, for `#anchor`.
    pub(crate) body: &'a Body,
}

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// Another site, a mail address: as written.
    Elsewhere,
    /// A URL of this site.
    Url(String),
    /// A file that has to be copied; its path below the site's folder.
    File(String),
    /// Nowhere.
    Broken(Broken),
}

/// Why a reference leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// A page that has a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Course(usize),
    Lesson(usize, usize),
    Page(usize),
    Post(usize),
}

/// All that references may lead to.
pub(crate) struct Links<'m> {
    model: &'m Model,
    files: &'m Files,
    by_path: BTreeMap<&'m str, (Place, Option<&'m str>)>,
    urls: BTreeMap<String, Option<&'m Body>>,
}

impl<'m> Links<'m> {
    pub(crate) fn new(model: &'m Model, files: &'m Files) -> Self {
        let mut links = Self {
            model,
            files,
            by_path: BTreeMap::new(),
            urls: BTreeMap::new(),
        };
        for (position, course) in model.courses.iter().enumerate() {
            let place = Place::Course(position);
            links.add(
                place,
                course
                    .texts
                    .iter()
                    .map(|(language, text)| (language, &text.body)),
                course.languages.iter(),
            );
            for module in &course.modules {
                links.by_path.insert(&module.path, (place, None));
            }
            for (number, lesson) in course.lessons.iter().enumerate() {
                let texts = lesson
                    .texts
                    .iter()
                    .map(|(language, text)| (language, &text.body));
                links.add(
                    Place::Lesson(position, number),
                    texts,
                    course.languages.iter(),
                );
            }
        }
        for (pages, place) in [
            (&model.pages, Place::Page as fn(usize) -> Place),
            (&model.posts, Place::Post as fn(usize) -> Place),
        ] {
            for (position, page) in pages.iter().enumerate() {
                links.add(
                    place(position),
                    page.texts
                        .iter()
                        .map(|(language, text)| (language, &text.body)),
                    page.texts.keys(),
                );
            }
        }
        for language in &model.site.languages {
            let prefix = model.prefix(language);
            for shell in url::SHELLS {
                links.urls.entry(format!("{prefix}{shell}")).or_insert(None);
            }
        }
        links
            .urls
            .extend(url::FILES.iter().map(|file| ((*file).to_owned(), None)));
        links
    }

    fn add(
        &mut self,
        place: Place,
        texts: impl Iterator<Item = (&'m String, &'m Body)>,
        languages: impl Iterator<Item = &'m String>,
    ) {
        for (language, body) in texts {
            let explicit = (language != self.model.default_language()).then_some(language.as_str());
            self.by_path.insert(&body.file.path, (place, explicit));
        }
        for language in languages {
            self.urls
                .insert(self.url(place, language), self.body(place, language));
        }
    }

    /// Where a destination leads.
    pub(crate) fn resolve(
        &self,
        from: From<'_>,
        kind: ReferenceKind,
        destination: &str,
    ) -> Resolution {
        if kind == ReferenceKind::Name {
            return self.by_name(from, destination);
        }
        if url::has_scheme(destination) || destination.starts_with("//") {
            return Resolution::Elsewhere;
        }
        let (before, anchor) = split(destination, '#');
        let (path, query) = split(before, '?');
        let path = url::decode(path);
        if path.contains(['\\', '\0']) {
            return broken(
                "link-path",
                "a path may not contain a backslash or a NUL",
                "write / between folders",
            );
        }
        if path.is_empty() {
            return match anchor.filter(|anchor| !anchor.is_empty()) {
                Some(anchor) => self.with_anchor(String::new(), Some(from.body), anchor),
                None => Resolution::Url(destination.to_owned()),
            };
        }
        if path.starts_with('/') {
            return self.resolve_url(&path, query, anchor);
        }
        let Some(target) =
            url::join(from.path, &path).filter(|target| target.starts_with("content/"))
        else {
            return broken(
                "link-path",
                format!("\"{path}\" leads out of content/"),
                "link to files below content/ only",
            );
        };
        if let Some((place, explicit)) = self.by_path.get(target.as_str()) {
            if kind == ReferenceKind::Embed {
                return broken(
                    "link-kind",
                    format!("\"{path}\" is a page, not an image"),
                    "link to it: drop the !",
                );
            }
            let language = explicit.unwrap_or(from.language);
            let url = self.url(*place, language);
            return match anchor.filter(|anchor| !anchor.is_empty()) {
                Some(anchor) => self.with_anchor(url, self.body(*place, language), anchor),
                None => Resolution::Url(url),
            };
        }
        if self.model.unpublished.contains(&target) {
            return broken(
                "link-unpublished",
                format!("\"{path}\" is a draft or not published yet"),
                "publish it too, or take the link out",
            );
        }
        if self.model.unreadable.contains(&target) {
            // Its own mistake is reported; that nothing leads to it is no second one.
            return Resolution::Elsewhere;
        }
        if self.files.contains_key(&target) {
            return Resolution::File(target);
        }
        self.missing(from, kind, &path, &target)
    }

    /// The lesson that a file is a version of, with the position of its course.
    pub(crate) fn lesson_of(&self, path: &str) -> Option<(usize, &'m Lesson)> {
        let (Place::Lesson(course, lesson), _) = self.by_path.get(path)? else {
            return None;
        };
        let lesson = self.model.courses.get(*course)?.lessons.get(*lesson)?;
        Some((*course, lesson))
    }

    /// Whether a file is a text that everyone may read whole: of a course, of a module, or a free lesson.
    pub(crate) fn is_free_text(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        match self.by_path.get(path) {
            Some((Place::Lesson(..), _)) => {
                self.lesson_of(path).is_some_and(|(_, lesson)| !lesson.paid)
            }
            Some(_) => true,
            // Translations of modules are found by their folder, not by their path.
            None => Name::markdown(name).is_some_and(|name| name.stem == "module"),
        }
    }

    /// All files of the site.
    pub(crate) fn files(&self) -> &'m Files {
        self.files
    }

    /// A file that isn't there, and which could be meant.
    pub(crate) fn missing_file(&self, from: &str, path: &str, target: &str) -> Broken {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let candidates = self
            .files
            .keys()
            .map(String::as_str)
            .filter(|file| file.starts_with("content/"));
        Broken {
            code: "missing-file",
            message: format!("the file \"{path}\" is missing"),
            hint: match nearest_path(target, candidates) {
                Some(near) => format!("did you mean \"{}\"?", url::relative(folder, near)),
                None => format!("there is no {target}"),
            },
        }
    }

    /// What is wrong with a URL of the navigation; `None` if it leads somewhere.
    pub(crate) fn broken_url(&self, url: &str) -> Option<Broken> {
        if url::has_scheme(url) {
            return None;
        }
        if !url.starts_with('/') {
            let hint = "begin it with / or https://".to_owned();
            return Some(Broken {
                code: "link",
                message: format!("\"{url}\" is no URL"),
                hint,
            });
        }
        let (path, _) = url.split_once(['#', '?']).unwrap_or((url, ""));
        match self.resolve_url(&url::decode(path), None, None) {
            Resolution::Broken(broken) => Some(broken),
            _ => None,
        }
    }

    /// Whether a page or file of the site has a URL.
    pub(crate) fn has_url(&self, path: &str) -> bool {
        self.urls.contains_key(path)
    }

    /// A URL of this site as it should be written, anchor and query included.
    ///
    /// # Errors
    /// What is wrong with it when it leads nowhere.
    pub(crate) fn address(&self, url: &str) -> Result<String, Broken> {
        if let Some(broken) = self.broken_url(url).or_else(|| {
            url::has_scheme(url).then(|| Broken {
                code: "link",
                message: format!("\"{url}\" is no web address"),
                hint: "begin it with / or https://".to_owned(),
            })
        }) {
            return Err(broken);
        }
        let (before, anchor) = split(url, '#');
        let (path, query) = split(before, '?');
        match self.resolve_url(&url::decode(path), query, anchor) {
            Resolution::Url(url) => Ok(url),
            Resolution::Broken(broken) => Err(broken),
            Resolution::Elsewhere | Resolution::File(_) => Ok(url.to_owned()),
        }
    }

    fn resolve_url(&self, path: &str, query: Option<&str>, anchor: Option<&str>) -> Resolution {
        let rest = |mark: char, part: Option<&str>| {
            part.map(|part| format!("{mark}{part}")).unwrap_or_default()
        };
        let full = format!("{path}{}", rest('?', query));
        if path.starts_with("/api/") {
            return Resolution::Url(format!("{full}{}", rest('#', anchor)));
        }
        match (
            self.urls.get(path),
            anchor.filter(|anchor| !anchor.is_empty()),
        ) {
            (Some(Some(body)), Some(anchor)) => self.with_anchor(full, Some(body), anchor),
            (Some(_), _) => Resolution::Url(format!("{full}{}", rest('#', anchor))),
            (None, _) => {
                let hint = match nearest(path, self.urls.keys().map(String::as_str)) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => "URLs of pages begin and end with /".to_owned(),
                };
                broken("link", format!("no page has the URL \"{path}\""), hint)
            }
        }
    }

    fn with_anchor(&self, url: String, body: Option<&Body>, anchor: &str) -> Resolution {
        let anchor = url::decode(anchor);
        let anchors = body
            .map(|body| body.outline.anchors.as_slice())
            .unwrap_or_default();
        if anchors.contains(&anchor) {
            return Resolution::Url(format!("{url}#{anchor}"));
        }
        let place = match body {
            Some(body) if !url.is_empty() => format!("{} has", body.file.path),
            _ => "this text has".to_owned(),
        };
        let hint = match nearest(&anchor, anchors.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"#{near}\"?"),
            None if anchors.is_empty() => "it has no headings".to_owned(),
            None => format!(
                "its headings: {}",
                anchors
                    .iter()
                    .take(5)
                    .map(|anchor| format!("#{anchor}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        broken("anchor", format!("{place} no heading \"#{anchor}\""), hint)
    }

    fn missing(&self, from: From<'_>, kind: ReferenceKind, path: &str, target: &str) -> Resolution {
        let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let pages = self.by_path.keys().copied();
        let other_files = self
            .files
            .keys()
            .map(String::as_str)
            .filter(|file| file.starts_with("content/") && !file.ends_with(".md"));
        let relative = |file: &str| url::relative(folder, file);
        let wants_page = kind == ReferenceKind::Link;
        let candidates = pages.filter(|_| wants_page).chain(other_files);
        let hint = match nearest_path(target, candidates) {
            Some(near) => format!("did you mean \"{}\"?", relative(near)),
            None => format!("there is no {target}"),
        };
        match kind {
            ReferenceKind::Link | ReferenceKind::Name => {
                broken("link", format!("\"{path}\" leads nowhere"), hint)
            }
            ReferenceKind::Embed | ReferenceKind::Include => broken(
                "missing-image",
                format!("the file \"{path}\" is missing"),
                hint,
            ),
        }
    }

    /// The URL of a page in a language, or in the default one if it isn't there in that.
    fn url(&self, place: Place, language: &str) -> String {
        let model = self.model;
        let known = |is_there: bool| {
            model.prefix(if is_there {
                language
            } else {
                model.default_language()
            })
        };
        match place {
            Place::Course(course) => model.courses.get(course).map(|course| {
                url::course(&known(course.languages.contains(language)), &course.slug)
            }),
            Place::Lesson(course, lesson) => model.courses.get(course).and_then(|course| {
                let lesson = course.lessons.get(lesson)?;
                Some(url::lesson(
                    &known(course.languages.contains(language)),
                    &course.slug,
                    &lesson.slug,
                ))
            }),
            Place::Page(page) => model
                .pages
                .get(page)
                .map(|page| url::page(&known(page.texts.contains_key(language)), &page.slug)),
            Place::Post(post) => model
                .posts
                .get(post)
                .map(|post| url::post(&known(post.texts.contains_key(language)), &post.slug)),
        }
        .unwrap_or_default()
    }

    fn body(&self, place: Place, language: &str) -> Option<&'m Body> {
        let model = self.model;
        let default = model.default_language();
        match place {
            Place::Course(course) => {
                in_language(&model.courses.get(course)?.texts, language, default)
                    .map(|(text, _)| &text.body)
            }
            Place::Lesson(course, lesson) => in_language(
                &model.courses.get(course)?.lessons.get(lesson)?.texts,
                language,
                default,
            )
            .map(|(text, _)| &text.body),
            Place::Page(page) => in_language(&model.pages.get(page)?.texts, language, default)
                .map(|(text, _)| &text.body),
            Place::Post(post) => in_language(&model.posts.get(post)?.texts, language, default)
                .map(|(text, _)| &text.body),
        }
    }
}

fn broken(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Resolution {
    Resolution::Broken(Broken {
        code,
        message: message.into(),
        hint: hint.into(),
    })
}

/// What stands before a mark, and what behind it.
fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}
