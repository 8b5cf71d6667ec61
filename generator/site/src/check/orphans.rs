//! Pictures, videos and documents that no text refers to: forgotten, or their link is.

use super::UsedFiles;
use crate::{Files, diagnostic::Diagnostic, model::Model};

/// What stands beside texts only to be shown or linked. Code may be there for itself.
const MEDIA: [&str; 21] = [
    "avif", "gif", "jpeg", "jpg", "mp3", "mp4", "ogg", "opus", "pdf", "png", "pptx", "svg", "tif",
    "tiff", "vtt", "wav", "webm", "webp", "zip", "mov", "epub",
];

pub(super) fn check(model: &Model, files: &Files, used: &UsedFiles, report: &mut Vec<Diagnostic>) {
    if !model.site.checks.is_on("orphan-file") {
        return;
    }
    // A draft may use what stands beside it.
    let has_draft = |path: &str| {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        model
            .unpublished
            .iter()
            .chain(&model.unreadable)
            .any(|other| other.starts_with(folder) && !folder.is_empty())
    };
    for path in files.keys() {
        let is_media = path
            .rsplit_once('.')
            .is_some_and(|(_, extension)| MEDIA.contains(&extension.to_ascii_lowercase().as_str()));
        if path.starts_with("content/") && is_media && !used.contains(path) && !has_draft(path) {
            let hint = "link to it, or delete it";
            report.push(
                Diagnostic::file(path, "orphan-file", "no text refers to this file", hint)
                    .into_warning(),
            );
        }
    }
}
