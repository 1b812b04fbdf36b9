//! An issue becomes a draft in an account: pictures, cover, articles, in this order, each result noted
//! at once, so that a push that breaks off is gone on with and nothing is uploaded twice.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::spawn_blocking;
use tracing::info;

use crate::config::{Account, SecretPlace};
use crate::model::{
    AssetKind, Deed, DraftArticle, IssueId, IssuePicture, IssueState, PushedDraft, Secret,
};
use crate::net::{Client, NetSettings};
use crate::picture::issue as fitting;
use crate::publish::wechat::{self, MediaId, Platform, Refusal, Time, WechatError};
use crate::render;

use super::acts::{Person, subject};
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

/// What was shown to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// WeChat names.
    pub to: Vec<String>,
}

/// For which use an account has a picture.
const BODY: &str = "body";
const COVER: &str = "cover";

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

    /// The articles with all their pictures in the account; `plainly` gives each the cover of the
    /// issue.
    async fn uploaded(
        &self,
        platform: &Platform,
        printed: &Printed,
        account: &Account,
        plainly: bool,
    ) -> Result<Vec<DraftArticle>, IssueError> {
        let composition = &printed.composition;
        let by_hash: HashMap<&str, &IssuePicture> = composition
            .pictures
            .values()
            .chain(composition.cover.iter().chain(&composition.cover_square))
            .map(|picture| (picture.sha256.as_str(), picture))
            .collect();
        let Some(cover) = &composition.cover else {
            return Err(IssueError::refused(
                "没有封面，不能推送；请按提示安装字体或在文摘中写明 cover",
                "there is no cover; install a font, or name a picture in `cover`",
            ));
        };
        let mut addresses: HashMap<String, String> = HashMap::new();
        let pictures = printed.layout.articles.iter().flat_map(|laid| &laid.pictures);
        for sha256 in pictures {
            if let (Some(picture), false) =
                (by_hash.get(sha256.as_str()), addresses.contains_key(sha256))
            {
                let address = self.upload(platform, account, picture, BODY).await?;
                addresses.insert(sha256.clone(), address);
            }
        }
        let mut articles = Vec::new();
        for laid in &printed.layout.articles {
            let mut article = laid.draft.clone();
            let named = article.thumb_media_id.strip_prefix("{{cover:");
            let named = named.and_then(|rest| rest.strip_suffix("}}"));
            let of_its_own = named.and_then(|sha256| by_hash.get(sha256).copied());
            let picture = of_its_own.filter(|_| !plainly).unwrap_or(cover);
            article.thumb_media_id = self.upload(platform, account, picture, COVER).await?;
            let filled = render::wechat::fill(&article.content, |name| {
                addresses.get(name.strip_prefix("asset:")?).cloned()
            });
            if let Some(left) = filled.left.first() {
                return Err(IssueError::refused(
                    format!(
                        "图片 {left} 没有上传，不能推送；请重新生成（lianbo issue build）后再试"
                    ),
                    format!("picture {left} was not uploaded; build the issue anew and try again"),
                ));
            }
            article.content = filled.content;
            articles.push(article);
        }
        Ok(articles)
    }

    /// Covers of the issue are to be uploaded again.
    async fn forget_covers(&self, printed: &Printed, account: &Account) -> Result<(), IssueError> {
        let composition = &printed.composition;
        let covers = composition.cover.iter().chain(&composition.cover_square);
        for picture in composition.pictures.values().chain(covers) {
            let (app, sha256) = (&account.app_id, &picture.sha256);
            self.store.note_upload(app, sha256, COVER, None, self.now()).await?;
        }
        Ok(())
    }

    /// Where the account has the picture; it is uploaded once.
    async fn upload(
        &self,
        platform: &Platform,
        account: &Account,
        picture: &IssuePicture,
        place: &'static str,
    ) -> Result<String, IssueError> {
        let (app, sha256) = (&account.app_id, &picture.sha256);
        if let Some(known) = self.store.upload(app, sha256, place).await? {
            return Ok(known);
        }
        let kind = match picture.name.ends_with(".png") {
            true => AssetKind::Png,
            false => AssetKind::Jpeg,
        };
        let mut address = given(platform, &picture.bytes, &picture.name, kind, place).await;
        if let Err(error) = &address
            && let Some(Refusal::FileType | Refusal::FileSize) = error.refusal()
        {
            // Once more in the plainest form.
            let (bytes, limits) = (picture.bytes.clone(), self.picture_limits());
            let plainer = spawn_blocking(move || fitting::plainer(&bytes, limits)).await;
            if let Ok(Ok(plain)) = plainer {
                let name = format!("{}.jpg", &sha256[..16]);
                address = given(platform, &plain.bytes, &name, AssetKind::Jpeg, place).await;
            }
        }
        let address = address?;
        self.store.note_upload(app, sha256, place, Some(address.clone()), self.now()).await?;
        Ok(address)
    }

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

    fn account_of(&self, id: &IssueId) -> Result<&Account, IssueError> {
        let digest = self.digest_of(id)?;
        if !digest.spec.kind.is_for_wechat() {
            return Err(IssueError::refused(
                format!("{id} 是印发的刊物，不推送公众号；终审后用 lianbo issue close 结束"),
                format!("{id} is a printed bulletin; close it once it is printed"),
            ));
        }
        let account = digest.account.as_deref().or_else(|| match &self.config.accounts[..] {
            [only] => Some(only.id.as_str()),
            _ => None,
        });
        account.and_then(|account| self.config.account(account)).ok_or_else(|| {
            IssueError::refused(
                format!("文摘“{}”没有写明公众号（account），成品目录可照常粘贴使用", id.digest),
                format!(
                    "digest `{}` names no `account`; the bundle can be pasted without one",
                    id.digest
                ),
            )
        })
    }

    /// The platform as `account` sees it.
    fn platform(&self, account: &Account) -> Result<Platform, IssueError> {
        let data = &self.config.daemon.data;
        let settings =
            NetSettings { resolve: self.config.fetch.resolve.clone().into_iter().collect() };
        let of_platform = wechat::Account {
            key: account.id.clone(),
            app_id: account.app_id.clone(),
            secret: secret(account)?,
            base: account.base.clone(),
            allow_private: account.allow_private,
            token_file: data.join(format!("wechat-{}.token", account.id)),
        };
        let clock = Arc::clone(&self.clock);
        Ok(Platform::new(of_platform, Client::new(settings), Time::new(clock)))
    }
}

