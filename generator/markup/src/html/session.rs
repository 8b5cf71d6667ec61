//! What a terminal shows: prompts, commands and output told apart, so that a reader copies commands alone.

use crate::{
    escape::escape_text,
    highlight::{self, Highlighter},
};

/// Writes a session. Without any prompt all of it is output.
///
/// A line that begins with `$ `, `% `, `PS …> `, `C:\…> ` or `>>> ` is a command; after a backslash, a backtick or a
/// `>>> ` line the next may go on with it, with or without `> ` or `... `. All other lines are output.
pub(super) fn write(out: &mut String, code: &str) {
    let mut session = Session {
        out,
        is_output: false,
        command: None,
    };
    let has_prompt = code.lines().any(|line| prompt(line).is_some());
    for line in code.split_inclusive('\n') {
        match has_prompt {
            true => session.line(line),
            false => escape_text(session.out, line),
        }
    }
    session.end_output();
}

struct Session<'a> {
    out: &'a mut String,
    is_output: bool,
    /// The command that may go on in the next line.
    command: Option<Command>,
}

struct Command {
    highlighter: Highlighter,
    continuation: &'static str,
    /// Whether a line is one of the command even without the continuation's prompt.
    goes_on: bool,
}

impl Session<'_> {
    fn line(&mut self, line: &str) {
        if let Some((length, language, continuation)) = prompt(line) {
            let highlighter = Highlighter::new(highlight::find(language).unwrap_or_default());
            self.command = Some(Command {
                highlighter,
                continuation,
                goes_on: false,
            });
            return self.command_line(line, length);
        }
        let continued = self.command.as_ref().and_then(|command| {
            let bare = command.continuation.trim_end();
            let is_prompted = line.starts_with(command.continuation) || line.trim_end() == bare;
            match command.continuation {
                // `... ` goes on with whatever came before; `> ` only with what asked for more.
                "... " if is_prompted => {
                    Some(command.continuation.len().min(line.trim_end().len()))
                }
                "... " => None,
                _ if command.goes_on && is_prompted => Some(command.continuation.len()),
                _ if command.goes_on => Some(0),
                _ => None,
            }
        });
        match continued {
            Some(length) => self.command_line(line, length),
            None => {
                self.command = None;
                if !self.is_output {
                    self.out.push_str("<samp>");
                    self.is_output = true;
                }
                escape_text(self.out, line);
            }
        }
    }

    fn command_line(&mut self, line: &str, prompt: usize) {
        self.end_output();
        let (prompt, text) = line.split_at_checked(prompt).unwrap_or(("", line));
        if !prompt.is_empty() {
            self.out.push_str("<span class=\"p\">");
            escape_text(self.out, prompt);
            self.out.push_str("</span>");
        }
        if let Some(command) = &mut self.command {
            let html = command.highlighter.next(text);
            self.out.push_str(&html);
            command.goes_on = text.trim_end().ends_with(['\\', '`']);
        }
    }

    fn end_output(&mut self) {
        if std::mem::take(&mut self.is_output) {
            self.out.push_str("</samp>");
        }
    }
}

/// Length of the prompt that a line begins with, the language of what follows, and the prompt of lines that go on.
fn prompt(line: &str) -> Option<(usize, &'static str, &'static str)> {
    let line = line.strip_suffix('\n').unwrap_or(line);
    for (prompt, language, continuation) in [
        ("$ ", "bash", "> "),
        ("% ", "bash", "> "),
        (">>> ", "python", "... "),
    ] {
        if line.starts_with(prompt) {
            return Some((prompt.len(), language, continuation));
        }
    }
    let is_windows = line.starts_with("PS ")
        || matches!(line.as_bytes(), [drive, b':', b'\\', ..] if drive.is_ascii_uppercase());
    let end = line.find("> ").filter(|_| is_windows)?;
    Some((end + 2, "powershell", ">> "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(code: &str) -> String {
        let mut out = String::new();
        write(&mut out, code);
        out
    }

    #[test]
    fn prompts_commands_and_output_are_told_apart() {
        assert_eq!(
            html("$ echo \\\n> hi\nhi\n<b>\n$ ls\n"),
            "<span class=\"p\">$ </span><span class=\"f\">echo</span> \\\n\
             <span class=\"p\">&gt; </span>hi\n<samp>hi\n&lt;b&gt;\n</samp>\
             <span class=\"p\">$ </span><span class=\"f\">ls</span>\n"
        );
        assert_eq!(html("no prompt\n> x\n"), "no prompt\n&gt; x\n");
        assert_eq!(
            html("$ ls\n> quoted output\n"),
            "<span class=\"p\">$ </span><span class=\"f\">ls</span>\n<samp>&gt; quoted output\n</samp>"
        );
    }

    #[test]
    fn other_prompts_are_known() {
        let python = html(">>> for x in y:\n...     x\n...\n1\n");
        assert_eq!(python.matches("class=\"p\"").count(), 3, "{python}");
        assert!(python.ends_with("<samp>1\n</samp>"), "{python}");
        for line in ["PS C:\\x> dir\n", "C:\\> dir\n", "% ls\n"] {
            assert!(html(line).starts_with("<span class=\"p\">"), "{line}");
        }
        assert_eq!(html("#\n%\n$\n"), "#\n%\n$\n");
    }
}
