//! Whether to use colours, and which. Asks no environment: it is told.

use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// What the environment says about colours.
#[derive(Debug, Default, Clone, Copy)]
pub struct Surroundings<'a> {
    pub no_color: Option<&'a OsStr>,
    pub term: Option<&'a OsStr>,
}

/// Whether to send colours to a stream that is a terminal, or isn't.
pub fn wanted(
    choice: ColorChoice,
    around: Surroundings<'_>,
    is_terminal: bool,
) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            is_terminal
                && around.no_color.is_none_or(OsStr::is_empty)
                && around.term.is_none_or(|term| term != "dumb")
        }
    }
}

/// Paints, or doesn't.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    pub colors: bool,
}

/// What a piece of text is, not what it looks like.
#[derive(Debug, Clone, Copy)]
pub enum Role {
    Heading,
    Error,
    Hint,
}

impl Style {
    pub fn paint<T: Display>(self, role: Role, text: T) -> Painted<T> {
        let code = match role {
            Role::Heading => "1",
            Role::Error => "1;31",
            Role::Hint => "36",
        };
        let code = self.colors.then_some(code);
        Painted { code, text }
    }
}

pub struct Painted<T> {
    code: Option<&'static str>,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "\x1b[{code}m{}\x1b[0m", self.text),
            None => self.text.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_whose_owner_does_not_mind() {
        let plain = Surroundings::default();
        let with = |no_color: &'static str, term: &'static str| Surroundings {
            no_color: Some(OsStr::new(no_color)),
            term: Some(OsStr::new(term)),
        };
        let auto = ColorChoice::Auto;
        assert!(wanted(auto, plain, true));
        assert!(!wanted(auto, plain, false));
        assert!(!wanted(auto, with("1", "xterm"), true));
        assert!(!wanted(auto, with("0", "xterm"), true));
        assert!(wanted(auto, with("", "xterm"), true));
        assert!(!wanted(auto, with("", "dumb"), true));
    }

    #[test]
    fn an_option_beats_everything_around() {
        let around = Surroundings {
            no_color: Some(OsStr::new("1")),
            term: Some(OsStr::new("dumb")),
        };
        for is_terminal in [true, false] {
            assert!(wanted(ColorChoice::Always, around, is_terminal));
            assert!(!wanted(
                ColorChoice::Never,
                Surroundings::default(),
                is_terminal
            ));
        }
    }
}
