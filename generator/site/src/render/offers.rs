//! What is for sale, in one language.

use tuition_catalog::{Money, OfferKind};

use super::{
    describe::{Describe, declared},
    views::{CourseLink, OfferView, PriceView},
};
use crate::model::{Course, Offer};

impl<'a> Describe<'a> {
    pub(super) fn course_offer(self, course: &'a Course) -> Option<OfferView> {
        let title = self.course_title(course).to_owned();
        course.priced.then(|| OfferView {
            id: course.id.clone(),
            kind: OfferKind::Course,
            courses: vec![CourseLink {
                title: title.clone(),
                path: Some(self.course_path(course)),
            }],
            title,
            prices: self.prices(&course.prices),
            term: None,
            lesson_count: course.lessons.len(),
            duration_text: self.duration_text(declared(course)),
        })
    }

    pub(crate) fn offer(self, offer: &'a Offer) -> OfferView {
        let covered: Vec<&Course> = self
            .model
            .courses
            .iter()
            .filter(|course| {
                course.priced
                    && offer
                        .courses
                        .as_ref()
                        .is_none_or(|ids| ids.iter().any(|id| id.value == course.id))
            })
            .collect();
        let mut prices = self.prices(&offer.prices);
        if offer.term.is_none() {
            for price in &mut prices {
                price.separately = separately(&covered, price);
            }
        }
        OfferView {
            id: offer.id.clone(),
            kind: offer.kind,
            title: offer.title.clone(),
            prices,
            lesson_count: covered.iter().map(|course| course.lessons.len()).sum(),
            duration_text: self.duration_text(covered.iter().map(|course| declared(course)).sum()),
            courses: covered
                .into_iter()
                .map(|course| CourseLink {
                    title: self.course_title(course).to_owned(),
                    path: Some(self.course_path(course)),
                })
                .collect(),
            term: offer.term,
        }
    }

    /// All that is for sale: single courses, then what `offers.toml` adds.
    pub(crate) fn offers(self) -> Vec<OfferView> {
        let courses = self
            .model
            .courses
            .iter()
            .filter_map(|course| self.course_offer(course));
        courses
            .chain(self.model.offers.iter().map(|offer| self.offer(offer)))
            .collect()
    }
}

/// What courses cost one by one in the currency of a price, if that is more and all have a price in it.
fn separately(courses: &[&Course], price: &PriceView) -> Option<String> {
    let mut amount = 0_i64;
    for course in courses {
        let own = course
            .prices
            .iter()
            .find(|own| own.currency == price.currency)?;
        amount = amount.checked_add(own.amount)?;
    }
    let all = Money {
        amount,
        currency: price.currency,
    };
    (amount > price.amount).then(|| all.to_string())
}
