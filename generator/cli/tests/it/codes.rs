//! The manual names every code that a finding can have.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

const MANUAL: &str =
    include_str!("../../../../content/courses/publishing-with-tuition/03-keeping/01-checks.md");

/// Calls that take a code, and at which position. A call by another name is found by the tests that print its code.
const CALLS: [(&str, usize); 10] = [
    ("error", 0),
    ("error", 1),
    ("file", 1),
    ("broken", 0),
    ("complain", 0),
    ("note", 1),
    ("line", 2),
    ("problem", 0),
    ("kind", 2),
    ("text", 3),
];

#[test]
fn the_manual_explains_every_code_and_no_other() {
    let explained: BTreeSet<String> = MANUAL
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(code, _)| code.to_owned())
        .collect();
    let mut used = BTreeSet::new();
    for part in ["markup", "site", "cli"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(part);
        for file in files(&root.join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("rs") => collect(text.parse().unwrap(), &mut used),
                _ => printed(&text, &mut used),
            }
        }
        for file in files(&root.join("tests")) {
            if let Ok(text) = fs::read_to_string(&file) {
                printed(&text, &mut used);
            }
        }
    }
    assert!(used.len() > 60, "{used:?}");
    let missing: Vec<_> = used.difference(&explained).collect();
    let unused: Vec<_> = explained.difference(&used).collect();
    assert!(
        missing.is_empty() && unused.is_empty(),
        "not explained: {missing:?}; not used: {unused:?}"
    );
}

#[test]
fn the_manual_says_which_codes_have_a_level() {
    let table = include_str!("../../../site/src/load/checks.rs");
    let levels: BTreeSet<(String, String)> = table
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\"")?.split_once("\", Level::"))
        .map(|(code, level)| (code.to_owned(), level.trim_end_matches("),").to_lowercase()))
        // The levels themselves stand there, too.
        .filter(|(code, level)| code != level)
        .collect();
    let explained: BTreeSet<(String, String)> = MANUAL
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter_map(|(code, rest)| Some((code.to_owned(), rest.split_once(" |")?.0.to_owned())))
        .filter(|(_, level)| level != "–")
        .collect();
    assert!(levels.len() > 20);
    assert_eq!(levels, explained);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(path),
        }
    }
    files
}

/// Codes as a terminal shows them: `error[link]`.
fn printed(text: &str, found: &mut BTreeSet<String>) {
    for severity in ["error[", "warning["] {
        for (at, _) in text.match_indices(severity) {
            let rest = &text[at + severity.len()..];
            let code = rest.split(']').next().unwrap_or_default();
            if is_code(code) && rest[code.len()..].starts_with("]: ") {
                found.insert(code.to_owned());
            }
        }
    }
}

/// Codes in Rust: arguments of the calls above, and fields named `code`. Tests are passed over.
fn collect(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [
                TokenTree::Ident(word),
                TokenTree::Ident(name),
                TokenTree::Group(_),
                ..,
            ] if word == "mod" && name == "tests" => {
                at += 2;
            }
            [TokenTree::Ident(name), TokenTree::Group(group), ..]
                if group.delimiter() == Delimiter::Parenthesis =>
            {
                arguments(&name.to_string(), group, found);
            }
            [
                TokenTree::Ident(name),
                TokenTree::Punct(colon),
                TokenTree::Literal(literal),
                ..,
            ] if name == "code" && colon.as_char() == ':' => {
                found.extend(code(&literal.to_string()));
            }
            [TokenTree::Group(group), ..] => collect(group.stream(), found),
            _ => {}
        }
        at += 1;
    }
}

fn arguments(callee: &str, group: &Group, found: &mut BTreeSet<String>) {
    let mut position = 0;
    let mut argument: Vec<TokenTree> = Vec::new();
    let mut take = |position: usize, argument: &mut Vec<TokenTree>| {
        if let [TokenTree::Literal(literal)] = argument.as_slice()
            && CALLS.contains(&(callee, position))
        {
            found.extend(code(&literal.to_string()));
        }
        argument.clear();
    };
    for token in group.stream() {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                take(position, &mut argument);
                position += 1;
            }
            _ => argument.push(token),
        }
    }
    take(position, &mut argument);
}

fn code(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    is_code(inner).then(|| inner.to_owned())
}

fn is_code(text: &str) -> bool {
    text.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}
