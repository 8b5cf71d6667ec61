//! Money facts: what has been booked of an order, and the entries that bring the books to what
//! the provider says.
//!
//! Entries are only ever appended. Each is the difference between two states of an order, written
//! in one step with the order itself, so that the sum of an order's entries is always exactly what
//! the order says was booked, however often and in whatever order events come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_catalog::{Currency, Money};

use super::{Order, Payment};
use crate::identity::{LearnerId, OrderId};

/// One money fact, for ever. Of the person it holds the random id and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Unique: `<order>/<order version>/<kind>`, and the currency of a fee.
    pub id: String,
    /// When it was booked.
    pub at: Timestamp,
    /// What it is.
    pub kind: LedgerKind,
    /// The order.
    pub order: OrderId,
    /// The offer.
    pub offer: String,
    /// Who bought.
    pub learner: LearnerId,
    /// Minor units, positive; `kind` says the direction. Negative corrects an earlier entry.
    #[serde(flatten)]
    pub money: Money,
}

/// What a ledger entry is. Money that came in = `gross − discount + tax`; what is left of it at the
/// provider = that `− refund − dispute − fee`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LedgerKind {
    /// The price of what was paid, without tax, before discounts.
    Gross,
    /// Taken off by a coupon.
    Discount,
    /// Tax that was collected.
    Tax,
    /// What the provider kept; in the currency it settles in.
    Fee,
    /// Given back to the buyer.
    Refund,
    /// Taken by the buyer's bank; negative when it gave it back.
    Dispute,
}

impl LedgerKind {
    /// As in ids, exports and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gross => "gross",
            Self::Discount => "discount",
            Self::Tax => "tax",
            Self::Fee => "fee",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
        }
    }

    /// The sign with which an entry counts towards what is left at the provider.
    pub fn sign(self) -> i64 {
        match self {
            Self::Gross | Self::Tax => 1,
            Self::Discount | Self::Fee | Self::Refund | Self::Dispute => -1,
        }
    }
}

/// What the ledger has of an order, in minor units of the order's currency but for the fees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Booked {
    /// Price without tax, before discounts.
    #[serde(skip_serializing_if = "is_zero")]
    pub gross: i64,
    /// Taken off by coupons.
    #[serde(skip_serializing_if = "is_zero")]
    pub discount: i64,
    /// Tax.
    #[serde(skip_serializing_if = "is_zero")]
    pub tax: i64,
    /// Given back.
    #[serde(skip_serializing_if = "is_zero")]
    pub refund: i64,
    /// Taken by banks.
    #[serde(skip_serializing_if = "is_zero")]
    pub dispute: i64,
    /// Kept by the provider, by currency.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fee: BTreeMap<Currency, i64>,
}

/// What is nothing need not be stored: a unit of the table is a KB.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

impl Booked {
    /// All that the provider says of an order's payments.
    pub fn of(payments: &[Payment]) -> Self {
        let mut all = Self::default();
        for payment in payments.iter().filter(|payment| payment.captured > 0) {
            all.gross += payment.captured - payment.tax + payment.discount;
            all.discount += payment.discount;
            all.tax += payment.tax;
            all.refund += payment.refunded;
            all.dispute += payment.disputed;
            if let Some(fee) = payment.fee.filter(|fee| fee.amount != 0) {
                *all.fee.entry(fee.currency).or_default() += fee.amount;
            }
        }
        all
    }

    /// Minor units that came in.
    pub fn captured(&self) -> i64 {
        self.gross - self.discount + self.tax
    }

    /// Every kind with its amount, in an order that never changes.
    fn amounts(&self, currency: Currency) -> Vec<(LedgerKind, Money)> {
        let of = |kind, amount| (kind, Money { amount, currency });
        let mut all = vec![
            of(LedgerKind::Gross, self.gross),
            of(LedgerKind::Discount, self.discount),
            of(LedgerKind::Tax, self.tax),
            of(LedgerKind::Refund, self.refund),
            of(LedgerKind::Dispute, self.dispute),
        ];
        all.extend(self.fee.iter().map(|(currency, amount)| {
            let money = Money {
                amount: *amount,
                currency: *currency,
            };
            (LedgerKind::Fee, money)
        }));
        all
    }

