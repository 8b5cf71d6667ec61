//! Files as the author wrote them: paths sorted out, front matter read, every field with its place.
//!
//! Nothing here knows what two files mean to each other; that is `model`.

pub(crate) mod checks;
mod comments_table;
pub(crate) mod course_file;
pub(crate) mod fields;
mod foreign;
pub(crate) mod front_matter;
pub(crate) mod git_table;
pub(crate) mod metrics_table;
pub(crate) mod name;
pub(crate) mod node;
pub(crate) mod offers_file;
pub(crate) mod page_file;
pub(crate) mod price;
pub(crate) mod site_file;
pub(crate) mod tests_table;
pub(crate) mod toml;
pub(crate) mod tree;
pub(crate) mod yaml;
