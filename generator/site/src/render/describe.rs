//! Model to views: names, paths, prices and lengths in one language.
//!
//! Nothing here reads the paid part of a text: all of it may stand in the public tree.

use jiff::{civil::Date, tz::TimeZone};
use tuition_catalog::Money;

use super::views::{
    AuthorView, CourseCard, CourseLink, LanguageView, LessonLink, ModuleView, NavView, PostCard,
    PriceView, SiteView, TestedView,
};
use crate::{
    check,
    load::site_file::NavigationItem,
    model::{Course, Lesson, Model, Page, in_language},
    samples::TestedSamples,
    url,
};

/// So many lessons are all listed beside each of them. Of a longer course one module is, and the others by name: all of
/// them on all of its pages would be the square of its length.
const WHOLE_OUTLINE: usize = 24;

/// Describes a model in one language.
#[derive(Clone, Copy)]
pub(crate) struct Describe<'a> {
    pub(crate) model: &'a Model,
    pub(crate) language: &'a str,
}

impl<'a> Describe<'a> {
    pub(crate) fn site(self) -> SiteView {
        let site = &self.model.site;
        SiteView {
            title: site.title.clone(),
            description: site.description.clone(),
            base_url: site.base_url.clone(),
            language: self.language.to_owned(),
            author: AuthorView {
                name: site.author.name.clone(),
                url: site.author_url.clone(),
                email: Some(site.author.email.clone()).filter(|address| !address.is_empty()),
            },
            nav: self.navigation(&site.navigation),
            footer: self.navigation(&site.footer),
            languages: site
                .languages
                .iter()
                .map(|code| LanguageView {
                    code: code.clone(),
                    label: language_name(code).unwrap_or(code).to_owned(),
                })
                .collect(),
            comments: site.comments,
        }
    }

    /// The entries that are for this language.
    fn navigation(self, items: &[NavigationItem]) -> Vec<NavView> {
        items
            .iter()
            .filter(|item| {
                item.language
                    .as_deref()
                    .is_none_or(|language| language == self.language)
            })
            .map(|item| NavView {
                label: item.label.clone(),
                url: item.url.value.clone(),
            })
            .collect()
    }

    /// Where a course is in this language, or in the default one if it isn't in this.
    pub(crate) fn course_path(self, course: &Course) -> String {
        url::course(&self.prefix(course), &course.slug)
    }

    pub(crate) fn lesson_path(self, course: &Course, lesson: &Lesson) -> String {
        url::lesson(&self.prefix(course), &course.slug, &lesson.slug)
    }

    fn prefix(self, course: &Course) -> String {
        match course.languages.contains(self.language) {
            true => self.model.prefix(self.language),
            false => String::new(),
        }
    }

