//! Help, manual page and completions: all made from the table of options.

use std::fmt::Write;

use crate::options::{OPTIONS, Spec, Value};

const SUMMARY: &str = "Count code, comments and blank lines, by language.";
const USAGE: &str = "tally [OPTIONS] [PATH]...";
const PATHS: &str =
    "A PATH is a file or a folder; without one, the current folder is counted.";

pub fn help() -> String {
    let mut text =
        format!("{SUMMARY}\n\nUsage: {USAGE}\n\n{PATHS}\n\nOptions:\n");
    let left = |spec: &Spec| {
        let short = spec.short.map_or("    ".to_owned(), |s| format!("{s}, "));
        format!("{short}{} {}", spec.name, spec.value.name())
    };
    let rows: Vec<(String, String)> = OPTIONS
        .iter()
        .map(|spec| (left(spec), right(spec)))
        .chain([(
            "    --".to_owned(),
            "everything after this is a path, dash or not".to_owned(),
        )])
        .collect();
    let width = rows.iter().map(|row| row.0.trim_end().len()).max();
    let width = width.unwrap_or(0);
    for (left, right) in rows {
        let _ = writeln!(text, "  {:<width$}  {right}", left.trim_end());
    }
    text
}

/// What the help says, with the words that are possible.
fn right(spec: &Spec) -> String {
    match spec.value {
        Value::Word(_, words) => {
            format!("{} [{}]", spec.help, words.join(", "))
        }
        _ => spec.help.to_owned(),
    }
}

/// In the language of man(7).
pub fn man() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH TALLY 1 \"\" \"tally {version}\"\n");
    let mut section = |title: &str, lines: &[&str]| {
        let _ = writeln!(page, ".SH {title}");
        for line in lines {
            let _ = writeln!(page, "{}", roff(line));
        }
    };
    section("NAME", &["tally - count lines of code by language"]);
    section("SYNOPSIS", &[USAGE]);
    section("DESCRIPTION", &[SUMMARY, PATHS]);
    section("OPTIONS", &[]);
    for spec in &OPTIONS {
        page.push_str(".TP\n");
        let names = spec.short.into_iter().chain([spec.name]);
        let names: Vec<String> = names
            .map(|name| format!("\\fB{}\\fR", roff(name)))
            .collect();
        let value = match spec.value.name() {
            "" => String::new(),
            name => format!(" \\fI{name}\\fR"),
        };
        let _ = writeln!(page, "{}{value}", names.join(", "));
        let _ = writeln!(page, "{}.", roff(&right(spec)));
        if !spec.more.is_empty() {
            let _ = writeln!(page, "{}", roff(spec.more));
        }
    }
    page.push_str(EPILOGUE);
    page
}

/// What can't be taken for an order to the typesetter.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}

const EPILOGUE: &str = r#".SH EXIT STATUS
.TP
.B 0
Everything asked for was done.
.TP
.B 1
Something could not be done; a message says what.
.TP
.B 2
The command or the settings made no sense, and nothing was counted.
.SH ENVIRONMENT
.TP
.B NO_COLOR
When set and not empty, there are no colours unless
.B \-\-color
says so.
.SH FILES
.TP
.I .tally.toml
Settings of a project: sort, skip, and a table of extensions.
.TP
.I .gitignore
What to leave out, as git does.
"#;

pub fn bash() -> String {
    let mut cases = String::new();
    for spec in &OPTIONS {
        let reply = match spec.value {
            Value::None => continue,
            Value::File => "-f".to_owned(),
            Value::Number => "-W ''".to_owned(),
            Value::Word(_, words) => format!("-W '{}'", words.join(" ")),
        };
        let _ = writeln!(
            cases,
            "        {}) COMPREPLY=($(compgen {reply} -- \"$word\")) ;;",
            spec.name
        );
    }
    let names: Vec<&str> = OPTIONS.iter().map(|spec| spec.name).collect();
    BASH.replace("CASES", cases.trim_end())
        .replace("NAMES", &names.join(" "))
}

/// bash splits `--sort=name` into three words.
const BASH: &str = r#"_tally() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $before in
CASES
        *)
            if [[ $word == -* ]]; then
                COMPREPLY=($(compgen -W 'NAMES' -- "$word"))
            else
                COMPREPLY=($(compgen -f -- "$word"))
            fi ;;
    esac
}
complete -o filenames -F _tally tally
"#;

pub fn fish() -> String {
    let mut script = String::new();
    for spec in &OPTIONS {
        let name = spec.name.trim_start_matches('-');
        let _ = write!(script, "complete -c tally -l {name}");
        if let Some(short) = spec.short {
            let _ = write!(script, " -s {}", short.trim_start_matches('-'));
        }
        let _ = match spec.value {
            Value::None => Ok(()),
            Value::File => write!(script, " -r"),
            Value::Number => write!(script, " -x"),
            Value::Word(_, words) => {
                write!(script, " -x -a '{}'", words.join(" "))
            }
        };
        let _ = writeln!(script, " -d '{}'", spec.help);
    }
    script
}

pub fn zsh() -> String {
    let mut script = "#compdef tally\n_arguments -s \\\n".to_owned();
    for spec in &OPTIONS {
        let help = spec.help.replace('[', "\\[").replace(']', "\\]");
        let value = match spec.value {
            Value::None => String::new(),
            Value::File => ":FILE:_files".to_owned(),
            Value::Number => ":N: ".to_owned(),
            Value::Word(name, words) => {
                format!(":{name}:({})", words.join(" "))
            }
        };
        let equals = if value.is_empty() { "" } else { "=" };
        for name in [Some(spec.name), spec.short].into_iter().flatten() {
            let _ = writeln!(script, "  '{name}{equals}[{help}]{value}' \\");
        }
    }
    script.push_str("  '*:PATH:_files'\n");
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_everywhere() {
        for spec in &OPTIONS {
            let bare = spec.name.trim_start_matches('-');
            assert!(help().contains(spec.name));
            assert!(man().contains(&roff(spec.name)));
            assert!(bash().contains(spec.name));
            assert!(zsh().contains(&format!("'{}", spec.name)));
            assert!(fish().contains(&format!("-l {bare} ")));
        }
    }

    #[test]
    fn the_help_fits_into_eighty_columns() {
        for line in help().lines() {
            assert!(line.len() <= 80, "{line}");
        }
    }

    #[test]
    fn no_text_breaks_out_of_its_quotes() {
        for spec in &OPTIONS {
            assert!(!spec.help.contains('\''), "{}", spec.name);
        }
    }

    #[test]
    fn no_line_of_the_manual_is_an_order_by_accident() {
        assert_eq!(roff(".tally.toml"), "\\&.tally.toml");
        assert_eq!(roff("--sort"), "\\-\\-sort");
        assert_eq!(roff("a\\b"), "a\\eb");
        let orders = [".TH", ".SH", ".TP", ".B ", ".I "];
        for line in man().lines().filter(|line| line.starts_with(['.', '\''])) {
            assert!(orders.iter().any(|o| line.starts_with(o)), "{line}");
        }
    }
}
