//! An exact amount in one currency. Floats never touch it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Currency;

/// An amount in minor units (cents) of a currency; negative only for refunds and corrections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: 4900 is $49.00, ¥4900 in JPY.
    pub amount: i64,
    /// The currency the minor units are of.
    pub currency: Currency,
}

/// Why a decimal text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Nothing was written.
    #[error("the amount is empty")]
    Empty,
    /// Something else than digits and one point: a sign, an exponent, a comma, a space.
    #[error("\"{text}\" is not an amount: write digits and a point")]
    Shape {
        /// What was written.
        text: String,
    },
    /// More decimals than the currency has.
    #[error("\"{text}\" has too many decimals: {found}, and {currency} has {allowed}")]
    Decimals {
        /// What was written.
        text: String,
        /// The currency.
        currency: Currency,
        /// Decimals in the text.
        found: usize,
        /// Decimals of the currency.
        allowed: u32,
    },
    /// More than a price can be.
    #[error("\"{text}\" is too large for a price")]
    TooLarge {
        /// What was written.
        text: String,
    },
}

/// Eight digits of minor units are the most that Stripe takes for an amount.
const LARGEST: i64 = 99_999_999;

impl Money {
    /// Reads a price as an author writes it: `"49.00"`, `"49"`, `"4900"` for JPY.
    ///
    /// # Errors
    /// [`MoneyError`] for an empty text, signs, exponents, separators, missing digits around the point, more
    /// decimals than the currency has, and amounts over 99,999,999 minor units (the most Stripe takes).
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let shape = || MoneyError::Shape {
            text: text.to_owned(),
        };
        if text.is_empty() {
            return Err(MoneyError::Empty);
        }
        let (whole, decimals) = match text.split_once('.') {
            Some((_, "")) => return Err(shape()),
            Some(parts) => parts,
            None => (text, ""),
        };
        let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(decimals) {
            return Err(shape());
        }
        let allowed = currency.exponent();
        let missing = usize::try_from(allowed)
            .ok()
            .and_then(|allowed| allowed.checked_sub(decimals.len()));
        let Some(missing) = missing else {
            return Err(MoneyError::Decimals {
                text: text.to_owned(),
                currency,
                found: decimals.len(),
                allowed,
            });
        };
        let minor = format!("{whole}{decimals}{}", "0".repeat(missing));
        match minor.parse::<i64>() {
            Ok(amount) if amount <= LARGEST => Ok(Self { amount, currency }),
            _ => Err(MoneyError::TooLarge {
                text: text.to_owned(),
            }),
        }
    }

    /// The amount as a plain decimal, as [`Money::parse`] reads it: `49.00`, `4900` for JPY.
    #[must_use]
    pub fn decimal(&self) -> String {
        let (whole, fraction) = self.split();
        let sign = if self.amount < 0 { "-" } else { "" };
        format!("{sign}{whole}{fraction}")
    }

    /// Whole units, and the decimals with their point (empty without minor units); both without a sign.
    fn split(&self) -> (u64, String) {
        let exponent = self.currency.exponent();
        let unit = 10_u64.pow(exponent);
        let minor = self.amount.unsigned_abs();
        match exponent {
            0 => (minor, String::new()),
            _ => (
                minor / unit,
                format!(".{:0width$}", minor % unit, width = exponent as usize),
            ),
        }
    }
}

/// For people, English style: `$49.00`, `¥1,299.00`, `JP¥4,900`, `CHF 49.00` (no-break space), `-$5.00`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = self.split();
        if self.amount < 0 {
            f.write_str("-")?;
        }
        match self.currency.symbol() {
            Some(symbol) => f.write_str(symbol)?,
            None => write!(f, "{}\u{a0}", self.currency)?,
        }
        let digits = whole.to_string();
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        f.write_str(&fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, code: &str) -> Result<i64, MoneyError> {
        Money::parse(text, code.parse().unwrap()).map(|money| money.amount)
    }

    #[test]
    fn decimals_become_minor_units_by_the_currency() {
        assert_eq!(parse("49.00", "USD"), Ok(4900));
        assert_eq!(parse("49", "USD"), Ok(4900));
        assert_eq!(parse("49.5", "USD"), Ok(4950));
        assert_eq!(parse("0.07", "USD"), Ok(7));
        assert_eq!(parse("4900", "JPY"), Ok(4900));
        assert_eq!(parse("4.900", "KWD"), Ok(4900));
        assert_eq!(parse("999999.99", "USD"), Ok(99_999_999));
    }

    #[test]
    fn too_many_decimals_are_an_error_even_when_they_are_zero() {
        let error = Money::parse("49.001", Currency::USD).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"49.001\" has too many decimals: 3, and USD has 2"
        );
        assert!(matches!(
            parse("49.000", "USD"),
            Err(MoneyError::Decimals {
                found: 3,
                allowed: 2,
                ..
            })
        ));
        assert!(matches!(
            parse("4900.0", "JPY"),
            Err(MoneyError::Decimals {
                found: 1,
                allowed: 0,
                ..
            })
        ));
    }

    #[test]
    fn anything_but_digits_and_one_point_is_an_error() {
        assert_eq!(parse("", "USD"), Err(MoneyError::Empty));
        for text in [
            "-1", "+1", "1e3", "1,000", "1 000", " 1", "1.", ".5", ".", "1.2.3", "$49", "NaN",
            "٤٩", "0x10",
        ] {
            assert_eq!(
                parse(text, "USD"),
                Err(MoneyError::Shape {
                    text: text.to_owned()
                })
            );
        }
    }

    #[test]
    fn what_no_provider_would_take_is_too_large() {
        for text in ["1000000.00", "99999999999999999999999999"] {
            assert_eq!(
                parse(text, "USD"),
                Err(MoneyError::TooLarge {
                    text: text.to_owned()
                })
            );
        }
    }

    #[test]
    fn people_read_symbols_and_thousands() {
        let text = |amount, code: &str| {
            Money {
                amount,
                currency: code.parse().unwrap(),
            }
            .to_string()
        };
        assert_eq!(text(4900, "USD"), "$49.00");
        assert_eq!(text(29_900, "CNY"), "¥299.00");
        assert_eq!(text(4900, "JPY"), "JP¥4,900");
        assert_eq!(text(4900, "CHF"), "CHF\u{a0}49.00");
        assert_eq!(text(4905, "KWD"), "KWD\u{a0}4.905");
        assert_eq!(text(123_456_789, "EUR"), "€1,234,567.89");
        assert_eq!(text(-5, "USD"), "-$0.05");
    }

    #[test]
    fn a_decimal_reads_back_as_the_same_amount() {
        for code in ["USD", "JPY", "KWD", "CLF"] {
            for amount in [0, 1, 99, 100, 4900, 99_999_999] {
                let money = Money {
                    amount,
                    currency: code.parse().unwrap(),
                };
                assert_eq!(Money::parse(&money.decimal(), money.currency), Ok(money));
            }
        }
    }
}