    /// Adds an entry of the ledger, to compare the books with the order.
    pub fn add(&mut self, entry: &LedgerEntry) {
        let amount = entry.money.amount;
        match entry.kind {
            LedgerKind::Gross => self.gross += amount,
            LedgerKind::Discount => self.discount += amount,
            LedgerKind::Tax => self.tax += amount,
            LedgerKind::Refund => self.refund += amount,
            LedgerKind::Dispute => self.dispute += amount,
            LedgerKind::Fee => {
                let sum = self.fee.entry(entry.money.currency).or_default();
                *sum += amount;
                if *sum == 0 {
                    self.fee.remove(&entry.money.currency);
                }
            }
        }
    }
}

/// The entries that lead from the books of `before` to those of `after`. Exact under the version
/// condition. None while nobody holds the order: what is quarantined is not booked.
pub(super) fn entries(before: &Order, after: &Order, now: Timestamp) -> Vec<LedgerEntry> {
    let Some(learner) = &after.holder else {
        return Vec::new();
    };
    let currency = after.price.currency;
    let old: BTreeMap<_, _> = before
        .booked
        .amounts(currency)
        .into_iter()
        .map(|(kind, money)| ((kind, money.currency), money.amount))
        .collect();
    let mut new = after.booked.amounts(currency);
    // A fee that went away altogether has to be booked back.
    for (code, _) in before.booked.fee.iter() {
        if !after.booked.fee.contains_key(code) {
            let nothing = Money {
                amount: 0,
                currency: *code,
            };
            new.push((LedgerKind::Fee, nothing));
        }
    }
    new.into_iter()
        .filter_map(|(kind, money)| {
            let amount = money.amount - old.get(&(kind, money.currency)).copied().unwrap_or(0);
            let word = match kind {
                LedgerKind::Fee => format!("fee-{}", money.currency.code().to_ascii_lowercase()),
                kind => kind.as_str().to_owned(),
            };
            (amount != 0).then(|| LedgerEntry {
                id: format!("{}/{}/{word}", after.id, after.version),
                at: now,
                kind,
                order: after.id.clone(),
                offer: after.offer.clone(),
                learner: learner.clone(),
                money: Money { amount, ..money },
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(captured: i64, tax: i64, discount: i64) -> Payment {
        Payment {
            id: "pi_1".to_owned(),
            may_succeed: true,
            captured,
            discount,
            tax,
            refunded: captured / 10,
            disputed: captured / 5,
            dispute: None,
            fee: Some(Money {
                amount: captured / 100,
                currency: Currency::USD,
            }),
        }
    }

    #[test]
    fn every_payment_that_came_in_is_added_up() {
        let all = [
            payment(1000, 100, 50),
            payment(0, 7, 7),
            payment(2000, 200, 20),
        ];
        let booked = Booked::of(&all);
        assert_eq!(booked.captured(), 3000);
        assert_eq!((booked.gross, booked.discount), (2770, 70));
        assert_eq!((booked.tax, booked.refund, booked.dispute), (300, 300, 600));
        assert_eq!(booked.fee, BTreeMap::from([(Currency::USD, 30)]));
    }

    #[test]
    fn entries_add_up_to_what_they_were_made_of() {
        let entry = |kind, amount| LedgerEntry {
            id: String::new(),
            at: Timestamp::UNIX_EPOCH,
            kind,
            order: OrderId::parse("cs_1").unwrap(),
            offer: String::new(),
            learner: LearnerId::parse(&"0".repeat(32)).unwrap(),
            money: Money {
                amount,
                currency: Currency::USD,
            },
        };
        let mut booked = Booked::default();
        for (kind, amount) in [
            (LedgerKind::Gross, 10),
            (LedgerKind::Discount, 20),
            (LedgerKind::Tax, 30),
            (LedgerKind::Refund, 40),
            (LedgerKind::Dispute, 50),
            (LedgerKind::Fee, 60),
        ] {
            booked.add(&entry(kind, amount));
            booked.add(&entry(kind, 1));
        }
        let expected = Booked {
            gross: 11,
            discount: 21,
            tax: 31,
            refund: 41,
            dispute: 51,
            fee: BTreeMap::from([(Currency::USD, 61)]),
        };
        assert_eq!(booked, expected);
        booked.add(&entry(LedgerKind::Fee, -61));
        assert!(booked.fee.is_empty(), "what is nothing is not named");
    }

    #[test]
    fn what_is_nothing_is_not_stored_and_reads_back() {
        let booked = Booked {
            refund: -5,
            ..Booked::default()
        };
        let json = serde_json::to_string(&booked).unwrap();
        assert_eq!(json, r#"{"refund":-5}"#);
        assert_eq!(serde_json::from_str::<Booked>(&json).unwrap(), booked);
    }
}
