//! Issues of digests: store ─► compose ─► render ─► a folder, and how an issue goes from one state to
//! the next.
//!
//! Nothing here trusts an approval further than the bytes that it was given for: what an issue prints
//! is made anew each time, and an approval counts while its hash is that of what prints.

mod account;
mod acts;
mod build;
mod bundle;
mod edit;
mod pictures;
mod push;
mod send;
mod upload;

use std::collections::BTreeMap;

use crate::compose::issue::{Members, Original, piece};
use crate::config::Digest;
use crate::model::{
    Both, Chosen, IssueComposition, IssueId, Laid, Layout, Material, Piece, Remark, Since,
};
use crate::proof;
use crate::render;
use crate::store::{IssueRecord, StoreError, StoredManuscript};
use crate::text::dark;

use super::Pipeline;

pub use acts::Person;
pub use build::Built;
pub use edit::{Changes, Spot};
pub use push::Pushed;
pub use send::Shown;

/// Why something was not done with an issue.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// It may not be done, or not now; the sentence says what to do.
    #[error("{0}")]
    Refused(Both),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The platform refused, or could not be asked.
    #[error(transparent)]
    Platform(#[from] crate::publish::wechat::WechatError),
}

impl IssueError {
    fn refused(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Refused(Both::new(zh, en))
    }

    /// Somebody else changed the issue in the meantime.
    fn changed(id: &IssueId) -> Self {
        Self::refused(
            format!("{id} 刚刚被别人改动，本次未保存；请重试"),
            format!("somebody else changed {id} just now; nothing was stored, try again"),
        )
    }
}

/// An issue as it prints now.
#[derive(Clone, Debug)]
pub struct Printed {
    /// Its record.
    pub record: IssueRecord,
    /// What it prints.
    pub composition: IssueComposition,
    /// The same laid out; without articles for a bulletin.
    pub layout: Layout,
    /// What editors should look at.
    pub remarks: Vec<Remark>,
    /// The hash of what it prints, hex SHA-256.
    pub content_sha256: String,
}

impl Pipeline {
    /// The digest of an issue.
    fn digest_of(&self, id: &IssueId) -> Result<&Digest, IssueError> {
        self.config.digest(&id.digest).ok_or_else(|| self.no_digest(&id.digest))
    }

    fn no_digest(&self, slug: &str) -> IssueError {
        let known: Vec<&str> =
            self.config.digests.iter().map(|digest| digest.spec.slug.as_str()).collect();
        IssueError::refused(
            format!("配置中没有文摘“{slug}”；现有：{}", known.join("、")),
            format!("no digest `{slug}` is configured; known: {}", known.join(", ")),
        )
    }

    /// The record of the issue `id`, after noting what became of its items.
    pub async fn issue(&self, id: &IssueId) -> Result<IssueRecord, IssueError> {
        self.overtake_issues().await?;
        let unknown = || {
            IssueError::refused(
                format!("没有 {id} 这一期；用 lianbo issue list 查看"),
                format!("there is no issue {id}; see `lianbo issue list`"),
            )
        };
        self.store.issue(id).await?.ok_or_else(unknown)
    }

    /// The issue `id` as it prints now.
    pub async fn print_issue(&self, id: &IssueId) -> Result<Printed, IssueError> {
        let record = self.issue(id).await?;
        self.print(record).await
    }

    async fn print(&self, record: IssueRecord) -> Result<Printed, IssueError> {
        let composition = self.compose_issue(&record).await?;
        let tables = self.proof_tables();
        let work = move || {
            let layout = match composition.digest.kind.is_for_wechat() {
                true => render::wechat::lay(&composition),
                false => Layout::default(),
            };
            let mut remarks = proof::remarks(&composition, &layout, &tables);
            remarks.extend(layout.articles.iter().flat_map(traps));
            remarks.extend(layout.remarks.iter().cloned());
            let content_sha256 = render::issue::content_sha256(&composition, &layout);
            Printed { record, composition, layout, remarks, content_sha256 }.settled()
        };
        let printed = tokio::task::spawn_blocking(work).await;
        printed
            .map_err(|_| IssueError::refused("排版时出错", "laying the issue out ended in a panic"))
    }

    /// What the issue of `record` prints.
    async fn compose_issue(&self, record: &IssueRecord) -> Result<IssueComposition, IssueError> {
        let issue = &record.issue;
        let digest = self.digest_of(&issue.id)?.spec.clone();
        let manuscripts = self.store.manuscripts(&issue.id).await?;
        let members = self.members();
        let mut pieces = Vec::with_capacity(issue.chosen.len());
        for chosen in &issue.chosen {
            let original = self.original(chosen, &manuscripts, &members).await?;
            pieces.push(piece(&digest, chosen, original));
        }
        let (pictures, missing) = self.issue_pictures(issue, &wanted(&digest, &pieces)).await?;
        let (cover, cover_square) = self.covers(issue, &digest).await?;
        Ok(IssueComposition {
            digest,
            issue: issue.clone(),
            pieces,
            pictures,
            missing,
            cover,
            cover_square,
            acts: record.acts.clone(),
        })
    }

