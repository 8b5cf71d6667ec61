//! Texts in two languages, and numbers as people read them.

use tuition_catalog::Money;
use tuition_domain::mail::Locale;

/// What is not there.
const NOTHING: &str = "–";

/// The reader's language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Locale);

impl Words {
    /// The text in the reader's language.
    pub(super) fn say(&self, english: &'static str, chinese: &'static str) -> &'static str {
        match self.0 {
            Locale::En => english,
            Locale::Zh => chinese,
        }
    }

    /// `12,345`.
    pub(super) fn number(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }

    /// With one decimal: `12.3`.
    pub(super) fn decimal(&self, number: f64) -> String {
        let text = format!("{:.1}", number.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let whole = whole
            .parse()
            .map_or_else(|_| whole.to_owned(), |whole| self.number(whole));
        let sign = if number <= -0.05 { "−" } else { "" };
        format!("{sign}{whole}.{fraction}")
    }

    /// As [`Words::decimal`], if there is one.
    pub(super) fn maybe(&self, number: Option<f64>) -> String {
        number.map_or_else(|| NOTHING.to_owned(), |number| self.decimal(number))
    }

    /// `35.7%` of a share of 1.
    pub(super) fn percent(&self, share: Option<f64>) -> String {
        share.map_or_else(
            || NOTHING.to_owned(),
            |share| format!("{}%", self.decimal(share * 100.0)),
        )
    }

    /// An amount of minor units with its currency.
    pub(super) fn money(&self, amount: i64, currency: &str) -> String {
        match currency.parse() {
            Ok(currency) => Money { amount, currency }.to_string(),
            Err(_) => format!("{amount} {currency}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let words = Words(Locale::En);
        assert_eq!(words.number(1_234_567), "1,234,567");
        assert_eq!(
            (
                words.decimal(-0.01),
                words.decimal(-2.25),
                words.decimal(1234.56)
            ),
            ("0.0".to_owned(), "−2.2".to_owned(), "1,234.6".to_owned())
        );
        assert_eq!(
            (words.percent(Some(0.357)), words.percent(None)),
            ("35.7%".to_owned(), "–".to_owned())
        );
        assert_eq!(words.money(-19_900, "CNY"), "-¥199.00");
    }
}
