//! `cargo task audit book PATH`: a whole book of mdBook, imported and built, holds as many headings, code blocks, tables,
//! footnotes and images as its chapters do. The book is given by path; none is part of the project.

use std::path::Path;

use crate::report::{self, Report};
use crate::workspace::Workspace;

/// One step; the counts are printed.
pub(crate) fn audit(workspace: &Workspace, book: &str, report: &mut Report) {
    report.step("a book has as many of everything as its source", || {
        let book = Path::new(book);
        let book = book
            .canonicalize()
            .map_err(|error| format!("{}: {error}", book.display()))?;
        report::run(
            workspace
                .cargo(["test", "--package=tuition", "--test=it", "--locked"])
                .args(["--", "--ignored", "--nocapture", "the_book_of_tuition_book"])
                .env("TUITION_BOOK", book),
        )
    });
}
