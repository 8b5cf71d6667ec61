//! The contract between the generator, which writes `catalog.json`, and the functions, which read it.
//!
//! Both halves deploy apart, so the file is versioned: a reader refuses a version it doesn't know, and
//! `samples/v1.json` is frozen. This crate knows nothing about Markdown, HTTP or payment providers.

mod comments;
mod currency;
mod limits;
mod metrics;
mod money;

pub use comments::{CommentPolicy, CommentRules, Notices};
pub use currency::{Currency, UnknownCurrency};
pub use limits::Limits;
pub use metrics::{ActivityWeights, Metrics, SatisfactionWeights, Saturation};
pub use money::{Money, MoneyError};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The version this crate writes and the only one it reads.
///
/// New optional members don't change it; it rises when an old reader would misunderstand the file.
pub const VERSION: u32 = 1;

/// All that functions need to know about a published site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// Always [`VERSION`].
    pub version: u32,
    /// Facts about the site as a whole.
    pub site: SiteInfo,
    /// Every published course, free ones too, ordered by slug.
    pub courses: Vec<Course>,
    /// Everything that is for sale, ordered by id; a priced course is an offer with the course's id.
    pub offers: Vec<Offer>,
    /// Every page path of the public tree (`/courses/rust/traits/`), sorted; never empty.
    pub paths: Vec<String>,
    /// Slugs of the courses that authors can preview with their drafts, sorted. Some are among
    /// `courses`, others are drafts as a whole. Each has a tree `members/<slug>.drafts/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<String>,
}

/// Facts about the site as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteInfo {
    /// Name of the site, shown in mails and function-rendered pages.
    pub title: String,
    /// Public origin and base of absolute links, without a slash at the end (`https://example.com`).
    pub base_url: String,
    /// BCP 47 tags; the first is the default language, whose pages have no prefix. Never empty.
    pub languages: Vec<String>,
    /// Currency that is offered first.
    pub currency: Currency,
    /// Who answers mail and stands in the imprint.
    pub author: Author,
    /// E-mail addresses (lower case) that hold the author role.
    pub authors: Vec<String>,
    /// Fingerprinted URL of the stylesheet, for pages that a function renders (`/assets/site.1a2b3c4d.css`).
    pub stylesheet: String,
    /// Rate and device limits of the functions.
    #[serde(default)]
    pub limits: Limits,
    /// How the author's report weighs what learners do.
    #[serde(default, skip_serializing_if = "Metrics::is_default")]
    pub metrics: Metrics,
    /// How comments are let in.
    #[serde(default, skip_serializing_if = "CommentRules::are_usual")]
    pub comments: CommentRules,
}

/// The person or team behind the site.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Author {
    /// Name as shown; may be empty.
    pub name: String,
    /// Address for replies; may be empty.
    pub email: String,
}

/// One published course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Stable id, at most 40 bytes; entitlements, comments and progress refer to it.
    pub id: String,
    /// Segment of the URL and of the access token's `courses`; may change when the course is renamed.
    pub slug: String,
    /// Title in the default language.
    pub title: String,
    /// Whether the course costs something; only then it has a members tree.
    pub priced: bool,
    /// Lessons in reading order.
    pub lessons: Vec<Lesson>,
}

/// One lesson of a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// Stable id, unique within the course, at most 40 bytes.
    pub id: String,
    /// Segment of the URL, unique within the course.
    pub slug: String,
    /// Title in the default language.
    pub title: String,
    /// Whether everyone may read the whole lesson.
    pub free: bool,
    /// Seconds a learner needs: declared in the front matter, else estimated from the text.
    pub seconds: u32,
    /// Whether its discussion takes nothing new.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub comments_closed: bool,
}

/// Something that is sold (or given away) under one id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Stable id, at most 40 bytes.
    pub id: String,
    /// What sort of thing it is.
    pub kind: OfferKind,
    /// Title in the default language.
    pub title: String,
    /// The courses that it opens.
    pub courses: Courses,
    /// At most one price per currency, ordered by currency code with the site's own first; empty for `free`.
    pub prices: Vec<Money>,
    /// How long one payment lasts; `None` means for good.
    pub term: Option<Term>,
    /// Codes of the coupons that may be used on it.
    #[serde(default)]
    pub coupons: Vec<String>,
}

