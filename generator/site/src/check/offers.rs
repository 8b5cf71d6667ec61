//! Offers: their courses exist, their ids are their own, and everything has a price in the site's currency.

use tuition_catalog::Money;

use crate::{diagnostic::Diagnostic, model::Model, nearest::did_you_mean, text::SourceText};

pub(super) fn check(model: &Model, report: &mut Vec<Diagnostic>) {
    let default = model.default_language();
    for course in model.courses.iter().filter(|course| course.priced) {
        if let Some(text) = course.texts.get(default) {
            own_currency(
                model,
                &text.body.file,
                course.prices_at,
                &course.prices,
                report,
            );
        }
    }
    for (position, offer) in model.offers.iter().enumerate() {
        own_currency(model, &offer.text, offer.prices_at, &offer.prices, report);
        let earlier = model
            .offers
            .iter()
            .take(position)
            .any(|other| other.id == offer.id);
        if earlier || model.courses.iter().any(|course| course.id == offer.id) {
            let hint = "ids of offers and courses are one list: choose another";
            report.push(offer.text.error(
                offer.id_at,
                "duplicate-id",
                format!("another offer or course has the id \"{}\"", offer.id),
                hint,
            ));
        }
        for id in offer.courses.iter().flatten() {
            match model.courses.iter().find(|course| course.id == id.value) {
                Some(course) if course.priced => {}
                Some(_) => {
                    report.push(offer.text.error(
                        id.at,
                        "offer-course",
                        format!("the course \"{}\" is free", id.value),
                        "take it out: an offer opens priced courses",
                    ));
                }
                None => {
                    let priced = model
                        .courses
                        .iter()
                        .filter(|course| course.priced)
                        .map(|course| course.id.as_str());
                    let hint = did_you_mean(&id.value, priced, "use ids of priced courses");
                    report.push(offer.text.error(
                        id.at,
                        "offer-course",
                        format!("there is no course \"{}\"", id.value),
                        hint,
                    ));
                }
            }
        }
    }
}

/// Every visitor can pay in the site's currency; others are extra.
fn own_currency(
    model: &Model,
    text: &SourceText,
    at: usize,
    prices: &[Money],
    report: &mut Vec<Diagnostic>,
) {
    let own = model.site.currency;
    // No price at all means that each was wrong and is reported already.
    if !prices.is_empty() && prices.iter().all(|price| price.currency != own) {
        let hint = format!("add {own} = \"…\", or change currency in content/site.toml");
        report.push(text.error(
            at,
            "price-currency",
            format!("there is no price in {own}, the currency of the site"),
            hint,
        ));
    }
}
