//! Formulas and diagrams that were drawn before, by their source: drawing is slow, and each is wanted twice in a build
//! and again in the next.
//!
//! Whoever builds owns it and decides how long it lives. It changes nothing but the time: what is drawn depends on its
//! source alone.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use crate::{diagram::Drawn, math::Rendered};

/// More are not kept, so that an author who writes all day doesn't fill the memory.
const MOST_FORMULAS: usize = 20_000;
const MOST_DIAGRAMS: usize = 2_000;

/// What was drawn before. Threads may share it.
pub struct Drawings {
    pub(crate) inline: Kept<Rendered>,
    pub(crate) display: Kept<Rendered>,
    pub(crate) diagrams: Kept<Drawn>,
}

impl Default for Drawings {
    fn default() -> Self {
        Self {
            inline: Kept::new(MOST_FORMULAS),
            display: Kept::new(MOST_FORMULAS),
            diagrams: Kept::new(MOST_DIAGRAMS),
        }
    }
}

impl fmt::Debug for Drawings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drawings").finish_non_exhaustive()
    }
}

/// Results by source, up to a number of them.
pub(crate) struct Kept<T> {
    most: usize,
    results: Mutex<HashMap<String, T>>,
}

impl<T: Clone> Kept<T> {
    fn new(most: usize) -> Self {
        Self {
            most,
            results: Mutex::default(),
        }
    }

    /// The result for a source; made, and kept, if it is not there.
    pub(crate) fn get_or(&self, source: &str, make: impl FnOnce() -> T) -> T {
        if let Some(known) = self.lock().get(source) {
            return known.clone();
        }
        // Made without the lock: two threads may do the same, which costs less than waiting for each other.
        let made = make();
        let mut results = self.lock();
        if results.len() >= self.most {
            results.clear();
        }
        results.insert(source.to_owned(), made.clone());
        made
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, T>> {
        // Nothing panics with the lock held; were it so, the map would still be whole.
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_not_made_again_until_there_is_too_much() {
        let kept = Kept::new(2);
        let made = std::cell::Cell::new(0);
        let get = |source: &str| {
            kept.get_or(source, || {
                made.set(made.get() + 1);
                source.len()
            })
        };
        assert_eq!((get("a"), get("a"), get("bb")), (1, 1, 2));
        assert_eq!(made.get(), 2);
        assert_eq!(get("ccc"), 3, "the others are forgotten");
        assert_eq!((get("a"), made.get()), (1, 4));
    }
}
