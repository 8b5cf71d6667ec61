//! Which ids were there already, and names as small numbers.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

/// 64 bits that stand for a value. Among ten million the chance that any two are the same is 3 in a million.
pub(super) fn mark_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A set of marks: about 20 bytes each.
#[derive(Debug, Default)]
pub(super) struct Marks(HashSet<u64, BuildHasherDefault<Itself>>);

impl Marks {
    /// Whether it is new.
    pub(super) fn insert(&mut self, mark: u64) -> bool {
        self.0.insert(mark)
    }

    pub(super) fn count(&self) -> u64 {
        count(self.0.len())
    }
}

/// The hash of a mark is the mark.
#[derive(Debug, Default)]
pub(super) struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, mark: u64) {
        self.0 = mark;
    }
}

/// Names, numbered in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl Names {
    /// The number of a name; a new one if it was not there.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.into(), number);
        self.names.push(name.into());
        number
    }

    /// The number of a name that is there.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name of a number that this gave.
    pub(super) fn name(&self, number: u32) -> &str {
        usize::try_from(number)
            .ok()
            .and_then(|at| self.names.get(at))
            .map_or("", |name| name)
    }
}

/// A length as a figure.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A figure as a number with decimals. Exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "no count comes near 2⁵³")]
pub(super) fn real(count: u64) -> f64 {
    count as f64
}

/// `part ÷ whole`; nothing of nothing is no number.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| real(part) / real(whole))
}

/// `part ÷ whole` of money; undefined when the whole is nothing.
#[expect(
    clippy::cast_precision_loss,
    reason = "no sum of minor units comes near 2⁵³"
)]
pub(super) fn money_share(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}
