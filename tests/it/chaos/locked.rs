//! Another program holds the database: an editor's tool, a copy in the making.

use lianbo::model::ProblemCode;
use rusqlite::Connection;

use crate::ground::{Ground, items, once, problems, try_once};

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_loses_nothing_and_the_next_run_makes_up_for_it() {
    let ground = Ground::new();
    let pipeline = ground.open().await;
    once(&pipeline).await;
    let (public, before) = (ground.public(), items(&pipeline.store).await);
    let other = Connection::open(ground.data().join("lianbo.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    ground.list("/yw/", &[4, 3, 2, 1]);
    // As long as a writer waits for a lock.
    let error = try_once(&pipeline).await.unwrap_err();
    assert_eq!(error.code(), ProblemCode::DataLocked, "{error}");
    assert_eq!(items(&pipeline.store).await, before, "what is there can still be read");
    assert!(ground.public() == public);

    other.execute_batch("ROLLBACK").unwrap();
    once(&pipeline).await;
    assert_eq!(items(&pipeline.store).await.len(), before.len() + 1);
    assert_eq!(problems(&pipeline.store).await, []);
}
