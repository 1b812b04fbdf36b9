//! An issue laid out for the platform, and what an editor should look at.

use serde::{Deserialize, Serialize};

/// One article of a draft, as `draft/add` takes it. Pictures and covers that are not uploaded yet
/// stand in it as `{{asset:SHA256}}` and `{{cover}}`, `{{cover:SHA256}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftArticle {
    /// Always `news`.
    pub article_type: String,
    /// At most 64 characters; 32 are shown everywhere.
    pub title: String,
    /// At most 16 characters.
    pub author: String,
    /// 摘要, at most 120 characters; empty in a draft of several articles.
    pub digest: String,
    /// HTML on one line, below 20,000 characters.
    pub content: String,
    /// 阅读原文: absolute, at most 1 KB, or empty.
    pub content_source_url: String,
    /// The permanent material that is its cover.
    pub thumb_media_id: String,
    /// 1 where readers may comment.
    pub need_open_comment: u8,
    /// 1 where only followers may.
    pub only_fans_can_comment: u8,
    /// The crop of the cover at the head of a conversation, `X1_Y1_X2_Y2` in parts of one.
    pub pic_crop_235_1: String,
    /// The square crop.
    pub pic_crop_1_1: String,
}

/// An issue laid out for the platform.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Its articles, in the order of the draft.
    pub articles: Vec<Laid>,
    /// What was left out or shortened to keep the limits, for the editor.
    pub remarks: Vec<Remark>,
}

/// One article of an issue, laid out.
#[derive(Clone, Debug, PartialEq)]
pub struct Laid {
    /// As it is pushed; pictures and cover are placeholders.
    pub draft: DraftArticle,
    /// The same to be pasted into the platform's editor: pictures stand at their original
    /// addresses, and what the editor would not inherit is repeated on every paragraph.
    pub paste: String,
    /// The keys of the pieces that it prints, in order.
    pub pieces: Vec<String>,
    /// Hex SHA-256 of the pictures in it, in reading order.
    pub pictures: Vec<String>,
}

/// A remark for the editor of an issue: something that should be looked at before it goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What kind it is, stable: `title-long`, `third-party`, `phone-number`, `roster-outdated`.
    pub code: &'static str,
    /// The piece it is about; `None` for the issue as a whole.
    pub piece: Option<String>,
    /// True where the issue must not go out so.
    pub severe: bool,
    /// What was found and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// The words that it is about, as they stand in the text; empty where there are none.
    pub words: String,
}
