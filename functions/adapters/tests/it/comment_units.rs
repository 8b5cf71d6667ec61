//! What a comment costs at the table.

use tuition_domain::ports::{Added, Comments as _};

use crate::sample;
use crate::stage::Stage;
use crate::world::World;
use crate::write_units::Counter;

/// Five rows of at most a kilobyte in one step.
const MOST_WRITE_UNITS: f64 = 10.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_stays_within_its_write_units() {
    let stage = Stage::start().await;
    let counter = Counter::before(stage.stand_ins.dynamodb_url()).await;
    let world = World::at(&counter.url);
    world.table.ensure().await.unwrap();
    let mut comment = sample::comment(&sample::lesson("cost"), &sample::learner(), 0);
    comment.moderation.queued = true;
    counter.start();
    let added = world.table.add_comment(&comment, None).await.unwrap();
    assert_eq!(added, Added::Yes);
    let units = counter.units();
    assert!(
        units > 0.0 && units <= MOST_WRITE_UNITS,
        "{units} units:\n{}",
        counter.table()
    );
}
