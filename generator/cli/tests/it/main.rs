//! The binary from outside: what is written, printed and returned.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails here says where"
)]

mod build;
mod codes;
mod counts;
mod determinism;
mod external;
mod git;
mod ids;
mod import;
mod json;
mod new;
mod report;
mod sandbox;
mod test;
