//! "Did you mean": the nearest of the names that exist.

/// The candidate nearest to `name`, if it is near enough to be meant: at most a third of it is different.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let most = (name.chars().count() / 3).clamp(1, 8);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The path whose file name is nearest to that of `path`; of several, the one in the nearest folder.
pub(crate) fn nearest_path<'a>(
    path: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let name = file_name(path);
    let most = (name.chars().count() / 3).clamp(1, 8);
    candidates
        .into_iter()
        .map(|candidate| {
            (
                distance(name, file_name(candidate)),
                distance(path, candidate),
                candidate,
            )
        })
        .filter(|(distance, ..)| *distance <= most)
        .min()
        .map(|(.., candidate)| candidate)
}

fn distance(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(&a.to_lowercase(), &b.to_lowercase())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `did you mean "x"?`, or what to say when nothing is near.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(name, candidates) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_be_meant_is_named() {
        let keys = ["title", "summary", "prices"];
        assert_eq!(nearest("titel", keys), Some("title"));
        assert_eq!(nearest("Summary", keys), Some("summary"));
        assert_eq!(nearest("foo", keys), None);
    }

    #[test]
    fn paths_are_compared_by_file_name_first() {
        let paths = [
            "a/01-start/01-welcome.md",
            "b/01-start/01-welcome.md",
            "b/01-start/module.md",
        ];
        assert_eq!(
            nearest_path("b/01-start/01-welcom.md", paths),
            Some("b/01-start/01-welcome.md")
        );
        assert_eq!(
            nearest_path("b/02-more/01-welcome.md", paths),
            Some("b/01-start/01-welcome.md")
        );
        assert_eq!(nearest_path("b/01-start/nowhere.md", paths), None);
    }
}
