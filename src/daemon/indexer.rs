//! Keeps the full-text index up with what is published: after the documents that readers wait for.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::model::Seq;
use crate::pipeline::Pipeline;
use crate::store::{SqliteStore, StoreError};

/// Between two batches others have the machine for a moment.
const PAUSE: Duration = Duration::from_millis(10);

/// Runs until `end`; what is not indexed by then is at the next start.
pub(super) async fn run(
    store: SqliteStore,
    mut fresh: watch::Receiver<Seq>,
    end: CancellationToken,
) {
    loop {
        let up_to = *fresh.borrow_and_update();
        tokio::select! {
            () = catch_up(&store, up_to) => {}
            () = end.cancelled() => return,
        }
        tokio::select! {
            Ok(()) = fresh.changed() => {}
            () = end.cancelled() => return,
            else => return,
        }
    }
}

/// Finds the stories of what was stored before stories were looked for; what is left at `end` waits
/// for the next start.
pub(super) async fn find_stories(pipeline: Pipeline, end: CancellationToken) {
    while !end.is_cancelled() {
        match pipeline.store.gather_stories((pipeline.clock)()).await {
            Ok(true) => tokio::time::sleep(PAUSE).await,
            Ok(false) => return,
            Err(error) => {
                error!(code = error.code().as_str(), "{error}");
                return;
            }
        }
    }
}

/// Batch after batch. An index that cannot be written is made anew, once.
async fn catch_up(store: &SqliteStore, up_to: Seq) {
    let mut mended = false;
    let mut batches = 0_u64;
    loop {
        match store.index_more(up_to).await {
            Ok(true) => {
                batches += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Ok(false) => {
                if batches > 1 {
                    info!(batches, up_to, "indexed");
                }
                return;
            }
            Err(StoreError::Database(error)) if !mended => {
                warn!("the full-text index is built anew: {error}");
                mended = true;
                if let Err(error) = store.reset_index().await {
                    error!(code = error.code().as_str(), "{error}");
                    return;
                }
            }
            Err(error) => {
                error!(code = error.code().as_str(), "{error}");
                return;
            }
        }
    }
}
