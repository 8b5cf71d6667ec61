//! The crate from outside: whole small sites, each in one text file, and what becomes of them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails here says where"
)]

mod archive;
mod diagnostics;
mod drafts;
mod found;
mod gated;
mod hostile;
mod output;
mod past;
mod redirects;
mod samples;
mod support;
mod translations;