/// Gives the account a picture; where it is then.
async fn given(
    platform: &Platform,
    bytes: &Bytes,
    name: &str,
    kind: AssetKind,
    place: &'static str,
) -> Result<String, WechatError> {
    match place {
        COVER => platform.add_cover(bytes, name, kind).await.map(|id| id.as_str().to_owned()),
        _ => platform.upload_picture(bytes, name, kind).await.map(|url| url.to_string()),
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

fn not_pushed(id: &IssueId) -> IssueError {
    IssueError::refused(
        format!("{id} 还没有推送；先用 lianbo issue push {id}"),
        format!("{id} is no draft yet; `lianbo issue push {id}` first"),
    )
}

/// Refuses what was not approved as it prints now, and what must not go out.
fn may_be_pushed(printed: &Printed) -> Result<(), IssueError> {
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
            format!("{id} 还差{}{zh}；用 lianbo issue approve {id} --by 姓名", step.name()),
            format!(
                "{id} still needs its review {step:?}{en}; `lianbo issue approve {id} --by NAME`"
            ),
        ));
    }
    match printed.remarks.iter().find(|remark| remark.severe) {
        Some(severe) => Err(IssueError::refused(
            format!("须先改正：{}", severe.zh),
            format!("to be put right first: {}", severe.en),
        )),
        None => Ok(()),
    }
}

/// The `AppSecret`, from the environment or from a file that nobody else may read.
fn secret(account: &Account) -> Result<Secret, IssueError> {
    let name = &account.name;
    let text = match &account.secret {
        SecretPlace::Variable(variable) => std::env::var(variable).map_err(|_| {
            IssueError::refused(
                format!("公众号“{name}”的 AppSecret 应在环境变量 {variable} 中，而它没有设置"),
                format!("the AppSecret of `{name}` is wanted in the variable `{variable}`, which is not set"),
            )
        })?,
        SecretPlace::File(path) => from_file(path.clone(), name)?,
        SecretPlace::Known(secret) => return Ok(secret.clone()),
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(IssueError::refused(
            format!("公众号“{name}”的 AppSecret 是空的"),
            format!("the AppSecret of `{name}` is empty"),
        ));
    }
    Ok(Secret::new(text.as_bytes().to_vec()))
}

fn from_file(path: PathBuf, name: &str) -> Result<String, IssueError> {
    let shown = path.display().to_string();
    let unreadable = |error: std::io::Error| {
        IssueError::refused(
            format!("公众号“{name}”的 AppSecret 文件 {shown} 无法读取：{error}"),
            format!("the AppSecret of `{name}` cannot be read from `{shown}`: {error}"),
        )
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).map_err(unreadable)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(IssueError::refused(
                format!("{shown} 其他用户也能读取；请先 chmod 600 {shown}"),
                format!("others can read `{shown}`; `chmod 600` it first"),
            ));
        }
    }
    std::fs::read_to_string(&path).map_err(unreadable)
}
