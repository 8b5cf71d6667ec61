//! Comments: rows of their lesson in order of time, a count beside them, and two ways to find one:
//! by its id and by its author.

use async_trait::async_trait;
use tuition_domain::comments::{Comment, CommentId, LessonRef};
use tuition_domain::identity::LearnerId;
use tuition_domain::ports::{Comments, Unavailable};

use super::call::Transacted;
use super::failure::contended;
use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys};

#[async_trait]
impl Comments for Table {
    async fn add_comment(&self, comment: &Comment) -> Result<(), Unavailable> {
        let mut at = row::row(&keys::comment_at(&comment.id));
        at.insert("lesson".to_owned(), row::text(comment.lesson.as_str()));
        let mut writes = vec![
            Write::put(comment_row(comment)?).when("attribute_not_exists(pk)"),
            Write::put(at),
            Write::put(author_row(comment)),
        ];
        if !comment.deleted {
            writes.push(count(&comment.lesson, 1));
        }
        match self.transact(writes).await? {
            // Refused: it is there already, since ids are random.
            Transacted::Done | Transacted::Refused(_) => Ok(()),
            Transacted::Contended => Err(contended()),
        }
    }

    async fn comment(&self, id: &CommentId) -> Result<Option<Comment>, Unavailable> {
        let Some(at) = self.get(Store::Lasting, &keys::comment_at(id)).await? else {
            return Ok(None);
        };
        self.comment_of_lesson(&lesson(&at)?, id).await
    }

    async fn thread(
        &self,
        lesson: &LessonRef,
        after: Option<&CommentId>,
        limit: usize,
    ) -> Result<Vec<Comment>, Unavailable> {
        let items = self
            .query(&keys::thread(lesson, after), Some(limit))
            .await?;
        items.iter().map(row::doc).collect()
    }

    async fn comment_count(&self, lesson: &LessonRef) -> Result<u64, Unavailable> {
        match self
            .get(Store::Lasting, &keys::comment_count(lesson))
            .await?
        {
            Some(item) => row::number_of(&item, "n"),
            None => Ok(0),
        }
    }

    async fn save_comment(&self, comment: &Comment) -> Result<(), Unavailable> {
        let key = keys::comment(&comment.lesson, &comment.id);
        for _ in 0..4 {
            let Some(item) = self.get(Store::Lasting, &key).await? else {
                return Err(Unavailable::new("the comment to replace is not there"));
            };
            let stored: Comment = row::doc(&item)?;
            let mut writes = vec![
                Write::put(comment_row(comment)?)
                    .when("deleted = :deleted AND author = :author")
                    .value(":deleted", flag(stored.deleted))
                    .value(":author", row::text(stored.author.as_str())),
            ];
            match (stored.deleted, comment.deleted) {
                (false, true) => writes.push(count(&comment.lesson, -1)),
                (true, false) => writes.push(count(&comment.lesson, 1)),
                _ => {}
            }
            if stored.author != comment.author {
                writes.push(Write::delete(keys::comment_of(&stored.author, &stored.id)));
                // One without a text belongs to nobody: nothing needs to lead from them to it.
                if !comment.deleted {
                    writes.push(Write::put(author_row(comment)));
                }
            }
            if self.transact(writes).await? == Transacted::Done {
                return Ok(());
            }
        }
        Err(contended())
    }

    async fn comments_by(&self, author: &LearnerId) -> Result<Vec<Comment>, Unavailable> {
        let mut comments = Vec::new();
        for item in self.query(&keys::comments_of(author), None).await? {
            let key = row::key_of(&item)?;
            let keys::OfLearner::Comment(id) = keys::OfLearner::of(&key.sk) else {
                return Err(row::missing(&item, "sk"));
            };
            let found = self.comment_of_lesson(&lesson(&item)?, &id).await?;
            comments.extend(found.filter(|comment| comment.author == *author));
        }
        Ok(comments)
    }
}

impl Table {
    async fn comment_of_lesson(
        &self,
        lesson: &LessonRef,
        id: &CommentId,
    ) -> Result<Option<Comment>, Unavailable> {
        let item = self.get(Store::Lasting, &keys::comment(lesson, id)).await?;
        item.as_ref().map(row::doc).transpose()
    }
}

fn comment_row(comment: &Comment) -> Result<Item, Unavailable> {
    let mut item = row::with_doc(&keys::comment(&comment.lesson, &comment.id), comment)?;
    item.insert("deleted".to_owned(), flag(comment.deleted));
    item.insert("author".to_owned(), row::text(comment.author.as_str()));
    Ok(item)
}

/// Leads from an author to a comment of theirs.
fn author_row(comment: &Comment) -> Item {
    let mut item = row::row(&keys::comment_of(&comment.author, &comment.id));
    item.insert("lesson".to_owned(), row::text(comment.lesson.as_str()));
    item
}

fn flag(value: bool) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::Bool(value)
}

fn count(lesson: &LessonRef, by: i8) -> Write {
    Write::update(
        keys::comment_count(lesson),
        "SET v = if_not_exists(v, :v) ADD n :by",
    )
    .value(":v", row::number(1))
    .value(":by", row::number(by))
}

fn lesson(item: &Item) -> Result<LessonRef, Unavailable> {
    LessonRef::parse(row::text_of(item, "lesson")?).ok_or_else(|| row::missing(item, "lesson"))
}
