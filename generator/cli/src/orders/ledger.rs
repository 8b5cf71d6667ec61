//! The ledger for a spreadsheet or a program.

use std::io::Write as _;

use tuition_domain::checkout::LedgerEntry;

use super::OrdersError;
use crate::spreadsheet::harmless;

const HEAD: [&str; 8] = [
    "id", "at", "kind", "order", "offer", "learner", "amount", "currency",
];

/// Prints the entries: as CSV (RFC 4180) with amounts in minor units, or as a JSON array.
pub(super) fn write(entries: &[LedgerEntry], json: bool) -> Result<(), OrdersError> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, entries)?;
        writeln!(out)?;
        return Ok(());
    }
    out.write_all(&csv(entries)?)?;
    Ok(())
}

fn csv(entries: &[LedgerEntry]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(HEAD)?;
    for entry in entries {
        writer.write_record([
            harmless(&entry.id),
            entry.at.to_string(),
            entry.kind.as_str().to_owned(),
            harmless(entry.order.as_str()),
            harmless(&entry.offer),
            entry.learner.to_string(),
            entry.money.amount.to_string(),
            entry.money.currency.to_string(),
        ])?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use tuition_catalog::{Currency, Money};
    use tuition_domain::checkout::LedgerKind;
    use tuition_domain::identity::{LearnerId, OrderId};

    use super::*;

    #[test]
    fn no_field_is_a_formula_and_amounts_stay_numbers() {
        let entry = LedgerEntry {
            id: "cs_1/2/refund".to_owned(),
            at: "2026-06-01T12:00:00Z".parse().unwrap(),
            kind: LedgerKind::Refund,
            order: OrderId::parse("-cs_1").unwrap(),
            offer: "=cmd|' /C calc'!A0, \"x\"".to_owned(),
            learner: LearnerId::parse(&"0".repeat(32)).unwrap(),
            money: Money {
                amount: -4900,
                currency: Currency::USD,
            },
        };
        let text = String::from_utf8(csv(&[entry]).unwrap()).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], HEAD.join(","));
        let expected = format!(
            "cs_1/2/refund,2026-06-01T12:00:00Z,refund,'-cs_1,\"'=cmd|' /C calc'!A0, \"\"x\"\"\",{},-4900,USD",
            "0".repeat(32)
        );
        assert_eq!(lines[1], expected);
        assert_eq!(lines[2], "");
    }
}
