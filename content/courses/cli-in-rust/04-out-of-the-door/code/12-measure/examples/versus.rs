//! Which of two commands is quicker, and how sure is that?
//!
//! ```sh
//! cargo run --release --example versus -- 21 "tally --threads 1" "tally"
//! ```

use std::env;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [rounds, one, other] = args.as_slice() else {
        eprintln!("usage: versus ROUNDS COMMAND COMMAND");
        return ExitCode::from(2);
    };
    let Some(rounds) = rounds.parse().ok().filter(|rounds| *rounds >= 6) else {
        eprintln!("versus: at least 6 rounds, or nothing can be said");
        return ExitCode::from(2);
    };
    let pairs = race(rounds, one, other);
    print!("{}", Verdict::of(&pairs));
    ExitCode::SUCCESS
}

// ANCHOR: race
/// Seconds of both commands in each round. They take turns at going first.
fn race(rounds: usize, one: &str, other: &str) -> Vec<(f64, f64)> {
    // Both once for nothing, so that files and programs are in memory.
    time(one);
    time(other);
    (0..rounds)
        .map(|round| {
            if round % 2 == 0 {
                (time(one), time(other))
            } else {
                let second = time(other);
                (time(one), second)
            }
        })
        .collect()
}

fn time(command: &str) -> f64 {
    let mut words = command.split_whitespace();
    let mut command = Command::new(words.next().expect("a command"));
    command.args(words).stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the command runs");
    let seconds = start.elapsed().as_secs_f64();
    assert!(status.success(), "a failing command is quick for no reason");
    seconds
}
// ANCHOR_END: race

// ANCHOR: verdict
struct Verdict {
    /// Seconds, of each command.
    medians: (f64, f64),
    /// What the second takes, in terms of the first.
    ratio: f64,
    /// Within these the true ratio lies, with this probability.
    from: f64,
    to: f64,
    confidence: f64,
}

impl Verdict {
    fn of(pairs: &[(f64, f64)]) -> Self {
        let ratios = sorted(pairs.iter().map(|(one, other)| other / one));
        let (rank, confidence) = interval(ratios.len());
        Self {
            medians: (
                median(&sorted(pairs.iter().map(|pair| pair.0))),
                median(&sorted(pairs.iter().map(|pair| pair.1))),
            ),
            ratio: median(&ratios),
            from: ratios[rank - 1],
            to: ratios[ratios.len() - rank],
            confidence,
        }
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

/// Between which values, counted from both ends, the median lies with at
/// least 95 percent, and the exact probability. Needs 6 values.
fn interval(count: usize) -> (usize, f64) {
    let mut chance = 0.5_f64.powi(count as i32);
    let mut outside = chance;
    let mut best = (1, 1.0 - 2.0 * outside);
    for heads in 1..count {
        chance *= (count - heads + 1) as f64 / heads as f64;
        outside += chance;
        if 1.0 - 2.0 * outside < 0.95 {
            break;
        }
        best = (heads + 1, 1.0 - 2.0 * outside);
    }
    best
}
// ANCHOR_END: verdict

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (one, other) = self.medians;
        writeln!(f, "first   {one:.3} s")?;
        writeln!(f, "second  {other:.3} s")?;
        let Self {
            ratio, from, to, ..
        } = self;
        let percent = self.confidence * 100.0;
        writeln!(
            f,
            "ratio   {ratio:.3}, from {from:.3} to {to:.3} ({percent:.0} %)"
        )?;
        let verdict = if *to < 1.0 {
            "the second is quicker"
        } else if *from > 1.0 {
            "the first is quicker"
        } else {
            "no difference was found"
        };
        writeln!(f, "{verdict}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // ANCHOR: tests
    #[test]
    fn the_ranks_are_those_of_the_tables() {
        let check = |count, rank, percent: f64| {
            let (seen, confidence) = interval(count);
            assert_eq!(seen, rank, "of {count}");
            assert!(
                (confidence * 100.0 - percent).abs() < 0.05,
                "{confidence}"
            );
        };
        check(6, 1, 96.9);
        check(11, 2, 98.8);
        check(21, 6, 97.3);
        check(41, 14, 97.2);
    }

    #[test]
    fn a_verdict_needs_the_interval_on_one_side_of_one() {
        let verdict = |other: &[f64]| {
            let pairs: Vec<_> = other.iter().map(|o| (1.0, *o)).collect();
            Verdict::of(&pairs).to_string()
        };
        let faster = [0.8, 0.9, 0.85, 0.7, 0.95, 0.9];
        assert!(verdict(&faster).ends_with("the second is quicker\n"));
        let unsure = [0.8, 0.9, 0.85, 0.7, 1.01, 0.9];
        assert!(verdict(&unsure).ends_with("no difference was found\n"));
    }
    // ANCHOR_END: tests
}
