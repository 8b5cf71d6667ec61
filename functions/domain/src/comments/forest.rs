//! The order of a thread: comments below those that they answer, whole conversations newest, oldest
//! or questions first, and where a page of them begins. Pure; asks [`shown`] who sees what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::view::is_answered;
use super::{Comment, CommentId, Onlooker, State, shown};

/// How many comments an answer may stand below. An answer to one that stands that deep is put
/// beside it: a conversation goes on, the page does not run off to the right.
pub const MAX_DEPTH: usize = 4;

/// Which conversation comes first. Answers stand below what they answer, oldest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// The one that began first.
    #[default]
    Oldest,
    /// The one that began last.
    Newest,
    /// Those that began with a question, the latest first; then the others.
    Questions,
}

impl Order {
    /// By its name in a request.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "oldest" => Some(Self::Oldest),
            "newest" => Some(Self::Newest),
            "questions" => Some(Self::Questions),
            _ => None,
        }
    }

    /// Its name in a request.
    pub fn name(self) -> &'static str {
        match self {
            Self::Oldest => "oldest",
            Self::Newest => "newest",
            Self::Questions => "questions",
        }
    }

    /// Where a conversation stands: what is pinned first, then by the order.
    fn rank(self, root: &Comment) -> Rank {
        Rank {
            pinned: root.moderation.pinned,
            question: self == Self::Questions && root.question,
            newest: self != Self::Oldest,
            root: root.id.clone(),
        }
    }
}

/// Where a conversation stands among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rank {
    pinned: bool,
    question: bool,
    newest: bool,
    root: CommentId,
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_id = self.root.cmp(&other.root);
        let by_id = if self.newest { by_id.reverse() } else { by_id };
        (other.pinned.cmp(&self.pinned))
            .then(other.question.cmp(&self.question))
            .then(by_id)
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The last comment of a page, and where its conversation stood then. What is written meanwhile
/// moves nothing that was there: a comment is on one page, whatever comes and goes around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    rank: Rank,
    item: CommentId,
}

impl Cursor {
    /// Reads a cursor back, for this order; `None`: it is none of ours.
    pub fn parse(text: &str, order: Order) -> Option<Self> {
        let (flags, ids) = text.split_once('.')?;
        let (root, item) = ids.split_once('.')?;
        let (pinned, question) = match flags {
            "0" => (false, false),
            "1" => (true, false),
            "2" => (false, true),
            "3" => (true, true),
            _ => return None,
        };
        Some(Self {
            rank: Rank {
                pinned,
                question,
                newest: order != Order::Oldest,
                root: CommentId::parse(root)?,
            },
            item: CommentId::parse(item)?,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.rank.pinned) + 2 * u8::from(self.rank.question);
        let (root, item) = (self.rank.root.as_str(), self.item.as_str());
        write!(f, "{flags}.{root}.{item}")
    }
}

/// A thread in order, for one reader.
#[derive(Debug)]
pub struct Sorted {
    /// The page: comments that the reader sees, and the places of others above them.
    pub page: Vec<Comment>,
    /// The comments whose questions an author answered.
    pub answered: BTreeSet<CommentId>,
    /// Where the next page begins; `None`: this is the last.
    pub next: Option<Cursor>,
    /// How many texts the reader sees on all pages together.
    pub count: usize,
}

/// Sorts all comments of a lesson and cuts out a page of at most `most` after `after`.
pub fn sorted(
    comments: Vec<Comment>,
    order: Order,
    after: Option<&Cursor>,
    most: usize,
    reader: Onlooker<'_>,
) -> Sorted {
    let forest = Forest::of(comments);
    let seen = forest.seen(reader);
    let answered = forest.answered(reader);
    let count = forest.all.values().filter(|one| shown(one, reader)).count();
    let mut roots: Vec<Rank> = forest
        .roots
        .iter()
        .filter_map(|id| forest.all.get(id))
        .map(|root| order.rank(root))
        .collect();
    roots.sort();
    let mut rest: Vec<(Rank, CommentId)> = Vec::new();
    if let Some(cursor) = after {
        // The conversation that the page before broke off, wherever it stands by now.
        let broken = forest.below(&cursor.rank.root);
        let left = broken.into_iter().skip_while(|id| *id != cursor.item);
        rest.extend(left.skip(1).map(|id| (cursor.rank.clone(), id)));
    }
    for rank in roots {
        let due = after.is_none_or(|cursor| rank > cursor.rank && rank.root != cursor.rank.root);
        if due {
            let below = forest.below(&rank.root);
            rest.extend(below.into_iter().map(|id| (rank.clone(), id)));
        }
    }
    rest.retain(|(_, id)| seen.contains(id));
    let next = (rest.len() > most)
        .then(|| rest.get(most.checked_sub(1)?).cloned())
        .flatten()
        .map(|(rank, item)| Cursor { rank, item });
    rest.truncate(most);
    let mut all = forest.all;
    let page = rest.iter().filter_map(|(_, id)| all.remove(id)).collect();
    Sorted {
        page,
        answered,
        next,
        count,
    }
}

/// A question, or a mistake that somebody told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// As it stands there.
    pub comment: Comment,
    /// Whether an author, its writer or the text of the lesson settled it.
    pub answered: bool,
}

