//! What Stripe knows of currencies: which it takes, and how many decimals their amounts have *at
//! Stripe*, which is not always what ISO 4217 says.
//!
//! Source: <https://docs.stripe.com/currencies>.

use super::error::ApiError;

/// A currency that Stripe takes, as its lower-case code. Either case is accepted.
pub(crate) fn currency(param: &str, code: &str) -> Result<String, ApiError> {
    let lower = code.to_ascii_lowercase();
    let all = [
        TWO_DECIMALS,
        ZERO_DECIMALS,
        THREE_DECIMALS,
        WHOLE_IN_HUNDREDTHS,
    ];
    if all
        .iter()
        .any(|list| list.split(' ').any(|known| known == lower))
    {
        Ok(lower)
    } else {
        Err(ApiError::invalid(
            param,
            format!("Invalid currency: {code}."),
        ))
    }
}

/// Refuses an amount, in Stripe's minor units, that cannot be paid in `currency` (lower case).
pub(crate) fn check_amount(param: &str, currency: &str, amount: i64) -> Result<(), ApiError> {
    if amount < 0 {
        return Err(ApiError::invalid(param, "Invalid non-negative integer")
            .with_code("parameter_invalid_integer"));
    }
    if amount > LARGEST {
        return Err(
            ApiError::invalid(param, "Amount must be no more than 99999999 minor units")
                .with_code("amount_too_large"),
        );
    }
    let step = step(currency);
    if amount % step == 0 {
        Ok(())
    } else {
        Err(ApiError::invalid(
            param,
            format!("Amounts in {currency} must be divisible by {step}"),
        ))
    }
}

/// What every amount in `currency` (lower case) must be a multiple of, in Stripe's minor units.
pub(crate) fn step(currency: &str) -> i64 {
    match () {
        () if has(WHOLE_IN_HUNDREDTHS, currency) => 100,
        () if has(THREE_DECIMALS, currency) => 10,
        () => 1,
    }
}

/// `amount` for people: `49.00 USD`, `4900 JPY`.
pub(crate) fn display(amount: i64, currency: &str) -> String {
    let code = currency.to_ascii_uppercase();
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    if has(ZERO_DECIMALS, currency) {
        format!("{sign}{amount} {code}")
    } else if has(THREE_DECIMALS, currency) {
        format!("{sign}{}.{:03} {code}", amount / 1000, amount % 1000)
    } else {
        format!("{sign}{}.{:02} {code}", amount / 100, amount % 100)
    }
}

fn has(list: &str, currency: &str) -> bool {
    list.split(' ').any(|known| known == currency)
}

/// The largest amount of one payment, in minor units.
pub(crate) const LARGEST: i64 = 99_999_999;

const TWO_DECIMALS: &str = "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd \
bob brl bsd bwp byn bzd cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip \
gmd gtq gyd hkd hnl hrk htg huf idr ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd \
mmk mnt mop mro mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd \
rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst xcd yer \
zar zmw";
const ZERO_DECIMALS: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
/// Amounts in thousandths, of which the last digit must be 0.
const THREE_DECIMALS: &str = "bhd jod kwd omr tnd";
/// No decimals by ISO 4217; Stripe counts in hundredths all the same and wants whole units.
const WHOLE_IN_HUNDREDTHS: &str = "isk ugx";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_with_the_decimals_of_their_currency() {
        assert_eq!(display(4900, "usd"), "49.00 USD");
        assert_eq!(display(4900, "jpy"), "4900 JPY");
        assert_eq!(display(4900, "kwd"), "4.900 KWD");
        assert_eq!(display(-5, "usd"), "-0.05 USD");
    }

    #[test]
    fn amounts_that_cannot_be_paid_are_refused() {
        assert!(check_amount("a", "isk", 4950).is_err());
        assert!(check_amount("a", "kwd", 4905).is_err());
        assert!(check_amount("a", "usd", LARGEST + 1).is_err());
        assert!(check_amount("a", "usd", -1).is_err());
        assert!(check_amount("a", "jpy", 4905).is_ok());
        assert!(currency("currency", "usdt").is_err());
        assert_eq!(currency("currency", "CNY").unwrap(), "cny");
    }
}
