//! What a page of a thread and a new comment ask of the table, call by call: the floor that the load of comments is measured
//! beside makes the same calls, so that no ratio is of different work.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use tuition_adapters::config::CommentConfig;
use tuition_adapters::{OsEntropy, Outside, SharedCatalog, aws, comment_ports};
use tuition_catalog::Catalog;
use tuition_domain::access::reader;
use tuition_domain::comments::{LessonRef, PageRequest, PostRequest, post, read};
use tuition_domain::identity::SessionToken;
use tuition_domain::ports::Sessions as _;

use crate::sale::{CATALOG, ShopClock, variable};
use crate::sample;
use crate::sign_in;
use crate::stage::Stage;
use crate::trace::{Recorder, taken};

#[path = "../../examples/floor/calls.rs"]
mod calls;

/// A free lesson of the sample's catalog.
const LESSON: &str = "rust/hello";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_floor_asks_the_table_what_a_thread_and_a_comment_ask() {
    let stage = Stage::start().await;
    let recorded = Arc::<Mutex<Vec<String>>>::default();
    let url = Recorder::before(stage.stand_ins.dynamodb_url(), &recorded).await;
    let lookup = |name: &str| match name {
        "TUITION_DYNAMODB_URL" => Some(url.clone()),
        name => variable(&stage, name),
    };
    let accounts = sign_in::ports_at(&stage, lookup).await;
    let table = crate::world::World::at(&url).table;
    let learner = sample::account(table.as_ref(), &sample::email("asks")).await;
    let (session, secret) = sample::session(&learner, 1);
    table.save_session(&session).await.unwrap();
    let token = SessionToken {
        owner: learner.clone(),
        secret,
    };
    let outside = Outside {
        clock: Arc::new(ShopClock(stage.stand_ins.clock())),
        entropy: Arc::new(OsEntropy),
        catalog: Arc::new(SharedCatalog::new(Catalog::from_json(CATALOG).unwrap())),
        aws: aws::made_up(),
    };
    let ports = comment_ports(&CommentConfig::parse(lookup).unwrap(), &outside);
    let lesson = LessonRef::parse(LESSON).unwrap();
    let request = PostRequest {
        lesson: lesson.clone(),
        body: "Why does a river not taste of salt, and the sea does?".to_owned(),
        parent: None,
        question: true,
        mistake: false,
        network: "network".to_owned(),
    };

    taken(&recorded);
    let who = reader(&accounts.reader, &token).await.unwrap();
    post(&ports, request, who.as_ref()).await.unwrap();
    let posted = taken(&recorded);
    let who = reader(&accounts.reader, &token).await.unwrap();
    let page = PageRequest::default();
    read(&ports, &lesson, page, who.as_ref()).await.unwrap();
    let shown = taken(&recorded);
    assert!(
        posted.len() > shown.len() && shown.len() > 2,
        "{posted:#?} {shown:#?}"
    );

    let config = aws_sdk_dynamodb::config::Builder::from(&aws::made_up()).endpoint_url(&url);
    let client = Client::from_conf(config.build());
    let floor = calls::Floor::new(client, "shop", "shop-ephemeral");
    let asked = calls::Asked {
        learner: learner.to_string(),
        session: format!("SESSION#{}", session.secret.as_str()),
        lesson: LESSON.to_owned(),
    };
    floor.post(&asked, "{}").await.unwrap();
    assert_eq!(taken(&recorded), posted);
    assert_eq!(floor.page(&asked).await.unwrap().len(), 2);
    assert_eq!(taken(&recorded), shown);
}
