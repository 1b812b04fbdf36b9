//! Editing an issue: every change makes its approvals void.

use bytes::Bytes;

use crate::compose::issue::free_key;
use crate::manuscript::Manuscript;
use crate::model::{Both, Chosen, Deed, Issue, IssueId, ItemId, ItemState, Material, SiteId};
use crate::render::issue::{Edits, apply};
use crate::store::{IssueMention, IssueRecord, StoredManuscript};

use super::acts::Person;
use super::{IssueError, Pipeline};

/// Where something that is added to an issue goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    /// The heading, one of the digest or of the issue; the last one of the issue where none is named.
    pub section: Option<String>,
    /// Before everything else of its section.
    pub first: bool,
}

/// What is changed of an issue without the review page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// A title; empty for that of the digest and its number.
    pub title: Option<String>,
    /// 编者按.
    pub note: Option<String>,
    /// Pieces that are to print their items' newest versions, by key; all of them where `all`.
    pub newest: Vec<String>,
    /// All pieces are to print the newest versions.
    pub all_newest: bool,
    /// Pieces that are taken out, by key.
    pub dropped: Vec<String>,
}

impl Pipeline {
    /// Applies what an editor saved on the review page.
    pub async fn edit_issue(
        &self,
        id: &IssueId,
        edits: &Edits,
        person: &Person,
        remark: &str,
    ) -> Result<IssueRecord, IssueError> {
        let record = self.issue(id).await?;
        if edits.version != record.issue.version {
            let (then, now) = (edits.version, record.issue.version);
            return Err(IssueError::refused(
                format!(
                    "这份选稿是在第 {then} 版上做的，现在已是第 {now} 版；请重新生成审稿页（lianbo issue build）后再改"
                ),
                format!(
                    "the selection was made from version {then}, and the issue is at version {now}; build the review page anew and edit that"
                ),
            ));
        }
        let refused = |error: crate::render::issue::EditsError| {
            IssueError::Refused(Both::new(error.zh(), error.to_string()))
        };
        let issue = apply(&record.issue, edits).map_err(refused)?;
        self.edited(record, issue, person, remark).await
    }

    /// Makes single changes.
    pub async fn change_issue(
        &self,
        id: &IssueId,
        changes: &Changes,
        person: &Person,
        remark: &str,
    ) -> Result<IssueRecord, IssueError> {
        let record = self.issue(id).await?;
        let mut issue = record.issue.clone();
        for key in changes.newest.iter().chain(&changes.dropped) {
            if !issue.chosen.iter().any(|chosen| chosen.key == *key) {
                return Err(IssueError::refused(
                    format!("{id} 中没有稿件 {key}；用 lianbo issue show {id} 查看"),
                    format!("there is no piece `{key}` in {id}; see `lianbo issue show {id}`"),
                ));
            }
        }
        issue.title = changes.title.clone().unwrap_or(issue.title);
        issue.note = changes.note.clone().unwrap_or(issue.note);
        issue.chosen.retain(|chosen| !changes.dropped.contains(&chosen.key));
        for chosen in &mut issue.chosen {
            if let Material::Item { id, revision } = &mut chosen.from
                && (changes.all_newest || changes.newest.contains(&chosen.key))
                && let Some(item) = self.store.item(id).await?
            {
                *revision = item.revision;
            }
        }
        self.edited(record, issue, person, remark).await
    }

    /// Takes words out of an issue that mention a name: a piece that mentions it, or title and 编者按.
    pub async fn take_words(
        &self,
        mention: &IssueMention,
        person: &Person,
    ) -> Result<(), IssueError> {
        let changes = match &mention.key {
            Some(key) => Changes { dropped: vec![key.clone()], ..Changes::default() },
            None => Changes {
                title: Some(String::new()),
                note: Some(String::new()),
                ..Changes::default()
            },
        };
        self.change_issue(&mention.issue, &changes, person, "撤下").await.map(drop)
    }

    /// Adds a stored item, in its newest version.
    pub async fn add_item(
        &self,
        id: &IssueId,
        item: &ItemId,
        spot: &Spot,
        person: &Person,
    ) -> Result<IssueRecord, IssueError> {
        let record = self.issue(id).await?;
        self.has_section(&record.issue, spot)?;
        let is_it =
            |chosen: &&Chosen| matches!(&chosen.from, Material::Item { id, .. } if id == item);
        if let Some(there) = record.issue.chosen.iter().find(is_it) {
            let key = &there.key;
            return Err(IssueError::refused(
                format!("这篇文章已在 {id} 中（{key}）"),
                format!("the item is in {id} already ({key})"),
            ));
        }
        let found = self.store.item(item).await?.filter(|item| item.state == ItemState::Live);
        let Some(found) = found else {
            return Err(IssueError::refused(
                "没有这篇文章，或它未公开、已撤稿",
                "there is no such item, or it is not public",
            ));
        };
        let also_at = found.told_at();
        let from = Material::Item { id: found.id, revision: found.revision };
        let mut issue = record.issue.clone();
        let key = put(&mut issue, from, also_at, spot);
        let remark = format!("加入 {key}《{}》", found.title);
        self.edited(record, issue, person, &remark).await
    }

