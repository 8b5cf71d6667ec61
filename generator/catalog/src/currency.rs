//! ISO 4217 currency codes and how many decimals each has.
//!
//! Source: ISO 4217 "List one" of active codes, published by SIX Financial Information AG as the
//! maintenance agency (six-group.com, "Data Standards"), amendments up to 180 (BGN withdrawn at the end of
//! 2025; ANG replaced by XCG, ZWL by ZWG, SLL by SLE). Precious metals, test codes and units of account
//! without a minor unit (XAU, XDR, XTS, XXX, …) are left out: nothing can be priced in them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An active ISO 4217 code, three upper-case letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str);

/// The code is not one of ISO 4217.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no currency has the code \"{0}\"")]
pub struct UnknownCurrency(
    /// What was written.
    pub String,
);

impl Currency {
    /// The US dollar.
    pub const USD: Self = Self("USD");

    /// The code, three upper-case letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0
    }

    /// Decimals of the currency: one unit is `10^exponent` minor units (JPY 0, USD 2, KWD 3).
    #[must_use]
    pub fn exponent(self) -> u32 {
        table()
            .find(|(code, _)| *code == self.0)
            .map_or(2, |(_, exponent)| exponent)
    }

    /// Every active code, in no particular order.
    pub fn all() -> impl Iterator<Item = Self> {
        table().map(|(code, _)| Self(code))
    }

    /// What stands before an amount, as Unicode CLDR 46 writes it in English; `None` when that is the code.
    ///
    /// CNY is the exception: shops that sell in CNY write a bare "¥", so JPY carries the prefix here.
    pub(crate) fn symbol(self) -> Option<&'static str> {
        Some(match self.0 {
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            "CNY" => "¥",
            "JPY" => "JP¥",
            "KRW" => "₩",
            "INR" => "₹",
            "AUD" => "A$",
            "BRL" => "R$",
            "CAD" => "CA$",
            "HKD" => "HK$",
            "ILS" => "₪",
            "MXN" => "MX$",
            "NZD" => "NZ$",
            "PHP" => "₱",
            "TWD" => "NT$",
            "VND" => "₫",
            _ => return None,
        })
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    /// Only the upper-case form is accepted: one spelling in content, JSON and ledger.
    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        table()
            .find(|(known, _)| *known == code)
            .map(|(known, _)| Self(known))
            .ok_or_else(|| UnknownCurrency(code.to_owned()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(de::Error::custom)
    }
}

fn table() -> impl Iterator<Item = (&'static str, u32)> {
    [
        (NO_DECIMALS, 0),
        (TWO_DECIMALS, 2),
        (THREE_DECIMALS, 3),
        (FOUR_DECIMALS, 4),
    ]
    .into_iter()
    .flat_map(|(codes, exponent)| {
        codes
            .split_ascii_whitespace()
            .map(move |code| (code, exponent))
    })
}

const NO_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const TWO_DECIMALS: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW \
    CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF \
    IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK \
    MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG \
    YER ZAR ZMW ZWG";
const THREE_DECIMALS: &str = "BHD IQD JOD KWD LYD OMR TND";
const FOUR_DECIMALS: &str = "CLF UYW";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_follow_iso_4217() {
        let exponent = |code: &str| code.parse::<Currency>().unwrap().exponent();
        assert_eq!(
            ["JPY", "KRW", "USD", "CNY", "KWD", "TND", "CLF"].map(exponent),
            [0, 0, 2, 2, 3, 3, 4]
        );
    }

    #[test]
    fn a_code_is_upper_case_and_active() {
        for wrong in ["usd", "US", "USDD", "", "XAU", "HRK", "ZWL", "U D"] {
            assert_eq!(
                wrong.parse::<Currency>(),
                Err(UnknownCurrency(wrong.to_owned()))
            );
        }
    }

    #[test]
    fn every_code_has_three_letters_and_stands_once() {
        let mut codes: Vec<_> = Currency::all().map(Currency::code).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(
            codes
                .iter()
                .all(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
        );
    }
}
