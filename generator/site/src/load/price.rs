//! `prices = { USD = "49.00", CNY = "299.00" }`, or `"free"`.

use tuition_catalog::{Currency, Money, MoneyError};

use crate::{
    load::{
        fields::{Fields, Placed},
        node::{Node, Table, Value},
    },
    nearest::did_you_mean,
};

const EXAMPLE: &str = "prices = { USD = \"49.00\" } or prices = \"free\"";

/// Prices as written, at most one for each currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prices {
    /// `"free"` or nothing written.
    Free,
    /// At least one price above zero, or none at all because all were wrong (which is reported).
    Listed(Placed<Vec<Money>>),
}

impl Fields<'_> {
    /// The prices of a course or an offer.
    pub(crate) fn prices(&mut self) -> Prices {
        let Some(Node { at, value }) = self.take("prices") else {
            return Prices::Free;
        };
        match value {
            Value::Text(text) if text == "free" => return Prices::Free,
            Value::Table(table) => return self.price_table(at, table),
            Value::Text(text) => {
                self.wrong::<()>(
                    at,
                    "prices",
                    &format!("is \"{text}\": a price needs a currency"),
                    EXAMPLE,
                );
            }
            other => {
                self.wrong::<()>(at, "prices", &format!("is {}", other.kind()), EXAMPLE);
            }
        }
        // Priced for the checks that follow: a mistake must not open a paid course.
        Prices::Listed(Placed {
            at,
            value: Vec::new(),
        })
    }

    fn price_table(&mut self, at: usize, table: Table) -> Prices {
        if table.is_empty() {
            self.wrong::<()>(at, "prices", "is empty", EXAMPLE);
        }
        let mut prices = Vec::new();
        for (key, node) in table {
            let currency = match key.name.parse::<Currency>() {
                Ok(currency) => currency,
                Err(unknown) => {
                    let codes: Vec<_> = Currency::all().map(Currency::code).collect();
                    let hint = did_you_mean(
                        &key.name,
                        codes,
                        "use a code of ISO 4217 in capitals, such as USD, EUR, CNY",
                    );
                    self.report.push(self.text.error(
                        key.at,
                        "currency",
                        unknown.to_string(),
                        hint,
                    ));
                    continue;
                }
            };
            prices.extend(self.price(node, currency));
        }
        Prices::Listed(Placed { at, value: prices })
    }

    fn price(&mut self, node: Node, currency: Currency) -> Option<Money> {
        let example = example(currency);
        let Value::Text(text) = node.value else {
            let message = format!("the price in {currency} is {}", node.value.kind());
            self.report.push(self.text.error(
                node.at,
                "price",
                message,
                format!("write it as text: {currency} = \"{example}\""),
            ));
            return None;
        };
        match Money::parse(&text, currency) {
            Ok(money) if money.amount > 0 => Some(money),
            Ok(_) => {
                self.report.push(self.text.error(
                    node.at,
                    "price",
                    format!("the price in {currency} is zero"),
                    "for a free course write prices = \"free\"",
                ));
                None
            }
            Err(error) => {
                let hint = match error {
                    MoneyError::TooLarge { .. } => {
                        "the most a payment provider takes is 999,999.99".to_owned()
                    }
                    MoneyError::Empty | MoneyError::Shape { .. } | MoneyError::Decimals { .. } => {
                        format!("write it like {currency} = \"{example}\"")
                    }
                };
                self.report
                    .push(self.text.error(node.at, "price", error.to_string(), hint));
                None
            }
        }
    }
}

fn example(currency: Currency) -> String {
    Money {
        amount: 49 * 10_i64.pow(currency.exponent()),
        currency,
    }
    .decimal()
}
