//! Translations whose original went on without them, as far as the history of the files tells.

use crate::{
    Files,
    diagnostic::Diagnostic,
    history::{Commits, History, LONGEST},
    load::{name::Name, site_file},
    model::Model,
};

pub(super) fn check(model: &Model, files: &Files, report: &mut Vec<Diagnostic>) {
    let commits = match model.history.as_ref() {
        History::None => return,
        History::Shallow => {
            let message = "the repository was cloned without its history: no page can tell when it was changed";
            let hint =
                "fetch all of it: git fetch --unshallow, or fetch-depth: 0 for actions/checkout";
            return report.push(
                Diagnostic::file(site_file::PATH, "shallow-history", message, hint).into_warning(),
            );
        }
        History::Unreadable(why) => {
            let message = format!("git can't read the history of the site: {why}");
            let hint = "no page can tell when it was changed";
            return report.push(
                Diagnostic::file(site_file::PATH, "unreadable-history", message, hint)
                    .into_warning(),
            );
        }
        History::Known(commits) => commits,
    };
    if !model.site.checks.is_on("stale-translation") {
        return;
    }
    let translations = files
        .keys()
        .filter(|path| !model.unpublished.contains(*path));
    report.extend(translations.filter_map(|path| {
        let original = original(path, &model.site.languages)?;
        files.contains_key(&original).then_some(())?;
        stale(path, &original, commits)
    }));
}

/// The file that a file is a translation of.
fn original(path: &str, languages: &[String]) -> Option<String> {
    let (folder, file) = path.rsplit_once('/')?;
    let name = Name::markdown(file).filter(|_| folder.starts_with("content/"))?;
    let language = name.language?;
    languages
        .contains(&language)
        .then(|| format!("{folder}/{}.md", name.stem))
}

fn stale(path: &str, original: &str, commits: &Commits) -> Option<Diagnostic> {
    let (last, translated) = commits.of(path).next()?;
    let newer = commits
        .of(original)
        .take_while(|(position, _)| *position < last);
    let (count, changed) = (newer.count(), commits.last_change(original)?);
    let times = match count {
        0 => return None,
        1 => "once".to_owned(),
        LONGEST.. => format!("{LONGEST} times or more"),
        count => format!("{count} times"),
    };
    let date = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
    let message = format!(
        "the original was changed {times} since: it is of {}, this translation of {}",
        date(changed),
        date(translated.at)
    );
    let hint =
        format!("bring it up to date with {original}; a commit that changes it ends this warning");
    Some(Diagnostic::file(path, "stale-translation", message, hint).into_warning())
}
