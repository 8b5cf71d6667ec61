//! What a `.tally.toml` says, and all that is wrong with it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::args::Sort;
use crate::ignore::Rule;
use crate::language::{self, Languages};
use crate::options;
use crate::suggest;
use crate::syntax::{self, Entry, Mistake, Spanned, Value};

pub const FILE_NAME: &str = ".tally.toml";

#[derive(Debug, Default)]
pub struct Config {
    /// What works still, and will not for ever.
    pub remarks: Vec<Mistake>,
    pub sort: Option<Sort>,
    /// What to leave out, by the rules of `.gitignore`.
    pub skip: Vec<Rule>,
    pub languages: Languages,
}

/// The nearest configuration file in `folder` or above it.
pub fn find(folder: &Path) -> Option<PathBuf> {
    let mut files = folder.ancestors().map(|above| above.join(FILE_NAME));
    files.find(|file| file.is_file())
}

/// What `text` says; or all mistakes in it, in the order of their places.
pub fn read(text: &str) -> Result<Config, Vec<Mistake>> {
    let (entries, mut mistakes) = syntax::parse(text);
    let mut config = Config::default();
    let mut seen = HashSet::new();
    for entry in entries {
        let name = (entry.table.clone(), entry.key.value.clone());
        let result = if seen.insert(name) {
            config.set(entry)
        } else {
            let what = format!("{} is set twice", entry.key.value);
            Err(Mistake::new(entry.key.span, what))
        };
        mistakes.extend(result.err());
    }
    mistakes.sort_by_key(|mistake| mistake.span.start);
    if mistakes.is_empty() {
        Ok(config)
    } else {
        Err(mistakes)
    }
}

const KEYS: [&str; 2] = ["sort", "skip"];

impl Config {
    fn set(&mut self, entry: Entry) -> Result<(), Mistake> {
        let Entry { table, key, value } = entry;
        match (table.as_str(), key.value.as_str()) {
            ("", "sort") => {
                let word = self.renewed("--sort", text(value)?);
                self.sort = Some(sort(word)?);
            }
            ("", "skip") => self.skip = rules(list(value)?)?,
            ("", "threads") => {
                return Err(Mistake::new(
                    key.span,
                    "threads is no matter of the project",
                )
                .with_hint(
                    "each machine knows its cores; use --threads to override",
                ));
            }
            ("", _) => return Err(unknown(key, "setting", KEYS)),
            ("extensions", _) => {
                let extension = extension(key)?;
                let language = language(text(value)?)?;
                self.languages.set(extension, language);
            }
            _ => {
                return Err(Mistake::new(
                    key.span,
                    format!("there is no table [{table}]"),
                )
                .with_hint("the one table is [extensions]"));
            }
        }
        Ok(())
    }

    // ANCHOR: renewed
    /// The new word for an old one, and a remark about it.
    fn renewed(
        &mut self,
        option: &str,
        word: Spanned<String>,
    ) -> Spanned<String> {
        let Some(old) = options::old_word(option, &word.value) else {
            return word;
        };
        let what = format!("{:?} is called {:?} now", old.old, old.new);
        let remark = Mistake::new(word.span.clone(), what);
        self.remarks.push(remark.with_hint(old.hint()));
        let value = old.new.to_owned();
        Spanned { value, ..word }
    }
    // ANCHOR_END: renewed
}

fn sort(text: Spanned<String>) -> Result<Sort, Mistake> {
    Sort::named(&text.value).ok_or_else(|| {
        unknown(text, "order", Sort::NAMES.map(|(name, _)| name))
    })
}

fn language(
    text: Spanned<String>,
) -> Result<&'static language::Language, Mistake> {
    language::named(&text.value)
        .ok_or_else(|| unknown(text, "language", language::names()))
}

fn extension(key: Spanned<String>) -> Result<String, Mistake> {
    match key.value.strip_prefix('.') {
        Some(bare) => {
            let hint = format!("write {bare:?}");
            let what = "an extension is written without its dot";
            Err(Mistake::new(key.span, what).with_hint(hint))
        }
        None => Ok(key.value),
    }
}