    /// The text that was chosen, as it was chosen.
    async fn original(
        &self,
        chosen: &Chosen,
        manuscripts: &BTreeMap<String, StoredManuscript>,
        members: &Members,
    ) -> Result<Original, IssueError> {
        match &chosen.from {
            Material::Item { id, revision } => {
                let versions = self.store.versions(id).await?;
                let wanted = versions.iter().find(|version| version.revision == *revision);
                match (wanted, versions.last()) {
                    (Some(item), Some(current)) => {
                        Ok(members.original(item, current, &chosen.also_at))
                    }
                    _ => Ok(gone(id.as_str())),
                }
            }
            Material::Manuscript { file } => match manuscripts.get(&chosen.key) {
                Some(manuscript) => Ok(of_manuscript(manuscript, members)),
                None => Ok(gone(file)),
            },
        }
    }

    /// What is known of the sites that items come from.
    fn members(&self) -> Members {
        let mut members = Members::default();
        for site in &self.config.sites {
            members.names.insert(site.id.to_string(), site.name.clone());
            let columns = site.columns.iter();
            members
                .names
                .extend(columns.map(|column| (column.id.to_string(), column.name.clone())));
            let names = site.self_names.iter().chain(&site.publisher);
            let names = names.chain([&site.name, &site.short_name]).cloned();
            members.credits.extend(names.filter(|name| !name.is_empty()));
        }
        members
    }
}

/// What of an article becomes ugly at night.
fn traps(laid: &Laid) -> impl Iterator<Item = Remark> {
    let piece = match &laid.pieces[..] {
        [only] => Some(only.clone()),
        _ => None,
    };
    dark::traps(&laid.draft.content).into_iter().map(move |trap| {
        let (zh, en) = trap.kind.sentence();
        Remark {
            code: trap.kind.code(),
            piece: piece.clone(),
            severe: false,
            zh: zh.to_owned(),
            en: en.to_owned(),
            words: trap.words,
        }
    })
}

/// Addresses of the pictures that an issue needs: of an overview the first of each piece, of articles
/// of their own all of them.
fn wanted(digest: &crate::model::DigestSpec, pieces: &[Piece]) -> Vec<String> {
    use crate::model::DigestKind;
    let in_full = match digest.kind {
        DigestKind::Overview => 0,
        DigestKind::Articles | DigestKind::Both => ARTICLES,
        DigestKind::Bulletin => usize::MAX,
    };
    let printed = pieces.iter().filter(|piece| piece.since != Since::Withdrawn);
    let mut addresses: Vec<String> = Vec::new();
    for (number, piece) in printed.enumerate() {
        let most = if number < in_full { usize::MAX } else { usize::from(piece.picture) };
        addresses.extend(piece.images.iter().take(most).map(|image| image.url.to_string()));
    }
    let mut seen = std::collections::HashSet::new();
    addresses.retain(|address| seen.insert(address.clone()));
    addresses
}

/// Articles of a draft at most (`draft/add`).
const ARTICLES: usize = 8;

/// Of what was chosen nothing is left: it was erased.
fn gone(name: &str) -> Original {
    Original {
        title: name.to_owned(),
        html: String::new(),
        text: String::new(),
        images: Vec::new(),
        source: String::new(),
        attribution: String::new(),
        byline: String::new(),
        url: None,
        site: String::new(),
        posted: None,
        third_party: false,
        summary_only: false,
        since: Since::Withdrawn,
        also_at: Vec::new(),
    }
}

fn of_manuscript(manuscript: &StoredManuscript, members: &Members) -> Original {
    let source = manuscript.credit.clone().unwrap_or_default();
    Original {
        title: manuscript.title.clone(),
        html: manuscript.html.clone(),
        text: manuscript.text.clone(),
        images: manuscript.images.clone(),
        third_party: members.is_third_party(manuscript.credit.as_deref(), &source),
        attribution: match source.is_empty() {
            true => String::new(),
            false => format!("来源：{source}"),
        },
        source,
        byline: manuscript.author.as_ref().map(|name| format!("作者：{name}")).unwrap_or_default(),
        url: None,
        site: String::new(),
        posted: manuscript.posted,
        summary_only: false,
        since: Since::Same,
        also_at: Vec::new(),
    }
}
