//! The rules of `.gitignore` files: which paths a project leaves out.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::glob::Pattern;

pub const FILE_NAME: &str = ".gitignore";

/// The rules of one folder, and behind them those of the folders above.
#[derive(Debug)]
pub struct Ignores {
    folder: PathBuf,
    rules: Vec<Rule>,
    above: Option<Rc<Ignores>>,
}

#[derive(Debug)]
pub struct Rule {
    pattern: Pattern,
    /// `!pattern`: what it matches stays.
    keeps: bool,
    /// `pattern/`: matches folders only.
    folders_only: bool,
}

impl Ignores {
    pub fn new(
        folder: &Path,
        rules: Vec<Rule>,
        above: Option<Rc<Ignores>>,
    ) -> Self {
        let folder = folder.to_owned();
        Self {
            folder,
            rules,
            above,
        }
    }

    /// The last rule that matches decides, and the deepest file comes last.
    pub fn leaves_out(&self, path: &Path, is_folder: bool) -> bool {
        let below = path.strip_prefix(&self.folder).unwrap_or(path);
        let names: Vec<&[u8]> =
            below.iter().map(|name| name.as_encoded_bytes()).collect();
        let mut rules = self.rules.iter().rev();
        match rules.find(|rule| rule.matches(&names, is_folder)) {
            Some(rule) => !rule.keeps,
            None => match &self.above {
                Some(above) => above.leaves_out(path, is_folder),
                None => false,
            },
        }
    }
}

impl Rule {
    /// One line; `None` for a comment or nothing at all.
    pub fn parse(line: &[u8]) -> Result<Option<Self>, &'static str> {
        let line = trim_end(line);
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(None);
        }
        let (keeps, line) = match line.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let (folders_only, line) = match line.strip_suffix(b"/") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        // A slash, except at the end, ties the pattern to this folder.
        let anchored = line.contains(&b'/');
        let line = line.strip_prefix(b"/").unwrap_or(line);
        Ok(Some(Self {
            pattern: Pattern::parse(line, anchored)?,
            keeps,
            folders_only,
        }))
    }

    fn matches(&self, names: &[&[u8]], is_folder: bool) -> bool {
        (is_folder || !self.folders_only) && self.pattern.matches(names)
    }
}

/// Without blanks at the end, unless the last one is quoted by a backslash.
fn trim_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut end = line.len();
    while end > 0 && line[end - 1] == b' ' {
        end -= 1;
    }
    let slashes = line[..end].iter().rev().take_while(|byte| **byte == b'\\');
    if end < line.len() && slashes.count() % 2 == 1 {
        end += 1;
    }
    &line[..end]
}

/// The rules for what is in `folder`, when those from above are known.
/// Without a file of its own these are the ones from above.
pub fn in_folder(
    folder: &Path,
    above: Option<Rc<Ignores>>,
) -> io::Result<Option<Rc<Ignores>>> {
    let text = match fs::read(folder.join(FILE_NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(above),
        Err(error) => return Err(error),
    };
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    let lines = text.split(|byte| *byte == b'\n');
    // Like git, we say nothing about a line that is no pattern.
    let rules = lines.filter_map(|line| Rule::parse(line).ok().flatten());
    let ignores = Ignores::new(folder, rules.collect(), above);
    Ok(Some(Rc::new(ignores)))
}

/// The rules that come from above `folder`: from the top of its repository
/// down to its parent. None outside of a repository.
pub fn above_folder(folder: &Path) -> io::Result<Option<Rc<Ignores>>> {
    if folder.join(".git").exists() {
        return Ok(None);
    }
    let mut above: Vec<&Path> = Vec::new();
    for parent in folder.ancestors().skip(1) {
        above.push(parent);
        if parent.join(".git").exists() {
            let mut ignores = None;
            for folder in above.into_iter().rev() {
                ignores = in_folder(folder, ignores)?;
            }
            return Ok(ignores);
        }
    }
    Ok(None)
}
