//! What an editor changed on the review page: `selection.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Chosen, Issue};
use crate::text::plain;

/// An issue as an editor wants it: the file `selection.json` that the review page saves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edits {
    /// The issue: `weekly/12`.
    pub issue: String,
    /// The version of the issue that the editor saw.
    pub version: u32,
    /// The hash of what that version printed, hex SHA-256.
    pub content_sha256: String,
    /// The title of the issue; empty for the digest's title with the number.
    pub title: String,
    /// 编者按, a paragraph a line; empty for none.
    pub note: String,
    /// Everything that was chosen, in the order that is wanted.
    pub pieces: Vec<PieceEdit>,
}

/// One thing chosen, as an editor wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PieceEdit {
    /// Its name within the issue.
    pub key: String,
    /// The heading it stands under.
    pub section: String,
    /// Its title; absent, null or empty for the title of its origin.
    #[serde(default)]
    pub title: Option<String>,
    /// Its summary; absent, null or empty for the one that is made of its text.
    #[serde(default)]
    pub summary: Option<String>,
    /// False where it goes without a picture in the overview.
    pub picture: bool,
    /// True where it is to be left out.
    pub drop: bool,
}

/// Why a file of edits cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditsError {
    /// It is no such file.
    #[error(
        "the selection cannot be read: {0}\nhint: save `selection.json` on the review page again"
    )]
    Unreadable(String),
    /// It belongs to another issue.
    #[error(
        "the selection is for issue `{found}`, wanted `{wanted}`\nhint: run `lianbo issue edit {found} --from …`"
    )]
    OtherIssue {
        /// The issue that is edited.
        wanted: String,
        /// The issue that the file names.
        found: String,
    },
    /// It names something that the issue does not have.
    #[error(
        "the selection names `{key}`, which `{issue}` does not hold (it holds {held})\nhint: save `selection.json` on the newest review page again"
    )]
    UnknownKey {
        /// What it names.
        key: String,
        /// The issue.
        issue: String,
        /// The keys that the issue has.
        held: String,
    },
    /// It names something twice.
    #[error("the selection names `{0}` twice\nhint: leave one of the two")]
    DoubledKey(String),
    /// It is silent on something that the issue has.
    #[error("the selection says nothing of `{0}`\nhint: to leave it out, say `\"drop\": true`")]
    MissingKey(String),
    /// It leaves nothing.
    #[error("the selection drops all of the {0} pieces\nhint: to give an issue up, close it")]
    Nothing(usize),
}

impl EditsError {
    /// What is wrong and what to do, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Unreadable(what) => {
                format!("选稿文件无法读取：{what}；请在审稿页重新保存 selection.json")
            }
            Self::OtherIssue { wanted, found } => {
                format!("选稿文件是 {found} 的，不是 {wanted} 的")
            }
            Self::UnknownKey { key, issue, held } => format!(
                "选稿文件中的 {key} 不在 {issue} 里（现有 {held}）；请在最新的审稿页重新保存"
            ),
            Self::DoubledKey(key) => format!("选稿文件中 {key} 出现两次；请去掉一个"),
            Self::MissingKey(key) => {
                format!("选稿文件没有提到 {key}；要去掉它，请写 \"drop\": true")
            }
            Self::Nothing(count) => {
                format!("选稿文件去掉了全部 {count} 篇；整期作废请用 lianbo issue close")
            }
        }
    }
}

impl Edits {
    /// Reads a file.
    ///
    /// # Errors
    /// [`EditsError::Unreadable`] with line and column where it is not what the review page saves.
    pub fn parse(bytes: &[u8]) -> Result<Self, EditsError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(bytes).map_err(|error| EditsError::Unreadable(error.to_string()))
    }
}

/// The issue with the edits in it: titles, note, order, sections, and what was dropped.
///
/// `version` and `state` stay as they are: whether the edits change what prints is known only when
/// it is laid out again. That the edits were made from the current version is for the caller to see
/// to.
///
/// # Errors
/// Where the edits are for another issue, name a piece that it does not have, name one twice or not
/// at all, or leave nothing.
pub fn apply(issue: &Issue, edits: &Edits) -> Result<Issue, EditsError> {
    let name = issue.id.to_string();
    if edits.issue != name {
        return Err(EditsError::OtherIssue { wanted: name, found: edits.issue.clone() });
    }
    let mut left: BTreeMap<&str, &Chosen> =
        issue.chosen.iter().map(|chosen| (chosen.key.as_str(), chosen)).collect();
    let mut chosen = Vec::with_capacity(edits.pieces.len());
    for edit in &edits.pieces {
        let Some(before) = left.remove(edit.key.as_str()) else {
            return Err(stranger(issue, &edit.key));
        };
        if !edit.drop {
            chosen.push(edited(before, edit));
        }
    }
    if let Some(key) = left.keys().next() {
        return Err(EditsError::MissingKey((*key).to_owned()));
    }
    if chosen.is_empty() {
        return Err(EditsError::Nothing(edits.pieces.len()));
    }
    let title = plain::one_line(&edits.title);
    Ok(Issue { title, note: paragraphs(&edits.note), chosen, ..issue.clone() })
}

