//! The site as it will be: the same model with the drafts of its courses.

use super::{Model, build, is_below, publish::Publication, reader::Gathered};
use crate::{Options, Source, load::tree::Tree};

/// A model with drafts, for authors to look at.
pub(crate) struct Preview {
    /// Its [`Model::drafts`] are the files that aren't published yet.
    pub(crate) model: Model,
    /// Positions of the courses that have drafts or are drafts as a whole; never empty.
    pub(crate) courses: Vec<usize>,
}

impl Model {
    /// The same site with the drafts of its courses, `None` when there are none. Pages and posts stay as published.
    ///
    /// Reports nothing: what is wrong with single files was said when they were left out.
    pub(crate) fn with_drafts(mut self, source: &Source, options: &Options) -> Option<Preview> {
        let has_drafts = |folder: &str| {
            let below = format!("{folder}/");
            let next = self.unpublished.range(below.clone()..).next();
            next.is_some_and(|path| path.starts_with(&below))
        };
        if !has_drafts("content/courses") {
            return None;
        }
        let tree = Tree::sort(source.files.keys().map(String::as_str), &mut Vec::new());
        let folders: Vec<_> = tree
            .courses
            .iter()
            .filter(|folder| has_drafts(&folder.path))
            .collect();
        let publication = Publication {
            now: options.now,
            drafts: true,
        };
        let reader = build::reader(&source.files, &self.site, publication, &options.drawings);
        let mut gathered = Gathered::default();
        let read: Vec<_> = folders
            .iter()
            .filter_map(|folder| gathered.take(reader.course(folder)))
            .collect();
        let changed = |folder: &str| folders.iter().any(|other| other.path == folder);
        self.courses.retain(|course| !changed(&course.folder));
        self.courses.extend(read);
        build::sort(&mut self.courses, self.site.currency);
        let positions = self.courses.iter().enumerate();
        let courses: Vec<usize> = positions
            .filter(|(_, course)| changed(&course.folder))
            .map(|(position, _)| position)
            .collect();
        let is_of_course =
            |path: &String| folders.iter().any(|folder| is_below(path, &folder.path));
        self.drafts = self.unpublished.extract_if(.., is_of_course).collect();
        self.unreadable.extend(gathered.unreadable);
        (!courses.is_empty()).then_some(Preview {
            model: self,
            courses,
        })
    }
}
