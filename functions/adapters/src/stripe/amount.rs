//! ISO 4217 minor units, in which the shop reckons, to the units of Stripe's API and back.
//!
//! They are the same but for three currencies (Stripe, "Supported currencies", zero-decimal
//! currencies and special cases): ISK and UGX have no decimals, yet Stripe wants two, always 00;
//! MGA has a fifth as its subunit, listed with two decimals by ISO, with none by Stripe.

use tuition_catalog::{Currency, Money};

/// The amount as Stripe wants it; `None` if Stripe can't express it.
pub(super) fn to_stripe(money: Money) -> Option<i64> {
    match money.currency.code() {
        "ISK" | "UGX" => money.amount.checked_mul(100),
        "MGA" => whole_hundreds(money.amount),
        _ => Some(money.amount),
    }
}

/// Minor units of `currency` from an amount of Stripe's; `None` for a fraction that the currency
/// doesn't have.
pub(super) fn from_stripe(amount: i64, currency: Currency) -> Option<i64> {
    match currency.code() {
        "ISK" | "UGX" => whole_hundreds(amount),
        "MGA" => amount.checked_mul(100),
        _ => Some(amount),
    }
}

fn whole_hundreds(amount: i64) -> Option<i64> {
    (amount % 100 == 0).then_some(amount / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripe_asks_for_what_the_shop_means() {
        for (code, minor, at_stripe) in [
            ("USD", 4900, Some(4900)),
            ("JPY", 4900, Some(4900)),
            ("KWD", 4900, Some(4900)),
            ("ISK", 4900, Some(490_000)),
            ("UGX", 4900, Some(490_000)),
            ("MGA", 4900, Some(49)),
            ("MGA", 4950, None),
        ] {
            let currency: Currency = code.parse().unwrap();
            let money = Money {
                amount: minor,
                currency,
            };
            assert_eq!(to_stripe(money), at_stripe, "{code}");
            if let Some(amount) = at_stripe {
                assert_eq!(from_stripe(amount, currency), Some(minor), "{code}");
            }
        }
    }
}