/// The sorts of offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OfferKind {
    /// One course, for good.
    Course,
    /// Several courses, for good.
    Bundle,
    /// Access that is paid again each term until cancelled.
    Subscription,
    /// Access for one term, paid once.
    Pass,
    /// A gift to the author; opens nothing.
    Donation,
    /// Costs nothing.
    Free,
    /// Something that a person does, such as a code review; opens nothing.
    Service,
}

/// How long one payment lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Term {
    /// One calendar month.
    Month,
    /// One calendar year.
    Year,
}

/// Which courses an offer opens: a list of course ids, or all of them, written `"*"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Courses {
    /// Every course of the site, those published later too.
    All,
    /// Course ids, sorted, without repeats.
    Listed(Vec<String>),
}

impl Courses {
    /// Whether the course with this id is among them.
    #[must_use]
    pub fn contains(&self, course_id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed(ids) => ids.iter().any(|id| id == course_id),
        }
    }
}

impl Serialize for Courses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("*"),
            Self::Listed(ids) => ids.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Courses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Star(String),
            Listed(Vec<String>),
        }
        match Written::deserialize(deserializer)? {
            Written::Star(star) if star == "*" => Ok(Self::All),
            Written::Star(_) => Err(de::Error::custom("expected \"*\" or a list of course ids")),
            Written::Listed(ids) => Ok(Self::Listed(ids)),
        }
    }
}

/// Why a catalog could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not JSON, or not of the expected shape.
    #[error("catalog.json is not readable: {0}")]
    Shape(#[from] serde_json::Error),
    /// Written by another generation of the generator.
    #[error(
        "catalog.json has version {found}, this program reads version {VERSION}; build and deploy both with one release"
    )]
    Version {
        /// The version in the file.
        found: u64,
    },
}

impl Catalog {
    /// Reads `catalog.json`.
    ///
    /// # Errors
    /// [`CatalogError::Version`] before anything else is looked at, so that a newer file gets a clear answer;
    /// [`CatalogError::Shape`] when it isn't the JSON that this version describes.
    pub fn from_json(json: &[u8]) -> Result<Self, CatalogError> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u64,
        }
        let Versioned { version } = serde_json::from_slice(json)?;
        if version != u64::from(VERSION) {
            return Err(CatalogError::Version { found: version });
        }
        Ok(serde_json::from_slice(json)?)
    }

    /// The bytes of `catalog.json`: pretty-printed, members in the order of the structs, ending in a newline.
    ///
    /// # Errors
    /// Never in practice: every member serialises.
    pub fn to_json(&self) -> Result<Vec<u8>, CatalogError> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }

    /// The offer with this id.
    #[must_use]
    pub fn offer(&self, id: &str) -> Option<&Offer> {
        self.offers.iter().find(|offer| offer.id == id)
    }

    /// The course with this stable id.
    #[must_use]
    pub fn course_by_id(&self, id: &str) -> Option<&Course> {
        self.courses.iter().find(|course| course.id == id)
    }

    /// The course whose URL segment this is.
    #[must_use]
    pub fn course_by_slug(&self, slug: &str) -> Option<&Course> {
        self.courses.iter().find(|course| course.slug == slug)
    }

    /// The lesson that `<course id>/<lesson id>` names, with its course.
    #[must_use]
    pub fn lesson(&self, reference: &str) -> Option<(&Course, &Lesson)> {
        let (course_id, lesson_id) = reference.split_once('/')?;
        let course = self.course_by_id(course_id)?;
        Some((course, course.lesson(lesson_id)?))
    }

    /// The courses that an offer opens, in the catalog's order; ids of courses that are gone are left out.
    pub fn covered<'a>(&'a self, offer: &'a Offer) -> impl Iterator<Item = &'a Course> {
        self.courses
            .iter()
            .filter(|course| offer.covers(&course.id))
    }
}

impl Course {
    /// The lesson with this stable id.
    #[must_use]
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// The lesson whose URL segment this is.
    #[must_use]
    pub fn lesson_by_slug(&self, slug: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.slug == slug)
    }
}

impl Offer {
    /// Whether the offer opens the course with this stable id.
    #[must_use]
    pub fn covers(&self, course_id: &str) -> bool {
        match self.kind {
            OfferKind::Donation | OfferKind::Service => false,
            OfferKind::Course
            | OfferKind::Bundle
            | OfferKind::Subscription
            | OfferKind::Pass
            | OfferKind::Free => self.courses.contains(course_id),
        }
    }