/// `text` is none of the words that could stand there.
fn unknown<'a>(
    text: Spanned<String>,
    kind: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Mistake {
    let known: Vec<&str> = known.into_iter().collect();
    // Of a few words the best guess is no better than all of them.
    let near = suggest::nearest(&text.value, known.iter().copied());
    let hint = match near.filter(|_| known.len() > 3) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are: {}", known.join(", ")),
    };
    let what = format!("unknown {kind} {:?}", text.value);
    Mistake::new(text.span, what).with_hint(hint)
}

fn text(value: Value) -> Result<Spanned<String>, Mistake> {
    match value {
        Value::Text(text) => Ok(text),
        Value::List(_, span) => {
            Err(Mistake::new(span, "one string is expected, not a list"))
        }
    }
}

/// In a file of ours, a pattern that can't match is a mistake.
fn rules(items: Vec<Spanned<String>>) -> Result<Vec<Rule>, Mistake> {
    let mut rules = Vec::new();
    for Spanned { value, span } in items {
        match Rule::parse(value.as_bytes()) {
            Ok(rule) => rules.extend(rule),
            Err(what) => return Err(Mistake::new(span, what)),
        }
    }
    Ok(rules)
}

fn list(value: Value) -> Result<Vec<Spanned<String>>, Mistake> {
    match value {
        Value::List(items, _) => Ok(items),
        Value::Text(text) => {
            let hint = format!("[{:?}] is a list of one", text.value);
            let what = "a list is expected, not a string";
            Err(Mistake::new(text.span, what).with_hint(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each mistake as the text that it points at, what it says, the hint.
    fn mistakes(text: &str) -> Vec<(&str, String, String)> {
        let shown = |mistake: Mistake| {
            let hint = mistake.hint.unwrap_or_default();
            (&text[mistake.span], mistake.what, hint)
        };
        let all = read(text).err().unwrap_or_default();
        all.into_iter().map(shown).collect()
    }

    fn check(text: &str, at: &str, what: &str, hint: &str) {
        let expected = (at, what.to_owned(), hint.to_owned());
        assert_eq!(mistakes(text), [expected], "in {text:?}");
    }

    #[test]
    fn every_mistake_points_at_its_word_and_says_what_to_do() {
        check(
            "sotr = \"name\"",
            "sotr",
            "unknown setting \"sotr\"",
            "there are: sort, skip",
        );
        check(
            "sort = \"date\"",
            "\"date\"",
            "unknown order \"date\"",
            "there are: code, name",
        );
        check(
            "skip = \"target\"",
            "\"target\"",
            "a list is expected, not a string",
            "[\"target\"] is a list of one",
        );
        check(
            "[extensions]\nh = \"C+\"",
            "\"C+\"",
            "unknown language \"C+\"",
            "did you mean C?",
        );
        check(
            "[extensions]\n\".h\" = \"C\"",
            "\".h\"",
            "an extension is written without its dot",
            "write \"h\"",
        );
    }

    #[test]
    fn what_can_not_be_set_is_said() {
        check(
            "threads = \"4\"",
            "threads",
            "threads is no matter of the project",
            "each machine knows its cores; use --threads to override",
        );
        check("skip = ['a', '[b']", "'[b'", "a [ without its ]", "");
        check("sort = []", "[]", "one string is expected, not a list", "");
        check(
            "sort = \"name\"\nsort = \"code\"",
            "sort",
            "sort is set twice",
            "",
        );
        check(
            "[colors]\nred = \"blue\"",
            "red",
            "there is no table [colors]",
            "the one table is [extensions]",
        );
    }

    #[test]
    fn all_mistakes_come_in_the_order_of_their_places() {
        let text = "skpi = []\nsort \"name\"\n[extensions]\nh = \"D\"\n";
        let places: Vec<&str> =
            mistakes(text).into_iter().map(|(at, ..)| at).collect();
        assert_eq!(places, ["skpi", "\"", "\"D\""]);
    }

    #[test]
    fn what_is_right_is_taken() {
        let text = "sort = \"name\"\nskip = ['target']\n\
                    [extensions]\nH = \"C++\"\n";
        let config = read(text).unwrap();
        assert_eq!(config.sort, Some(Sort::Name));
        assert_eq!(config.skip.len(), 1);
        let header = config.languages.of(Path::new("a.h")).unwrap();
        assert_eq!(header.name, "C++");
    }
}
