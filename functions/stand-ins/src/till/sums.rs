//! What a sale or an invoice comes to: lines, discount, tax, total. Whole minor units throughout, and
//! what is split is split so that the parts add up.
//!
//! The till's tax office takes 20 % of everything, from everyone. Amounts without a stated tax
//! behaviour are taken as exclusive.

use super::currency::step;

/// Percent that the till takes as tax.
const TAX_PERCENT: i64 = 20;

/// One line before discount and tax.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Position {
    /// Minor units; negative for a credit.
    pub(crate) amount: i64,
    /// The amount has the tax in it.
    pub(crate) inclusive: bool,
    pub(crate) discountable: bool,
}

/// What a coupon takes off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Off {
    /// In hundredths of a percent: 10000 is everything.
    Percent(i64),
    /// Minor units, of all lines together; at most what they come to.
    Amount(i64),
}

/// One line's part of the bill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share {
    pub(crate) discount: i64,
    pub(crate) tax: i64,
    /// What the tax was taken of.
    pub(crate) taxable: i64,
    /// What the line costs in the end.
    pub(crate) total: i64,
}

/// The bill. `total = subtotal − discount + exclusive tax`, and each sum is that of the shares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bill {
    /// As many as there were positions, in their order.
    pub(crate) shares: Vec<Share>,
    pub(crate) subtotal: i64,
    pub(crate) discount: i64,
    /// Inclusive tax too.
    pub(crate) tax: i64,
    pub(crate) total: i64,
}

/// Reckons up `positions`, all in `currency` (lower case).
pub(crate) fn bill(currency: &str, positions: &[Position], off: Option<Off>, taxed: bool) -> Bill {
    let step = step(currency);
    let discountable: i64 = positions.iter().map(discountable_part).sum();
    let discount = match off {
        None => 0,
        Some(Off::Percent(hundredths)) => part(discountable, hundredths, 10_000, step),
        Some(Off::Amount(amount)) => amount.min(discountable),
    };
    let mut shares = Vec::with_capacity(positions.len());
    let mut seen = 0;
    let mut given = 0;
    for position in positions {
        // Rounding the running sum, not each share, makes the shares add up.
        seen += discountable_part(position);
        let until_here = part(discount, seen, discountable, step);
        let own = until_here - given;
        given = until_here;
        let net = position.amount - own;
        let tax = match (taxed, position.inclusive) {
            (false, _) => 0,
            (true, false) => part(net, TAX_PERCENT, 100, step),
            (true, true) => part(net, TAX_PERCENT, 100 + TAX_PERCENT, step),
        };
        let (taxable, total) = if position.inclusive {
            (net - tax, net)
        } else {
            (net, net + tax)
        };
        shares.push(Share {
            discount: own,
            tax,
            taxable,
            total,
        });
    }
    Bill {
        subtotal: positions.iter().map(|position| position.amount).sum(),
        discount,
        tax: shares.iter().map(|share| share.tax).sum(),
        total: shares.iter().map(|share| share.total).sum(),
        shares,
    }
}

/// `amount × numerator ÷ denominator`, rounded to a multiple of `step`, halves away from zero; 0 of
/// nothing.
pub(crate) fn part(amount: i64, numerator: i64, denominator: i64, step: i64) -> i64 {
    let unit = i128::from(denominator) * i128::from(step);
    if unit == 0 {
        return 0;
    }
    let doubled = 2 * i128::from(amount) * i128::from(numerator);
    let rounded =
        (doubled.abs() + unit.abs()) / (2 * unit.abs()) * doubled.signum() * unit.signum();
    // Both factors are at most what one sale may cost, so it fits.
    i64::try_from(rounded * i128::from(step)).unwrap_or(i64::MAX)
}

fn discountable_part(position: &Position) -> i64 {
    if position.discountable {
        position.amount.max(0)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(amounts: &[i64], inclusive: bool) -> Vec<Position> {
        let position = |amount: &i64| Position {
            amount: *amount,
            inclusive,
            discountable: true,
        };
        amounts.iter().map(position).collect()
    }

    #[test]
    fn every_bill_adds_up() {
        let currencies = ["usd", "jpy", "kwd", "isk"];
        let offs = [
            None,
            Some(Off::Percent(1)),
            Some(Off::Percent(3333)),
            Some(Off::Percent(10_000)),
            Some(Off::Amount(700)),
            Some(Off::Amount(99_999_900)),
        ];
        for currency in currencies {
            for off in offs {
                for taxed in [false, true] {
                    for inclusive in [false, true] {
                        for amounts in [&[4900][..], &[100, 100, 100], &[0, 1000], &[99_999_900]] {
                            let bill = bill(currency, &positions(amounts, inclusive), off, taxed);
                            let of_shares: i64 =
                                bill.shares.iter().map(|share| share.discount).sum();
                            assert_eq!(of_shares, bill.discount);
                            let extra = if inclusive { 0 } else { bill.tax };
                            assert_eq!(bill.total, bill.subtotal - bill.discount + extra);
                            assert!(bill.total >= 0 && bill.discount <= bill.subtotal);
                            for amount in [bill.discount, bill.tax, bill.total] {
                                assert_eq!(amount % step(currency), 0, "{currency} {amount}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn tax_is_on_top_or_inside() {
        let on_top = bill(
            "usd",
            &positions(&[4900], false),
            Some(Off::Percent(1000)),
            true,
        );
        assert_eq!(
            (on_top.discount, on_top.tax, on_top.total),
            (490, 882, 5292)
        );
        let inside = bill("usd", &positions(&[4900], true), None, true);
        assert_eq!((inside.tax, inside.total), (817, 4900));
        assert_eq!(inside.shares[0].taxable, 4083);
    }

    #[test]
    fn a_discount_is_split_by_worth_and_credits_get_none() {
        let mut lines = positions(&[1000, 2000], false);
        lines.push(Position {
            amount: -500,
            inclusive: false,
            discountable: false,
        });
        let bill = bill("usd", &lines, Some(Off::Amount(100)), true);
        let discounts: Vec<i64> = bill.shares.iter().map(|share| share.discount).collect();
        assert_eq!(discounts, [33, 67, 0]);
        assert_eq!(bill.shares[2].tax, -100);
        assert_eq!(bill.total, 2500 - 100 + 480);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!(part(5, 1, 2, 1), 3);
        assert_eq!(part(-5, 1, 2, 1), -3);
        assert_eq!(part(150, 1, 1, 100), 200);
        assert_eq!(part(1, 1, 0, 1), 0);
    }
}