    /// Adds a text that came in a file.
    pub async fn add_manuscript(
        &self,
        id: &IssueId,
        file: &str,
        manuscript: Manuscript,
        spot: &Spot,
        person: &Person,
    ) -> Result<IssueRecord, IssueError> {
        let record = self.issue(id).await?;
        self.still_open(&record)?;
        self.has_section(&record.issue, spot)?;
        let mut issue = record.issue.clone();
        let key = put(&mut issue, Material::Manuscript { file: file.to_owned() }, Vec::new(), spot);
        // Two files may bring pictures of the same name.
        let own = |address: &str| {
            format!("manuscript:{key}/{}", address.trim_start_matches("manuscript:"))
        };
        let mut html = manuscript.html;
        let mut images = manuscript.images;
        for image in &mut images {
            let (before, after) = (image.url.to_string(), own(image.url.as_str()));
            html = html.replace(&format!("\"{before}\""), &format!("\"{after}\""));
            if let Ok(url) = after.parse() {
                image.url = url;
            }
        }
        let pictures: Vec<(String, Bytes)> =
            manuscript.pictures.into_iter().map(|(name, bytes)| (own(&name), bytes)).collect();
        let pictures = self.fitted(pictures).await?;
        let title = manuscript.title.clone();
        let stored = StoredManuscript {
            file: file.to_owned(),
            title: manuscript.title,
            credit: manuscript.credit,
            author: manuscript.author,
            posted: manuscript.posted,
            html,
            text: manuscript.text,
            images,
        };
        self.store.keep_issue_pictures(id, pictures).await?;
        self.store.keep_manuscript(id, &key, stored).await?;
        let remark = format!("加入 {key}《{title}》（{file}）");
        self.edited(record, issue, person, &remark).await
    }

    /// Refuses a heading that neither the digest nor the issue has: it would be printed.
    fn has_section(&self, issue: &Issue, spot: &Spot) -> Result<(), IssueError> {
        let Some(wanted) = &spot.section else { return Ok(()) };
        let defined = &self.digest_of(&issue.id)?.spec.sections;
        let defined = defined.iter().map(|section| section.title.as_str());
        let used = issue.chosen.iter().map(|chosen| chosen.section.as_str());
        let mut known: Vec<&str> = Vec::new();
        for name in defined.chain(used) {
            if !name.is_empty() && !known.contains(&name) {
                known.push(name);
            }
        }
        if known.contains(&wanted.as_str()) {
            return Ok(());
        }
        Err(IssueError::refused(
            format!("{} 没有栏目“{wanted}”；现有：{}", issue.id, known.join("、")),
            format!("{} has no section `{wanted}`; known: {}", issue.id, known.join(", ")),
        ))
    }

    /// Stores an issue that was edited: a new version, nobody has approved it.
    async fn edited(
        &self,
        mut record: IssueRecord,
        mut issue: Issue,
        person: &Person,
        remark: &str,
    ) -> Result<IssueRecord, IssueError> {
        self.still_open(&record)?;
        if issue == record.issue {
            return Ok(record);
        }
        issue.edited();
        let id = issue.id.clone();
        record.issue = issue;
        let act = person.act(Deed::Edited, self.now(), remark.to_owned(), String::new());
        self.keep(&record, Some(act), true).await?;
        self.freeze_pictures(&id).await?;
        self.issue(&id).await
    }
}

/// Puts `from`, whose story stands at `also_at` too, at its spot; gives the key that it has from now on.
fn put(issue: &mut Issue, from: Material, also_at: Vec<SiteId>, spot: &Spot) -> String {
    let key = free_key(&issue.chosen);
    let last = issue.chosen.last().map(|chosen| chosen.section.clone());
    let section = spot.section.clone().or(last).unwrap_or_default();
    let (title, summary, picture) = (None, None, true);
    let chosen = Chosen { key: key.clone(), from, section, title, summary, picture, also_at };
    let of_it = |other: &Chosen| other.section == chosen.section;
    let place = match spot.first {
        true => issue.chosen.iter().position(of_it),
        false => issue.chosen.iter().rposition(of_it).map(|last| last + 1),
    };
    let end = issue.chosen.len();
    issue.chosen.insert(place.unwrap_or(end), chosen);
    key
}
