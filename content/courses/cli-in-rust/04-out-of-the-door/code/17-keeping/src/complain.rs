//! The one place that talks to the person at the terminal.

use std::error::Error;
use std::io::{self, Write};

use crate::style::{Role, Style};

/// One line for the error and its causes, one for what to do about it.
/// When nobody can be told, there is nobody to tell that to either.
pub fn complain(style: Style, error: &dyn Error, hint: Option<&str>) {
    say(style, Role::Error, error, hint);
}

/// The same for what is no error yet.
pub fn remark(style: Style, remark: &dyn Error, hint: Option<&str>) {
    say(style, Role::Hint, remark, hint);
}

fn say(style: Style, role: Role, error: &dyn Error, hint: Option<&str>) {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    let tally = style.paint(role, "tally:");
    let mut text = format!("{tally} {message}\n");
    if let Some(hint) = hint {
        let label = style.paint(Role::Hint, "hint:");
        text.push_str(&format!("  {label} {hint}\n"));
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
