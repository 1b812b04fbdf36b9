//! The words of editors in issues: where a name stands in them, and their end when an item is erased.

use rusqlite::{Transaction, params};

use crate::model::{Chosen, IssueId, Material};

use super::super::mentions::{excerpt, squeezed};
use super::super::{SqliteStore, StoreError};
use super::{Content, StoredManuscript, corrupt};

/// A place in an issue that mentions a name, other than the items that it prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueMention {
    /// The issue.
    pub issue: IssueId,
    /// The piece, where it is one: its edited title or summary, or a manuscript. `None` for title and
    /// 编者按 of the issue.
    pub key: Option<String>,
    /// True where the piece is a manuscript.
    pub manuscript: bool,
    /// The words around it.
    pub excerpt: String,
}

impl SqliteStore {
    /// Every place in issues that mentions `name`: what editors wrote, and manuscripts.
    pub async fn issue_mentions(&self, name: &str) -> Result<Vec<IssueMention>, StoreError> {
        let wanted = squeezed(name);
        self.read(move |connection| {
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let mut found = Vec::new();
            let mut statement = connection.prepare_cached(
                "SELECT digest, total, content FROM issue ORDER BY digest, total",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let issue = IssueId { digest: row.get(0)?, total: row.get(1)? };
                let content: Content =
                    serde_json::from_str(row.get_ref(2)?.as_str().map_err(corrupt)?)?;
                let own =
                    [&content.title, &content.note].into_iter().find_map(|t| excerpt(t, &wanted));
                found.extend(own.map(|excerpt| IssueMention {
                    issue: issue.clone(),
                    key: None,
                    manuscript: false,
                    excerpt,
                }));
                for chosen in &content.chosen {
                    let words = chosen.title.iter().chain(&chosen.summary);
                    let hit = words.into_iter().find_map(|text| excerpt(text, &wanted));
                    found.extend(hit.map(|excerpt| of_piece(&issue, &chosen.key, false, excerpt)));
                }
                let mut statement = connection.prepare_cached(
                    "SELECT key, content FROM manuscript
                     WHERE digest = ?1 AND total = ?2 ORDER BY key",
                )?;
                let mut rows = statement.query(params![issue.digest, issue.total])?;
                while let Some(row) = rows.next()? {
                    let key: String = row.get(0)?;
                    let is_printed = content.chosen.iter().any(|chosen| chosen.key == key);
                    let manuscript: StoredManuscript =
                        serde_json::from_str(row.get_ref(1)?.as_str().map_err(corrupt)?)?;
                    let hit = words(&manuscript).find_map(|text| excerpt(text, &wanted));
                    found.extend(
                        hit.filter(|_| is_printed)
                            .map(|excerpt| of_piece(&issue, &key, true, excerpt)),
                    );
                }
            }
            Ok(found)
        })
        .await
    }
}

fn of_piece(issue: &IssueId, key: &str, manuscript: bool, excerpt: String) -> IssueMention {
    IssueMention { issue: issue.clone(), key: Some(key.to_owned()), manuscript, excerpt }
}

/// What is read of a manuscript.
fn words(manuscript: &StoredManuscript) -> impl Iterator<Item = &str> {
    let captions = manuscript.images.iter().flat_map(|image| [&image.caption, &image.alt]);
    [&manuscript.title, &manuscript.text]
        .into_iter()
        .chain(&manuscript.credit)
        .chain(&manuscript.author)
        .chain(captions)
        .map(String::as_str)
}

/// Takes what editors wrote about an item that is being erased, and its pictures, out of all issues;
/// its place in them stays. To be called while its title is still there.
pub(in crate::store) fn forget(
    transaction: &Transaction<'_>,
    ordinal: i64,
) -> Result<(), StoreError> {
    let (id, title, content): (String, String, String) = transaction.query_row(
        "SELECT id, title, content FROM item WHERE ordinal = ?1",
        [ordinal],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let images: serde_json::Value = serde_json::from_str(&content)?;
    let images: Vec<&str> = images["images"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|image| image["url"].as_str())
        .collect();
    let mut statement =
        transaction.prepare_cached("SELECT digest, total FROM issue_item WHERE item = ?1")?;
    let issues: Vec<(String, u32)> = statement
        .query_map([&id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (digest, total) in issues {
        let issue = IssueId { digest, total };
        let mut gone = scrub(transaction, &issue, &id)?;
        gone.push(title.clone());
        for address in &images {
            transaction.execute(
                "DELETE FROM issue_picture WHERE digest = ?1 AND total = ?2 AND address = ?3",
                params![issue.digest, issue.total, address],
            )?;
        }
        scrub_records(transaction, &issue, &gone)?;
    }
    Ok(())
}

/// Takes the edited title and summary of the item out of the issue; gives them.
fn scrub(
    transaction: &Transaction<'_>,
    issue: &IssueId,
    item: &str,
) -> Result<Vec<String>, StoreError> {
    let text: String = transaction.query_row(
        "SELECT content FROM issue WHERE digest = ?1 AND total = ?2",
        params![issue.digest, issue.total],
        |row| row.get(0),
    )?;
    let mut content: Content = serde_json::from_str(&text)?;
    let is_it = |chosen: &&mut Chosen| matches!(&chosen.from, Material::Item { id, .. } if id.as_str() == item);
    let mut gone = Vec::new();
    for chosen in content.chosen.iter_mut().filter(is_it) {
        gone.extend(chosen.title.take());
        gone.extend(chosen.summary.take());
    }
    transaction.execute(
        "UPDATE issue SET content = ?3, change = change + 1 WHERE digest = ?1 AND total = ?2",
        params![issue.digest, issue.total, serde_json::to_string(&content)?],
    )?;
    Ok(gone)
}

/// Takes `gone` out of what was noted about the issue.
fn scrub_records(
    transaction: &Transaction<'_>,
    issue: &IssueId,
    gone: &[String],
) -> Result<(), StoreError> {
    for words in gone.iter().filter(|words| !words.is_empty()) {
        // As they stand within JSON.
        let written = serde_json::to_string(words)?;
        let written = written.trim_matches('"');
        for sql in [
            "UPDATE issue_act SET act = replace(act, ?3, '（已清除）')
             WHERE digest = ?1 AND total = ?2 AND instr(act, ?3)",
            "UPDATE issue SET pushed = replace(pushed, ?3, '（已清除）')
             WHERE digest = ?1 AND total = ?2 AND instr(pushed, ?3)",
        ] {
            transaction.execute(sql, params![issue.digest, issue.total, written])?;
        }
    }
    Ok(())
}
