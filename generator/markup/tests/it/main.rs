//! The crate from outside: notation to HTML, and texts that want to do harm.

#![expect(clippy::unwrap_used, reason = "a test that fails here says where")]

mod hostile;
mod manual;
mod notation;
mod spec;

use tuition_markup::{Options, Reference, Target, no_includes, render};

/// Renders with links left as they are.
fn html(text: &str) -> String {
    render(
        text,
        &Options::default(),
        &|_: &Reference| -> Option<Target> { None },
        &no_includes,
    )
    .html
}
