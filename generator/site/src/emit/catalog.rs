//! `catalog.json`: what the functions need to know, and nothing more.

use tuition_catalog::{
    Catalog, CommentPolicy, CommentRules, Course, Courses, Lesson, Offer, OfferKind, SiteInfo,
    VERSION,
};

use crate::{
    model::{self, Model},
    render::RenderedPage,
    theme::Theme,
};

pub(super) fn build(model: &Model, theme: &Theme, pages: &[RenderedPage]) -> Catalog {
    let site = &model.site;
    let mut courses: Vec<_> = model
        .courses
        .iter()
        .map(|item| course(model, item))
        .collect();
    courses.sort_by(|a, b| a.slug.cmp(&b.slug));
    let mut offers: Vec<_> = model
        .courses
        .iter()
        .filter(|course| course.priced)
        .map(|course| course_offer(model, course))
        .collect();
    offers.extend(model.offers.iter().map(offer));
    offers.sort_by(|a, b| a.id.cmp(&b.id));
    let mut paths: Vec<_> = pages
        .iter()
        .filter(|page| page.is_public && page.path.ends_with('/'))
        .map(|page| page.path.clone())
        .collect();
    paths.sort();
    Catalog {
        version: VERSION,
        site: SiteInfo {
            title: site.title.clone(),
            base_url: site.base_url.clone(),
            languages: site.languages.clone(),
            currency: site.currency,
            author: site.author.clone(),
            authors: site.authors.clone(),
            stylesheet: theme
                .urls
                .get("styles/site.css")
                .cloned()
                .unwrap_or_default(),
            limits: site.limits,
            metrics: site.metrics,
            comments: CommentRules {
                policy: if site.comments {
                    site.comment_rules.policy
                } else {
                    CommentPolicy::Closed
                },
                ..site.comment_rules
            },
        },
        courses,
        offers,
        paths,
        drafts: Vec::new(),
    }
}

fn course(model: &Model, course: &model::Course) -> Course {
    let lessons = course.lessons.iter().map(|lesson| {
        let text = lesson.texts.get(model.default_language());
        Lesson {
            id: lesson.id.clone(),
            slug: lesson.slug.clone(),
            title: text.map(|text| text.title.clone()).unwrap_or_default(),
            free: !lesson.paid,
            seconds: lesson.seconds(model.default_language()),
            comments_closed: lesson.comments_closed,
        }
    });
    Course {
        id: course.id.clone(),
        slug: course.slug.clone(),
        title: course
            .texts
            .get(model.default_language())
            .map(|text| text.title.clone())
            .unwrap_or_default(),
        priced: course.priced,
        lessons: lessons.collect(),
    }
}

fn course_offer(model: &Model, course: &model::Course) -> Offer {
    Offer {
        id: course.id.clone(),
        kind: OfferKind::Course,
        title: course
            .texts
            .get(model.default_language())
            .map(|text| text.title.clone())
            .unwrap_or_default(),
        courses: Courses::Listed(vec![course.id.clone()]),
        prices: course.prices.clone(),
        term: None,
        coupons: Vec::new(),
    }
}

fn offer(offer: &model::Offer) -> Offer {
    let courses = match &offer.courses {
        None => Courses::All,
        Some(ids) => {
            let mut ids: Vec<_> = ids.iter().map(|id| id.value.clone()).collect();
            ids.sort();
            ids.dedup();
            Courses::Listed(ids)
        }
    };
    Offer {
        id: offer.id.clone(),
        kind: offer.kind,
        title: offer.title.clone(),
        courses,
        prices: offer.prices.clone(),
        term: offer.term,
        coupons: Vec::new(),
    }
}
