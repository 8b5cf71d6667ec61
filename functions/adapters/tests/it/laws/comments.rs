//! Comments.

use std::sync::Arc;

use tuition_domain::comments::Comment;
use tuition_domain::ports::Comments;

use super::{CROWD, crowd};
use crate::sample;

pub(crate) async fn a_thread_is_read_in_pages_oldest_first(store: Arc<impl Comments>) {
    let (lesson, author) = (sample::lesson("特性"), sample::learner());
    let mut ids = Vec::new();
    for at in [3, 1, 2, 5, 4] {
        let comment = sample::comment(&lesson, &author, at);
        store.add_comment(&comment).await.unwrap();
        assert_eq!(
            store.comment(&comment.id).await.unwrap(),
            Some(comment.clone())
        );
        ids.push(comment.id);
    }
    let elsewhere = sample::comment(&sample::lesson("特性2"), &author, 0);
    store.add_comment(&elsewhere).await.unwrap();
    ids.sort();
    let mut read = Vec::new();
    loop {
        let page = store.thread(&lesson, read.last(), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        read.extend(page.into_iter().map(|comment| comment.id));
    }
    assert_eq!(read, ids);
}

pub(crate) async fn the_count_follows_what_is_deleted(store: Arc<impl Comments>) {
    let (lesson, author) = (sample::lesson("count"), sample::learner());
    assert_eq!(store.comment_count(&lesson).await.unwrap(), 0);
    let comment = sample::comment(&lesson, &author, 0);
    for _ in 0..2 {
        store.add_comment(&comment).await.unwrap();
        assert_eq!(store.comment_count(&lesson).await.unwrap(), 1);
    }
    for _ in 0..2 {
        store.save_comment(&comment.removed()).await.unwrap();
        assert_eq!(store.comment_count(&lesson).await.unwrap(), 0);
    }
    assert_eq!(
        store.thread(&lesson, None, 10).await.unwrap(),
        [comment.removed()],
        "its place stays"
    );
    store.save_comment(&comment).await.unwrap();
    assert_eq!(store.comment_count(&lesson).await.unwrap(), 1);
    let never_added = sample::comment(&lesson, &author, 1);
    assert!(store.save_comment(&never_added).await.is_err());
}

pub(crate) async fn comments_added_at_once_are_all_counted(store: Arc<impl Comments + 'static>) {
    let lesson = sample::lesson("busy");
    let added = crowd(&store, |store, _| {
        let comment = sample::comment(&lesson, &sample::learner(), 0);
        async move {
            store.add_comment(&comment).await.unwrap();
            comment
        }
    })
    .await;
    let crowd_size = u64::try_from(CROWD).unwrap();
    assert_eq!(store.comment_count(&lesson).await.unwrap(), crowd_size);
    assert_eq!(store.thread(&lesson, None, 100).await.unwrap().len(), CROWD);
    crowd(&store, |store, turn| {
        let removed = added[turn / 2].removed();
        async move { store.save_comment(&removed).await.unwrap() }
    })
    .await;
    let left = u64::try_from(CROWD - CROWD / 2).unwrap();
    assert_eq!(
        store.comment_count(&lesson).await.unwrap(),
        left,
        "each deleted once"
    );
}

pub(crate) async fn a_comment_with_a_new_author_is_found_by_that_one(store: Arc<impl Comments>) {
    let (guest, learner) = (sample::learner(), sample::learner());
    let comment = sample::comment(&sample::lesson("adopted"), &guest, 0);
    store.add_comment(&comment).await.unwrap();
    let adopted = Comment {
        author: learner.clone(),
        ..comment
    };
    for _ in 0..2 {
        store.save_comment(&adopted).await.unwrap();
    }
    assert!(store.comments_by(&guest).await.unwrap().is_empty());
    assert_eq!(store.comments_by(&learner).await.unwrap(), [adopted]);
}

pub(crate) async fn an_erased_author_has_no_comments(store: Arc<impl Comments>) {
    let (author, nobody) = (sample::learner(), sample::learner());
    let mut comments = Vec::new();
    for name in ["a", "b"] {
        let comment = sample::comment(&sample::lesson(name), &author, 0);
        store.add_comment(&comment).await.unwrap();
        comments.push(comment);
    }
    let mut found = store.comments_by(&author).await.unwrap();
    found.sort_by(|a, b| a.lesson.cmp(&b.lesson));
    assert_eq!(found, comments);
    for comment in &comments {
        store.save_comment(&comment.erased(&nobody)).await.unwrap();
    }
    assert!(store.comments_by(&author).await.unwrap().is_empty());
    let stored = store.comment(&comments[0].id).await.unwrap().unwrap();
    assert_eq!((stored.author, stored.deleted), (nobody, true));
}
