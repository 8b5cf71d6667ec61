//! The whole model from files. Folders are read in parallel; order comes from the tree, never from the scheduler.

use std::{collections::BTreeSet, sync::Arc};

use rayon::prelude::*;
use tuition_catalog::{Currency, Money};

use super::{
    Course, Model, Offer, Page, id,
    publish::Publication,
    reader::{Gathered, Reader},
};
use crate::{
    Drawings, Files, Options, Source,
    diagnostic::Diagnostic,
    load::{
        offers_file,
        page_file::PageKind,
        price::Prices,
        site_file::{self, SiteFile},
        tree::Tree,
    },
    text::SourceText,
};

impl Model {
    /// Reads all files. `None` only when there is no readable `site.toml`.
    pub(crate) fn build(
        source: &Source,
        options: &Options,
        report: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let files = &source.files;
        let Some(bytes) = files.get(site_file::PATH) else {
            let hint =
                "run `tuition new DIR` for a site to begin with, or name the folder with --site";
            report.push(Diagnostic::file(
                site_file::PATH,
                "missing-file",
                "there is no site here",
                hint,
            ));
            return None;
        };
        let site_text = Arc::new(SourceText::read(site_file::PATH, bytes, report)?);
        let mut site = SiteFile::read(&site_text, report);
        if let Some(base_url) = &options.base_url {
            site.base_url.clone_from(base_url);
        }
        let tree = Tree::sort(files.keys().map(String::as_str), report);
        let publication = Publication {
            now: options.now,
            drafts: options.drafts,
        };
        let reader = reader(files, &site, publication, &options.drawings);
        let courses: Vec<_> = tree
            .courses
            .par_iter()
            .map(|folder| reader.course(folder))
            .collect();
        let pages: Vec<_> = tree
            .pages
            .par_iter()
            .map(|leaf| reader.page(leaf, PageKind::Page))
            .collect();
        let posts: Vec<_> = tree
            .posts
            .par_iter()
            .map(|leaf| reader.page(leaf, PageKind::Post))
            .collect();

        let mut gathered = Gathered::default();
        let mut courses: Vec<Course> = courses
            .into_iter()
            .filter_map(|read| gathered.take(read))
            .collect();
        let pages = pages
            .into_iter()
            .filter_map(|read| gathered.take(read))
            .collect();
        let mut posts: Vec<Page> = posts
            .into_iter()
            .filter_map(|read| gathered.take(read))
            .collect();
        sort(&mut courses, site.currency);
        posts.sort_by(|a, b| (b.date, &a.slug).cmp(&(a.date, &b.slug)));
        report.extend(gathered.report);
        let offers = offers(files, site.currency, report);
        let (unpublished, unreadable) = (gathered.unpublished, gathered.unreadable);
        Some(Self {
            site,
            site_text,
            courses,
            pages,
            posts,
            offers,
            unpublished,
            unreadable,
            drafts: BTreeSet::new(),
            history: Arc::clone(&source.history),
        })
    }
}

/// What reads the files of a site.
pub(super) fn reader<'a>(
    files: &'a Files,
    site: &'a SiteFile,
    publication: Publication,
    drawings: &'a Drawings,
) -> Reader<'a> {
    Reader {
        files,
        languages: &site.languages,
        publication,
        checks: &site.checks,
        math: site.math,
        drawings,
    }
}

/// Courses in order of the folders, their prices with the site's own currency first.
pub(super) fn sort(courses: &mut [Course], own: Currency) {
    courses.sort_by(|a, b| (a.order, &a.folder).cmp(&(b.order, &b.folder)));
    for course in courses {
        sort_prices(&mut course.prices, own);
    }
}

fn offers(files: &Files, currency: Currency, report: &mut Vec<Diagnostic>) -> Vec<Offer> {
    let Some(text) = files
        .get(offers_file::PATH)
        .and_then(|bytes| SourceText::read(offers_file::PATH, bytes, report))
    else {
        return Vec::new();
    };
    let text = Arc::new(text);
    let mut offers = Vec::new();
    for file in offers_file::read(&text, report) {
        let Prices::Listed(mut prices) = file.prices else {
            report.push(text.error(
                file.at,
                "missing-key",
                "an offer needs \"prices\"",
                "add prices = { USD = \"49.00\" } below [[offers]]",
            ));
            continue;
        };
        sort_prices(&mut prices.value, currency);
        id::check(&text, &file.id, report);
        offers.push(Offer {
            id: file.id.value,
            id_at: file.id.at,
            kind: file.kind,
            title: file.title,
            courses: file.courses,
            prices: prices.value,
            prices_at: prices.at,
            term: file.term,
            text: Arc::clone(&text),
        });
    }
    offers
}

/// The site's own currency first, the others by code.
fn sort_prices(prices: &mut [Money], own: Currency) {
    prices.sort_by_key(|price| (price.currency != own, price.currency));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sites_own_currency_comes_first() {
        let money = |code: &str| Money {
            amount: 1,
            currency: code.parse().unwrap(),
        };
        let mut prices = [money("CNY"), money("EUR"), money("USD")];
        sort_prices(&mut prices, Currency::USD);
        assert_eq!(
            prices.map(|price| price.currency.code()),
            ["USD", "CNY", "EUR"]
        );
    }
}
