//! An issue becomes a draft in an account: pictures, cover, articles, in this order, each result noted
//! at once, so that a push that breaks off is gone on with and nothing is uploaded twice.

use tracing::info;

use crate::config::Account;
use crate::model::{Deed, DraftArticle, IssueId, IssueState, PushedDraft};
use crate::proof;
use crate::publish::wechat::{self, MediaId, Platform, Refusal, WechatError};

use super::acts::{self, Person, subject};
use super::{IssueError, Pipeline, Printed};

/// What came of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// A draft was made.
    Made(PushedDraft),
    /// Its draft was brought up to date.
    Updated(PushedDraft),
    /// The draft says already what the issue prints.
    Same(PushedDraft),
    /// The box held a draft of the issue that we knew nothing of: from a push that was cut off. A
    /// person is to look at it; nothing was written.
    Found(PushedDraft),
}

impl Pushed {
    /// The draft.
    pub fn draft(&self) -> &PushedDraft {
        match self {
            Self::Made(draft) | Self::Updated(draft) | Self::Same(draft) | Self::Found(draft) => {
                draft
            }
        }
    }
}

impl Pipeline {
    /// Makes the issue `id` a draft of its account, or brings its draft up to date. It must have all
    /// approvals that its digest wants, for what it prints now. With `anew` the draft that it became
    /// before is given up: it was deleted on the platform.
    pub async fn push_issue(
        &self,
        id: &IssueId,
        person: &Person,
        anew: bool,
    ) -> Result<Pushed, IssueError> {
        let printed = self.print_issue(id).await?;
        self.still_open(&printed.record)?;
        may_be_pushed(&printed)?;
        let account = self.account_of(id)?;
        let before = printed.record.pushed.clone().filter(|draft| draft.account == account.id);
        let before = before.filter(|_| !anew);
        if let Some(draft) = &before
            && draft.content_sha256 == printed.content_sha256
        {
            return Ok(Pushed::Same(draft.clone()));
        }
        let platform = self.platform(account)?;
        let pushed = match self.put(&platform, &printed, account, before.as_ref()).await {
            Ok(pushed) => pushed,
            Err(error) => return Err(self.push_failed(id, error, before).await),
        };
        let found = pushed.existed && before.is_none();
        let draft = PushedDraft {
            account: account.id.clone(),
            media_id: pushed.media_id.as_str().to_owned(),
            // A draft that was there before may be an earlier version, or an editor's by now: it is not
            // said to be this one, and nothing will be written over it.
            update_time: if found { 0 } else { pushed.update_time.unwrap_or_default() },
            content_sha256: if found { String::new() } else { printed.content_sha256.clone() },
            titles: printed.layout.articles.iter().map(|laid| laid.draft.title.clone()).collect(),
            at: self.now(),
        };
        let shortened = pushed.digest.map(|digest| format!("（平台要求缩短摘要：{digest}）"));
        let remark = format!("{}{}", draft.media_id, shortened.unwrap_or_default());
        let act = person.act(Deed::Pushed, self.now(), remark, printed.content_sha256);
        let noted = (Some(draft.clone()), Some(IssueState::Pushed));
        self.store.note_on_platform(id, noted, Some(act)).await?;
        self.store.heal(&subject(id), &[], self.now()).await?;
        info!(issue = %id, account = account.id, found, "issue pushed");
        Ok(match (found, before) {
            (true, _) => Pushed::Found(draft),
            (false, Some(_)) => Pushed::Updated(draft),
            (false, None) => Pushed::Made(draft),
        })
    }

    /// Uploads what the issue needs and makes its draft, or brings that up to date.
    async fn put(
        &self,
        platform: &Platform,
        printed: &Printed,
        account: &Account,
        before: Option<&PushedDraft>,
    ) -> Result<wechat::Pushed, IssueError> {
        let articles = self.uploaded(platform, printed, account, false).await?;
        let error = match draft(platform, printed, before, &articles).await {
            Ok(pushed) => return Ok(pushed),
            Err(error) => error,
        };
        let Some(why @ (Refusal::Media | Refusal::CoverCrop)) = error.refusal() else {
            return Err(error.into());
        };
        // Somebody removed a cover from the account's material, or one is not cut as it should be.
        self.forget_covers(printed, account).await?;
        let plainly = why == Refusal::CoverCrop;
        let articles = self.uploaded(platform, printed, account, plainly).await?;
        Ok(draft(platform, printed, before, &articles).await?)
    }

    /// What the platform's refusal means for the issue: what is known of the draft is kept, and the
    /// operator hears of it.
    async fn push_failed(
        &self,
        id: &IssueId,
        error: IssueError,
        before: Option<PushedDraft>,
    ) -> IssueError {
        let IssueError::Platform(refused) = &error else { return error };
        let (code, detail) = (refused.problem(), refused.to_string());
        let told = self.store.raise(code, &subject(id), &detail, self.now()).await;
        let kept = match (refused, before) {
            (WechatError::Partly { update_time: Some(at), .. }, Some(draft)) => {
                let content_sha256 = String::new();
                let draft = PushedDraft { update_time: *at, content_sha256, ..draft };
                self.store.note_on_platform(id, (Some(draft), None), None).await
            }
            _ => Ok(()),
        };
        match told.map(drop).and(kept) {
            Ok(()) => error,
            Err(failed) => failed.into(),
        }
    }
}

/// Makes the draft, or brings the one that there is up to date.
async fn draft(
    platform: &Platform,
    printed: &Printed,
    before: Option<&PushedDraft>,
    articles: &[DraftArticle],
) -> Result<wechat::Pushed, WechatError> {
    let mark = printed.composition.number();
    match before {
        Some(draft) => {
            let media_id = MediaId::new(draft.media_id.clone());
            let recorded = (draft.update_time != 0).then_some(draft.update_time);
            platform.bring_up_to_date(&media_id, recorded, articles, &mark).await
        }
        None => platform.create_draft(articles, &mark).await,
    }
}

/// Refuses what was not approved as it prints now, and what must not go out.
pub(super) fn may_be_pushed(printed: &Printed) -> Result<(), IssueError> {
    let id = &printed.record.issue.id;
    if let Some(step) = printed.next_step() {
        let void = printed.record.acts.iter().any(|act| act.what.is_approval());
        let (zh, en) = match void {
            true => (
                "；此前的审核因内容有变已失效",
                "; earlier approvals are void since its content changed",
            ),
            false => ("", ""),
        };
        return Err(IssueError::refused(
            format!("{id} 还差{}{zh}；用 lianbo issue approve {id} --by 姓名", acts::zh(step)),
            format!(
                "{id} still needs its {}{en}; `lianbo issue approve {id} --by NAME`",
                acts::en(step)
            ),
        ));
    }
    match printed.remarks.iter().find(|remark| proof::stops_a_push(remark)) {
        Some(severe) => Err(IssueError::refused(
            format!("须先改正：{}", severe.zh),
            format!("to be put right first: {}", severe.en),
        )),
        None => Ok(()),
    }
}
