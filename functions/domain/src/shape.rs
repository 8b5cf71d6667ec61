//! How types of the catalog are written, for the interface's description: that crate knows no
//! description.

use utoipa::ToSchema;

/// Ids of courses, or `*` for every course, those to come too.
#[derive(ToSchema)]
#[serde(untagged)]
#[schema(as = Courses)]
pub enum CoursesShape {
    /// Those.
    Listed(Vec<String>),
    /// All.
    All(Star),
}

/// All.
#[derive(ToSchema)]
pub enum Star {
    /// `*`
    #[serde(rename = "*")]
    Star,
}

/// An amount of money.
#[derive(ToSchema)]
#[schema(as = Money)]
pub struct MoneyShape {
    /// Minor units: 4900 is $49.00, and ¥4900 in JPY.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: String,
}
