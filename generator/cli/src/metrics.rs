//! `tuition report`, `tuition metrics` and `tuition demo-data`: figures of what learners do, think and pay.

mod input;
mod progress;
mod report;
mod tables;

pub(crate) use report::run as report;