/// What learners asked and found wrong in a thread, oldest first. Of what everybody sees.
pub fn matters(thread: Vec<Comment>) -> Vec<Matter> {
    let reader = Onlooker::default();
    let found = sorted(thread, Order::Oldest, None, usize::MAX, reader);
    let asked = found
        .page
        .into_iter()
        .filter(|one| shown(one, reader) && (one.question || one.mistake) && !one.by_author);
    let mut matters: Vec<Matter> = asked
        .map(|comment| Matter {
            answered: is_answered(&comment, found.answered.contains(&comment.id)),
            comment,
        })
        .collect();
    matters.sort_by(|a, b| a.comment.id.cmp(&b.comment.id));
    matters
}

/// Comments by id, each below the one that it answers.
struct Forest {
    all: BTreeMap<CommentId, Comment>,
    parents: BTreeMap<CommentId, CommentId>,
    roots: Vec<CommentId>,
    answers: BTreeMap<CommentId, Vec<CommentId>>,
}

impl Forest {
    /// One that answers nothing that is there begins a conversation of its own; so does the first
    /// one of a circle, should there ever be one.
    fn of(comments: Vec<Comment>) -> Self {
        let all: BTreeMap<_, _> = comments.into_iter().map(|c| (c.id.clone(), c)).collect();
        let answered = |one: &Comment| {
            let parent = one.parent.clone().filter(|id| all.contains_key(id))?;
            Some((one.id.clone(), parent))
        };
        let mut parents: BTreeMap<_, _> = all.values().filter_map(answered).collect();
        let mut roots = Vec::new();
        let mut answers: BTreeMap<CommentId, Vec<CommentId>> = BTreeMap::new();
        for id in all.keys() {
            if is_below_itself(&parents, id) {
                parents.remove(id);
            }
            match parents.get(id) {
                Some(parent) => answers.entry(parent.clone()).or_default().push(id.clone()),
                None => roots.push(id.clone()),
            }
        }
        Self {
            all,
            parents,
            roots,
            answers,
        }
    }

    /// A comment and all below it, each before its answers.
    fn below(&self, root: &CommentId) -> Vec<CommentId> {
        let mut order = Vec::new();
        let mut waiting = vec![root.clone()];
        while let Some(id) = waiting.pop() {
            if let Some(answers) = self.answers.get(&id) {
                waiting.extend(answers.iter().rev().cloned());
            }
            order.push(id);
        }
        order
    }

    /// What the reader sees, the places of what was deleted, and all that stands above them.
    fn seen(&self, reader: Onlooker<'_>) -> BTreeSet<CommentId> {
        let mut seen = BTreeSet::new();
        let stands = |one: &&Comment| {
            // What everybody saw keeps its place when it is deleted.
            shown(one, reader) || one.deleted && one.moderation.state == State::Shown
        };
        for comment in self.all.values().filter(stands) {
            let mut next = Some(&comment.id);
            while let Some(id) = next
                && seen.insert(id.clone())
            {
                next = self.parents.get(id);
            }
        }
        seen
    }

    /// What an author's comment that the reader sees stands right below.
    fn answered(&self, reader: Onlooker<'_>) -> BTreeSet<CommentId> {
        let by_authors = self.all.values().filter(|one| one.by_author);
        by_authors
            .filter(|one| shown(one, reader))
            .filter_map(|one| one.parent.clone())
            .collect()
    }
}

/// Whether what a comment answers leads back to it.
fn is_below_itself(parents: &BTreeMap<CommentId, CommentId>, id: &CommentId) -> bool {
    let mut met = BTreeSet::new();
    let mut next = parents.get(id);
    while let Some(above) = next {
        if above == id {
            return true;
        }
        if !met.insert(above) {
            return false;
        }
        next = parents.get(above);
    }
    false
}

#[cfg(test)]
mod tests;