    /// The price in this currency, if it is sold in it.
    #[must_use]
    pub fn price_in(&self, currency: Currency) -> Option<Money> {
        self.prices
            .iter()
            .copied()
            .find(|price| price.currency == currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[u8] = include_bytes!("../samples/v1.json");
    const SAMPLE_WITH_DRAFTS: &[u8] = include_bytes!("../samples/v1-drafts.json");
    const SAMPLE_WITH_METRICS: &[u8] = include_bytes!("../samples/v1-metrics.json");

    #[test]
    fn the_frozen_sample_of_version_1_still_reads() {
        let catalog = Catalog::from_json(SAMPLE).unwrap();
        assert_eq!(catalog.site.languages, ["en", "zh"]);
        assert_eq!(catalog.site.limits.links_per_address_per_hour, 5);
        let (course, lesson) = catalog.lesson("rust/ownership").unwrap();
        assert_eq!(
            (course.slug.as_str(), lesson.slug.as_str()),
            ("rust", "what-is-ownership")
        );
        assert_eq!((lesson.free, lesson.seconds), (false, 900));
        assert!(
            catalog.lesson("rust/what-is-ownership").is_none(),
            "a reference is by id"
        );
        assert!(catalog.lesson("rust").is_none());
        let offer = catalog.offer("rust").unwrap();
        assert_eq!(
            offer.price_in("CNY".parse().unwrap()).unwrap().to_string(),
            "¥299.00"
        );
        assert!(offer.price_in("EUR".parse().unwrap()).is_none());
        assert!(offer.covers("rust") && !offer.covers("rust-advanced"));
    }

    #[test]
    fn the_frozen_sample_is_what_this_version_writes() {
        let catalog = Catalog::from_json(SAMPLE).unwrap();
        assert_eq!(
            String::from_utf8(catalog.to_json().unwrap()).unwrap(),
            std::str::from_utf8(SAMPLE).unwrap()
        );
    }

    #[test]
    fn the_frozen_sample_with_drafts_reads_and_is_what_this_version_writes() {
        let catalog = Catalog::from_json(SAMPLE_WITH_DRAFTS).unwrap();
        assert_eq!(catalog.drafts, ["rust", "wasm"]);
        assert!(catalog.course_by_slug("wasm").is_none(), "not published");
        assert_eq!(catalog.to_json().unwrap(), SAMPLE_WITH_DRAFTS);
        let without = Catalog {
            drafts: Vec::new(),
            ..catalog
        };
        assert_eq!(without.to_json().unwrap(), SAMPLE);
    }

    #[test]
    fn the_frozen_sample_with_metrics_reads_and_is_what_this_version_writes() {
        let mut catalog = Catalog::from_json(SAMPLE_WITH_METRICS).unwrap();
        let read = catalog.site.metrics;
        assert_eq!(
            (read.satisfaction.csat, read.saturation.watch_min),
            (0.5, 90.0)
        );
        assert_eq!(catalog.to_json().unwrap(), SAMPLE_WITH_METRICS);
        catalog.site.metrics = Metrics::default();
        assert_eq!(catalog.to_json().unwrap(), SAMPLE);
    }

    #[test]
    fn an_offer_of_everything_covers_a_course_but_a_donation_covers_none() {
        let catalog = Catalog::from_json(SAMPLE).unwrap();
        let pass = catalog.offer("all-access").unwrap();
        assert_eq!(pass.courses, Courses::All);
        assert_eq!(catalog.covered(pass).count(), catalog.courses.len());
        let gift = Offer {
            kind: OfferKind::Donation,
            ..pass.clone()
        };
        assert!(!gift.covers("rust"));
    }

    #[test]
    fn another_version_is_refused_before_its_shape_is_looked_at() {
        let error = Catalog::from_json(br#"{"version": 2, "site": 7}"#).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("version 2, this program reads version 1"),
            "{error}"
        );
    }

    #[test]
    fn a_newer_optional_member_is_passed_over() {
        let newer = std::str::from_utf8(SAMPLE).unwrap().replacen(
            "\"version\": 1,",
            "\"version\": 1, \"later\": {},",
            1,
        );
        assert!(Catalog::from_json(newer.as_bytes()).is_ok());
    }

    #[test]
    fn courses_are_a_list_or_a_star() {
        assert!(serde_json::from_str::<Courses>("\"rust\"").is_err());
        assert_eq!(serde_json::to_string(&Courses::All).unwrap(), "\"*\"");
    }
}
