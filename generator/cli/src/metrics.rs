//! `tuition report`, `tuition metrics` and `tuition demo-data`: figures of what learners do, think and pay.

mod demo;
mod export;
mod input;
mod progress;
mod report;
mod stage;
mod tables;

pub(crate) use demo::run as demo_data;
pub(crate) use export::run as export;
pub(crate) use report::run as report;