fn stranger(issue: &Issue, key: &str) -> EditsError {
    let keys: Vec<&str> = issue.chosen.iter().map(|chosen| chosen.key.as_str()).collect();
    if keys.contains(&key) {
        return EditsError::DoubledKey(key.to_owned());
    }
    let held = keys.join(", ");
    EditsError::UnknownKey { key: key.to_owned(), issue: issue.id.to_string(), held }
}

fn edited(before: &Chosen, edit: &PieceEdit) -> Chosen {
    let line = |text: &Option<String>| {
        text.as_deref().map(plain::one_line).filter(|text| !text.is_empty())
    };
    Chosen {
        section: plain::one_line(&edit.section),
        title: line(&edit.title),
        summary: line(&edit.summary),
        picture: edit.picture,
        ..before.clone()
    }
}

/// Cleaned lines, without empty ones.
fn paragraphs(text: &str) -> String {
    let lines = text.lines().map(plain::one_line).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::issue::tests::weekly;

    /// An issue, and the edits that change nothing of it.
    fn edits() -> (Issue, Edits) {
        let issue = weekly().issue;
        let piece = |chosen: &Chosen| PieceEdit {
            key: chosen.key.clone(),
            section: chosen.section.clone(),
            title: chosen.title.clone(),
            summary: chosen.summary.clone(),
            picture: chosen.picture,
            drop: false,
        };
        let edits = Edits {
            issue: issue.id.to_string(),
            version: issue.version,
            content_sha256: "00".repeat(32),
            title: issue.title.clone(),
            note: issue.note.clone(),
            pieces: issue.chosen.iter().map(piece).collect(),
        };
        (issue, edits)
    }

    #[test]
    fn edits_that_change_nothing_leave_the_issue_as_it_is() {
        let (issue, edits) = edits();
        assert_eq!(apply(&issue, &edits).unwrap(), issue);
        let written = serde_json::to_vec(&edits).unwrap();
        assert_eq!(Edits::parse(&written).unwrap(), edits);
    }

    #[test]
    fn order_titles_sections_pictures_and_drops_are_taken_over() {
        let (issue, mut edits) = edits();
        edits.pieces.swap(0, 1);
        edits.pieces[0].title = Some(" 新\n题 ".to_owned());
        edits.pieces[0].section = "县市".to_owned();
        edits.pieces[0].picture = false;
        edits.pieces[1].summary = Some("\u{3000}".to_owned());
        edits.pieces[2].drop = true;
        edits.title = "迎新特刊".to_owned();
        edits.note = "一\r\n\r\n 二 ".to_owned();
        let after = apply(&issue, &edits).unwrap();
        let keys: Vec<_> = after.chosen.iter().map(|chosen| chosen.key.as_str()).collect();
        assert_eq!(keys, ["a2", "a1", "a4", "m5"]);
        let first = &after.chosen[0];
        assert_eq!(
            (first.title.as_deref(), first.section.as_str(), first.picture),
            (Some("新 题"), "县市", false)
        );
        assert_eq!(first.from, issue.chosen[1].from);
        assert_eq!(after.chosen[1].summary, None);
        assert_eq!((after.title.as_str(), after.note.as_str()), ("迎新特刊", "一\n二"));
        assert_eq!((after.version, after.state), (issue.version, issue.state));
    }

    #[test]
    fn what_does_not_fit_the_issue_is_named() {
        let (issue, edits) = edits();
        let told = |change: &dyn Fn(&mut Edits)| {
            let mut wrong = edits.clone();
            change(&mut wrong);
            apply(&issue, &wrong).unwrap_err().to_string()
        };
        let other = told(&|edits| edits.issue = "daily/3".to_owned());
        assert!(other.contains("`daily/3`") && other.contains("`weekly/12`"), "{other}");
        let unknown = told(&|edits| edits.pieces[0].key = "zz".to_owned());
        assert!(unknown.contains("`zz`") && unknown.contains("a1, a2, a3"), "{unknown}");
        let doubled = told(&|edits| edits.pieces[1].key = "a1".to_owned());
        assert!(doubled.contains("`a1` twice"), "{doubled}");
        let missing = told(&|edits| drop(edits.pieces.pop()));
        assert!(missing.contains("`m5`") && missing.contains("drop"), "{missing}");
        let nothing = told(&|edits| edits.pieces.iter_mut().for_each(|piece| piece.drop = true));
        assert!(nothing.contains("all of the 5 pieces"), "{nothing}");
    }

    #[test]
    fn a_file_that_is_none_is_refused_with_its_place() {
        let (_, edits) = edits();
        let text = serde_json::to_string_pretty(&edits).unwrap();
        let with_mark = format!("\u{feff}{text}");
        assert_eq!(Edits::parse(with_mark.as_bytes()).unwrap(), edits);
        for (wrong, told) in [
            (text.replace("\"drop\"", "\"dorp\""), "dorp"),
            (text.replace("\"version\": 3", "\"version\": \"3\""), "line 3"),
            (text[..40].to_owned(), "EOF"),
            (String::new(), "EOF"),
        ] {
            let error = Edits::parse(wrong.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(told) && error.contains("hint:"), "{error}");
        }
    }
}
