//! The domain's ports for real: DynamoDB, Stripe, SES, the catalog file, the machine's clock and
//! chance; the configuration they need, and how they are put together.
//!
//! Knows no HTTP route and takes no business decision. The other end of the wire may be a
//! stand-in: at stage `local`, and at no other, the configuration may point at loopback.

mod assemble;
pub mod aws;
mod catalog;
mod causes;
pub mod config;
mod machine;
mod ses;
mod stripe;
mod table;

pub use assemble::{
    Outside, OutsideError, access_ports, checkout_ports, comment_ports, metric_ports, tokens,
};
pub use catalog::{CatalogFileError, FileCatalog, SharedCatalog};
pub use machine::{OsEntropy, SystemClock};
pub use ses::{SesMailer, feedback};
pub use stripe::{StripePayments, StripeSetupError};
pub use table::{Table, TableNames};
