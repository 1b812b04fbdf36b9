//! The editors of the demo: what people do with an issue, so that a newcomer sees all of it.

use std::sync::Arc;
use std::time::Duration;

use tracing::{info, warn};
use url::Url;

use crate::config::Config;
use crate::daemon::{machine_clock, open_beside};
use crate::model::{IssueId, IssueState};
use crate::pipeline::{IssueError, Person, Pipeline};

/// Between two looks whether there is an issue.
const LOOK: Duration = Duration::from_secs(1);
/// Between two acts, so that one can watch.
const PAUSE: Duration = Duration::from_secs(2);
/// Who reviews: posts, not persons.
const REVIEWERS: [&str; 3] = ["示例初审", "示例二审", "示例终审"];

/// Waits for the first issue that the daemon on `config` builds, has it reviewed three times and pushes
/// it; `phones` is where its draft can be looked at then.
pub async fn review(config: Config, phones: Url) {
    let config = Arc::new(config);
    loop {
        tokio::time::sleep(LOOK).await;
        if !config.daemon.data.join("lianbo.db").is_file() {
            continue;
        }
        let Ok(pipeline) = open_beside(Arc::clone(&config), machine_clock()) else { continue };
        let waiting = pipeline.store.issues(None).await.ok().into_iter().flatten().find(|record| {
            record.issue.state == IssueState::Built && is_for_account(&config, &record.issue.id)
        });
        let Some(record) = waiting else { continue };
        match carry_through(&pipeline, &record.issue.id).await {
            Ok(draft) => {
                info!(issue = %record.issue.id, draft, phone = %phones, "look at the draft on the phone")
            }
            Err(error) => {
                warn!(issue = %record.issue.id, "the demo's editors were stopped: {error}")
            }
        }
        return;
    }
}

fn is_for_account(config: &Config, id: &IssueId) -> bool {
    config.digest(&id.digest).is_some_and(|digest| digest.spec.kind.is_for_wechat())
}

/// Three reviews by three people, then the push; gives the name of the draft.
async fn carry_through(pipeline: &Pipeline, id: &IssueId) -> Result<String, IssueError> {
    for name in REVIEWERS {
        tokio::time::sleep(PAUSE).await;
        let person = Person { name: Some(name.to_owned()), way: "demo" };
        pipeline.approve_issue(id, &person, None, "").await?;
    }
    tokio::time::sleep(PAUSE).await;
    let person = Person { name: Some("示例发布".to_owned()), way: "demo" };
    let pushed = pipeline.push_issue(id, &person, false).await?;
    let draft = pushed.draft();
    Ok(draft.media_id.clone())
}
