//! The crate from outside: whole small sites, each in one text file, and what becomes of them.

mod archive;
mod diagnostics;
mod gated;
mod output;
mod support;
mod translations;
