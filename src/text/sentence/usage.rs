//! What room of the data folder is used for.

use crate::model::{Lang, UsageKind};

/// The name of a kind.
pub fn kind(kind: UsageKind, lang: Lang) -> &'static str {
    let (zh, en) = match kind {
        UsageKind::Items => ("文章", "items"),
        UsageKind::Revisions => ("旧版本", "earlier revisions"),
        UsageKind::Pages => ("已存网页", "kept pages"),
        UsageKind::Pictures => ("图片与附件", "pictures and attachments"),
        UsageKind::Issues => ("文摘", "issues of digests"),
        UsageKind::Documents => ("已发布文件", "published documents"),
        UsageKind::Index => ("索引与其他记录", "indexes and other records"),
        UsageKind::Free => ("库内空闲（将再用）", "free in the database (used again)"),
        UsageKind::Other => ("其他文件", "other files"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}
