//! Made-up records in the form of an export. The same each time.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

const DAYS: u64 = 400;
const LESSONS: u64 = 1_000;
const LEARNERS: u64 = 60_000;
const BUYERS: u64 = 30_000;
/// Visitors of one day.
const VISITORS: u64 = 6_000;
/// The last day: 2026-06-30, in days since 1970.
const LAST: u64 = 20_634;

/// Writes so many records.
pub(super) fn write(path: &Path, count: u64) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(failed)?);
    let mut out = GzEncoder::new(file, Compression::fast());
    let mut text = head();
    let mut dice = Dice(7);
    let mut twice = String::new();
    for number in 0..count {
        let start = text.len();
        record(&mut text, number, &mut dice);
        if number % 50 == 0 {
            // There again somewhere later.
            twice.clear();
            twice.push_str(text.get(start..).unwrap_or_default());
        } else if number % 50 == 33 {
            text.push_str(&twice);
        }
        if text.len() > 1 << 20 {
            out.write_all(text.as_bytes()).map_err(failed)?;
            text.clear();
        }
    }
    out.write_all(text.as_bytes()).map_err(failed)?;
    out.finish()
        .and_then(|mut file| file.flush())
        .map_err(failed)
}

fn head() -> String {
    let lessons: Vec<String> = (0..LESSONS)
        .map(|lesson| format!("\"c/l{lesson:04}\":{}", 600 + 60 * (lesson % 10)))
        .collect();
    format!(
        "{{\"type\":\"params\",\"params\":{{\"lessons\":{{{}}},\"offers\":{{\"c\":{{\"kind\":\"course\",\"amount\":4900,\"currency\":\"USD\"}}}},\
         \"month\":\"2026-06\",\"activity_window_end\":\"2026-06-30\",\"activity_of\":\"window\"}}}}\n",
        lessons.join(",")
    )
}

/// Sixty page views, twenty-seven pieces of reading, eleven days of presence, and one each of survey and checkout, out of
/// a hundred; one purchase for each buyer among them, and a refund for some.
fn record(text: &mut String, number: u64, dice: &mut Dice) {
    let day = LAST - DAYS + 1 + dice.below(DAYS);
    let second = dice.below(86_400);
    let at = moment(day, second);
    let learner = dice.below(LEARNERS);
    let who = format!("{:032x}", mix(learner));
    let visitor = format!("{:016x}", mix(day * VISITORS + dice.below(VISITORS)));
    let lesson = (learner * 7 + dice.below(60)) % LESSONS;
    let sale = number.is_multiple_of(300).then_some(number / 300);
    let _ = write!(
        text,
        "{{\"id\":\"{:016x}{number:08x}\",\"at\":\"{at}\",",
        mix(number)
    );
    let _ = match (sale, dice.below(100)) {
        (Some(sale), _) if sale < BUYERS => {
            let buyer = format!("{:032x}", mix(sale * 2));
            writeln!(
                text,
                "\"type\":\"purchase\",\"learner\":\"{buyer}\",\"offer\":\"c\",\"order\":\"o{sale}\",\"amount\":{},\"currency\":\"USD\"}}",
                4900 - sale % 3 * 100
            )
        }
        (Some(sale), _) => {
            let (sale, amount) = (sale - BUYERS, 500 + sale % 7);
            let buyer = format!("{:032x}", mix(sale * 2));
            writeln!(
                text,
                "\"type\":\"refund\",\"learner\":\"{buyer}\",\"offer\":\"c\",\"order\":\"o{sale}\",\"amount\":{amount},\"currency\":\"USD\"}}"
            )
        }
        (None, 0..60) => writeln!(
            text,
            "\"type\":\"page_view\",\"visitor\":\"{visitor}\",\"path\":\"/courses/c/l{lesson:04}/\",\"utm_source\":\"s{}\"}}",
            lesson % 9
        ),
        (None, 60..87) => {
            let from = dice.below(9) * 100;
            let to = (from + 60 + dice.below(500)).min(600 + 60 * (lesson % 10));
            writeln!(
                text,
                "\"type\":\"watch\",\"learner\":\"{who}\",\"lesson\":\"c/l{lesson:04}\",\"from\":{},\"to\":{to}}}",
                from.min(to - 1)
            )
        }
        (None, 87..98) => writeln!(text, "\"type\":\"active\",\"learner\":\"{who}\"}}"),
        (None, 98) => writeln!(
            text,
            "\"type\":\"csat\",\"learner\":\"{who}\",\"course\":\"c\",\"score\":{}}}",
            1 + dice.below(5)
        ),
        (None, _) => writeln!(
            text,
            "\"type\":\"checkout_start\",\"visitor\":\"{visitor}\",\"offer\":\"c\"}}"
        ),
    };
}

/// RFC 3339 of a second of a day (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn moment(day: u64, second: u64) -> String {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let part = (5 * of_year + 2) / 153;
    let date = of_year - (153 * part + 2) / 5 + 1;
    let month = if part < 10 { part + 3 } else { part - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        mix(self.0) % end
    }
}

fn mix(number: u64) -> u64 {
    let mut mixed = number
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_dates() {
        assert_eq!(moment(LAST, 86_399), "2026-06-30T23:59:59Z");
        assert_eq!(moment(0, 0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(19_782, 3_661), "2024-02-29T01:01:01Z");
    }
}
