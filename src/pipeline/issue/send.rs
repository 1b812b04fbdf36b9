//! What leaves the draft box: a look on a reviewer's phone, publishing, sending to all followers.

use crate::model::{Deed, IssueId, IssueState};
use crate::publish::wechat::MediaId;

use super::acts::Person;
use super::push::may_be_pushed;
use super::{IssueError, Pipeline};

/// What was shown to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// WeChat names.
    pub to: Vec<String>,
}

impl Pipeline {
    /// Shows the draft of the issue on the phones of reviewers.
    pub async fn preview_issue(
        &self,
        id: &IssueId,
        to: &[String],
        person: &Person,
    ) -> Result<Shown, IssueError> {
        let record = self.issue(id).await?;
        let account = self.account_of(id)?;
        let Some(draft) = &record.pushed else { return Err(not_pushed(id)) };
        let to = if to.is_empty() { account.reviewers.clone() } else { to.to_vec() };
        if to.is_empty() {
            return Err(IssueError::refused(
                "没有写明给谁看；请用 --to 微信号，或在 [[account]] 中写 reviewers",
                "nobody to show it to; give `--to`, or `reviewers` in `[[account]]`",
            ));
        }
        let platform = self.platform(account)?;
        let media_id = MediaId::new(draft.media_id.clone());
        for name in &to {
            platform.preview(&media_id, name).await?;
        }
        let sha256 = draft.content_sha256.clone();
        let act = person.act(Deed::Previewed, self.now(), to.join("、"), sha256);
        self.store.note_on_platform(id, (None, None), Some(act)).await?;
        Ok(Shown { to })
    }

    /// Publishes the draft (`to_all` false) or sends it to all followers; both only where the account
    /// allows it. Gives the platform's name of the act.
    pub async fn send_issue(
        &self,
        id: &IssueId,
        to_all: bool,
        person: &Person,
    ) -> Result<String, IssueError> {
        let printed = self.print_issue(id).await?;
        self.still_open(&printed.record)?;
        may_be_pushed(&printed)?;
        let account = self.account_of(id)?;
        let (allowed, key) = match to_all {
            true => (account.may_send, "mass_send"),
            false => (account.may_publish, "publish"),
        };
        if !allowed {
            return Err(IssueError::refused(
                format!("未开启；确需从这里发出时，在 [[account]] 中写 {key} = true"),
                format!("not switched on; say `{key} = true` in `[[account]]`"),
            ));
        }
        let Some(draft) = &printed.record.pushed else { return Err(not_pushed(id)) };
        if draft.content_sha256 != printed.content_sha256 {
            return Err(IssueError::refused(
                "草稿箱里的不是最新内容；请先推送（lianbo issue push）",
                "the draft is not what the issue prints now; push it first",
            ));
        }
        let platform = self.platform(account)?;
        let media_id = MediaId::new(draft.media_id.clone());
        let recorded = (draft.update_time != 0).then_some(draft.update_time);
        // What an editor changed since was approved by nobody here.
        platform.unedited(&media_id, recorded).await?;
        let name = match to_all {
            true => {
                let client_id = format!("lianbo-{}-{}", id.digest, id.total);
                platform.send_all(&media_id, &client_id).await?.msg_id
            }
            false => platform.submit(&media_id).await?,
        };
        let act = person.act(Deed::Sent, self.now(), name.clone(), printed.content_sha256);
        self.store.note_on_platform(id, (None, Some(IssueState::Closed)), Some(act)).await?;
        Ok(name)
    }
}

fn not_pushed(id: &IssueId) -> IssueError {
    IssueError::refused(
        format!("{id} 还没有推送；先用 lianbo issue push {id}"),
        format!("{id} is no draft yet; `lianbo issue push {id}` first"),
    )
}
