//! What must hold for whatever an author writes, in words that a fuzzer can run. `cargo task audit fuzz` does.
//!
//! A broken promise is a panic, and so is a bug. Panics inside the readers of formulas and diagrams are none of ours:
//! the generator turns them into a mistake of the author's, and here they are passed over.

#![warn(missing_docs)]

mod balance;
mod body;
mod site;

pub use body::check as check_body;
pub use site::{Part, check as check_site};

/// Crates whose panics the generator catches.
const CAUGHT: [&str; 2] = ["/katex-rs-", "/mermaid-svg-"];

/// Ends the process on a panic, so that the fuzzer sees it, unless it is one that the generator catches.
pub fn init() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let file = panic.location().map_or("", |location| location.file());
        if !CAUGHT.iter().any(|name| file.contains(name)) {
            report(panic);
        }
    }));
}