    pub(crate) fn course_title(self, course: &'a Course) -> &'a str {
        in_language(&course.texts, self.language, self.model.default_language())
            .map_or("", |(text, _)| &text.title)
    }

    pub(crate) fn card(self, course: &'a Course) -> CourseCard {
        let text = in_language(&course.texts, self.language, self.model.default_language())
            .map(|(text, _)| text);
        CourseCard {
            id: course.id.clone(),
            slug: course.slug.clone(),
            path: self.course_path(course),
            title: self.course_title(course).to_owned(),
            summary: text.map(|text| text.summary.clone()).unwrap_or_default(),
            level: text.and_then(|text| text.level.clone()),
            lesson_count: course.lessons.len(),
            free_lesson_count: course.lessons.iter().filter(|lesson| !lesson.paid).count(),
            duration_text: self.duration_text(declared(course)),
            free: !course.priced,
            price_text: self
                .prices(&course.prices)
                .first()
                .map(|price| price.text.clone()),
            offer: self.course_offer(course),
        }
    }

    pub(crate) fn prerequisites(self, course: &'a Course) -> Vec<CourseLink> {
        let known = course.prerequisites.iter().filter_map(|id| {
            self.model
                .courses
                .get(check::find_course(self.model, &id.value)?)
        });
        known
            .map(|course| CourseLink {
                title: self.course_title(course).to_owned(),
                path: Some(self.course_path(course)),
            })
            .collect()
    }

    /// `current` is the lesson of the page, if it is one.
    pub(crate) fn modules(self, course: &'a Course, current: Option<usize>) -> Vec<ModuleView> {
        let default = self.model.default_language();
        let is_long = course.lessons.len() > WHOLE_OUTLINE;
        course
            .modules
            .iter()
            .filter(|module| !module.lessons.is_empty())
            .zip(1..)
            .map(|(module, number)| {
                let is_current = current.is_some_and(|current| module.lessons.contains(&current));
                let listed = match current.is_some() && is_long && !is_current {
                    true => 0..0,
                    false => module.lessons.clone(),
                };
                let declared = course
                    .lessons
                    .get(module.lessons.clone())
                    .unwrap_or_default()
                    .iter()
                    .map(|lesson| lesson.duration)
                    .sum();
                let text = in_language(&module.texts, self.language, default)
                    .map(|(text, _)| text.clone());
                let (title, objectives) = text
                    .map(|text| (text.title, text.objectives))
                    .unwrap_or_default();
                let lessons = listed.filter_map(|number| self.lesson(course, number, current));
                ModuleView {
                    number,
                    title,
                    objectives,
                    lessons: lessons.collect(),
                    lesson_count: module.lessons.len(),
                    duration_text: self.duration_text(declared),
                    current: is_current,
                }
            })
            .collect()
    }

    /// A lesson by its position in the course.
    pub(crate) fn lesson(
        self,
        course: &'a Course,
        position: usize,
        current: Option<usize>,
    ) -> Option<LessonLink> {
        let lesson = course.lessons.get(position)?;
        let (text, _) = in_language(&lesson.texts, self.language, self.model.default_language())?;
        // The length of a paid text is paid too: only what the front matter declares may show.
        let estimated = || (!lesson.paid).then(|| lesson.seconds(self.model.default_language()));
        Some(LessonLink {
            id: lesson.id.clone(),
            slug: lesson.slug.clone(),
            path: self.lesson_path(course, lesson),
            title: text.title.clone(),
            summary: text.summary.clone(),
            duration_text: self.duration_text(lesson.duration.or_else(estimated)),
            free: !lesson.paid,
            locked: lesson.paid,
            draft: self.is_draft(lesson),
            current: current == Some(position),
            number: position + 1,
        })
    }

    /// Whether a lesson of a preview isn't published yet.
    fn is_draft(self, lesson: &Lesson) -> bool {
        let original = lesson.texts.get(self.model.default_language());
        original.is_some_and(|text| self.model.drafts.contains(&text.body.file.path))
    }

    /// Posts with a text in this language, newest first.
    pub(crate) fn posts(self) -> Vec<PostCard> {
        self.model
            .posts
            .iter()
            .filter_map(|post| self.post(post))
            .collect()
    }

    fn post(self, post: &Page) -> Option<PostCard> {
        let text = post.texts.get(self.language)?;
        Some(PostCard {
            path: url::post(&self.model.prefix(self.language), &post.slug),
            title: text.title.clone(),
            summary: text.summary.clone().or_else(|| {
                Some(text.body.outline.first_paragraph.clone()).filter(|text| !text.is_empty())
            }),
            date: post.date.map(|date| date.to_string()).unwrap_or_default(),
            date_text: post.date.map(|date| self.date(date)).unwrap_or_default(),
        })
    }

    /// The currency of the language first, then the site's own and the others.
    pub(super) fn prices(self, prices: &[Money]) -> Vec<PriceView> {
        let near = currency_of(self.language);
        let mut prices: Vec<_> = prices
            .iter()
            .map(|price| PriceView {
                amount: price.amount,
                currency: price.currency,
                text: price.to_string(),
                separately: None,
            })
            .collect();
        prices.sort_by_key(|price| near != Some(price.currency.code()));
        prices
    }

    /// A date for people.
    pub(crate) fn date(self, date: Date) -> String {
        match self.language.split('-').next() {
            Some("en") => date.strftime("%-d %B %Y").to_string(),
            Some("zh" | "ja") => date.strftime("%Y年%-m月%-d日").to_string(),
            _ => date.to_string(),
        }
    }

    pub(super) fn duration_text(self, seconds: Option<u32>) -> Option<String> {
        seconds
            .filter(|seconds| *seconds > 0)
            .map(|seconds| self.duration(seconds))
    }

    /// When samples were run, as a day in UTC.
    pub(crate) fn tested(self, tested: &TestedSamples) -> TestedView {
        let date = tested.oldest.at.to_zoned(TimeZone::UTC).date();
        let commit = tested.oldest.commit.as_ref();
        TestedView {
            count: tested.count,
            date: date.to_string(),
            date_text: self.date(date),
            commit: commit
                .filter(|commit| commit.bytes().all(|byte| byte.is_ascii_alphanumeric()))
                .cloned(),
        }
    }

    /// A length of time for people, in minutes rounded up.
    pub(crate) fn duration(self, seconds: u32) -> String {
        let minutes = seconds.div_ceil(60);
        let (hours, rest) = (minutes / 60, minutes % 60);
        let (hour, minute) = match self.language.split('-').next() {
            Some("zh") => ("小时", "分钟"),
            _ => ("h", "min"),
        };
        match (hours, rest) {
            (0, minutes) => format!("{minutes} {minute}"),
            (hours, 0) => format!("{hours} {hour}"),
            (hours, minutes) => format!("{hours} {hour} {minutes} {minute}"),
        }
    }
}

/// Seconds of a course, if its author says how long it or each of its lessons takes.
pub(super) fn declared(course: &Course) -> Option<u32> {
    let of_lessons = || course.lessons.iter().map(|lesson| lesson.duration).sum();
    course.duration.or_else(of_lessons)
}

/// The currency that most readers of a language pay in, where that is one.
fn currency_of(language: &str) -> Option<&'static str> {
    match language {
        "zh-Hant" | "zh-TW" => Some("TWD"),
        "zh-HK" => Some("HKD"),
        "pt-BR" => Some("BRL"),
        _ => match language.split('-').next().unwrap_or(language) {
            "zh" => Some("CNY"),
            "ja" => Some("JPY"),
            "ko" => Some("KRW"),
            "hi" => Some("INR"),
            "pl" => Some("PLN"),
            "sv" => Some("SEK"),
            "vi" => Some("VND"),
            _ => None,
        },
    }
}

/// The name of a language in itself, if it is a widespread one.
fn language_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "zh-Hant" | "zh-TW" | "zh-HK" => "繁體中文",
        "pt-BR" => "Português (Brasil)",
        _ => match code.split('-').next().unwrap_or(code) {
            "ar" => "العربية",
            "cs" => "Čeština",
            "de" => "Deutsch",
            "en" => "English",
            "es" => "Español",
            "fa" => "فارسی",
            "fr" => "Français",
            "he" => "עברית",
            "hi" => "हिन्दी",
            "id" => "Bahasa Indonesia",
            "it" => "Italiano",
            "ja" => "日本語",
            "ko" => "한국어",
            "nl" => "Nederlands",
            "pl" => "Polski",
            "pt" => "Português",
            "ru" => "Русский",
            "sv" => "Svenska",
            "tr" => "Türkçe",
            "uk" => "Українська",
            "vi" => "Tiếng Việt",
            "zh" => "中文",
            _ => return None,
        },
    })
}

/// Writing direction of a language.
pub(crate) fn direction(language: &str) -> &'static str {
    match language.split('-').next() {
        Some("ar" | "fa" | "he" | "ur" | "yi") => "rtl",
        _ => "ltr",
    }
}
