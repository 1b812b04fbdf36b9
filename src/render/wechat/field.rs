//! The fields of an article beside its text, within their limits.

use url::Url;

use super::remark::{named, remark};
use super::words;
use crate::model::{DraftArticle, IssueComposition, IssuePicture, Piece, Remark};

/// Characters of a title at most; more is refused (45003).
const TITLE: usize = 64;
/// Characters of a title that are shown everywhere.
const TITLE_SHOWN: usize = 32;
/// Characters of a signature at most.
const AUTHOR: usize = 16;
/// Characters of a 摘要 at most (45004).
const DIGEST: usize = 120;
/// Bytes of the address behind 阅读原文 at most (45005).
const ADDRESS: usize = 1024;

/// The title within its limits, with the name of its part behind it.
pub(super) fn title(
    words: &str,
    part: &str,
    piece: Option<&Piece>,
    remarks: &mut Vec<Remark>,
) -> String {
    let whole = words::line(words) + part;
    let length = words::length(&whole);
    if length <= TITLE_SHOWN {
        return whole;
    }
    if length <= TITLE {
        remarks.push(Remark {
            words: whole.clone(),
            ..remark(
                "title-long",
                piece,
                format!("标题共 {length} 字，超过 {TITLE_SHOWN} 字时可能显示不全，建议缩短"),
                format!("the title has {length} characters; beyond {TITLE_SHOWN} it may not be shown whole: shorten it"),
            )
        });
        return whole;
    }
    let cut = words::cut(&words::line(words), TITLE - words::length(part)) + part;
    remarks.push(Remark {
        words: whole,
        ..remark(
            "title-cut",
            piece,
            format!("标题共 {length} 字，超过平台上限 {TITLE} 字，已截短为“{cut}”，请改写"),
            format!("the title has {length} characters, the platform takes {TITLE}: it was cut; give it another"),
        )
    });
    cut
}

/// Who signs, within the limit.
pub(super) fn author(composition: &IssueComposition, remarks: &mut Vec<Remark>) -> String {
    let whole = words::line(&composition.digest.author);
    let cut = words::cut(&whole, AUTHOR);
    if cut != whole {
        remarks.push(Remark {
            words: whole,
            ..remark(
                "author-cut",
                None,
                format!("署名超过 {AUTHOR} 字，已截短为“{cut}”，请在文摘设置中修改 author"),
                format!("the author has more than {AUTHOR} characters and was cut: change `author` of the digest"),
            )
        });
    }
    cut
}

/// 摘要 from whole sentences.
pub(super) fn digest(text: &str) -> String {
    words::whole_sentences(&words::line(text), DIGEST)
}

/// 摘要 from titles, as many as fit whole.
pub(super) fn digest_of_titles<'a>(titles: impl Iterator<Item = &'a str>) -> String {
    let mut digest = String::new();
    for title in titles.map(words::line).filter(|title| !title.is_empty()) {
        let joint = if digest.is_empty() { "" } else { "；" };
        if words::length(&digest) + words::length(joint) + words::length(&title) > DIGEST {
            break;
        }
        digest.push_str(joint);
        digest.push_str(&title);
    }
    digest
}

/// The address behind 阅读原文: empty where it is longer than the platform takes.
pub(super) fn source_address(piece: &Piece) -> String {
    let address = piece.url.as_ref().map(Url::as_str);
    address.filter(|address| address.len() <= ADDRESS).unwrap_or_default().to_owned()
}

/// Says which addresses are too long to be printed or opened.
pub(super) fn remark_addresses(pieces: &[&Piece], remarks: &mut Vec<Remark>) {
    let long = pieces.iter().filter_map(|piece| Some((*piece, piece.url.as_ref()?.as_str().len())));
    for (piece, length) in long.filter(|(_, length)| *length > ADDRESS) {
        remarks.push(remark(
            "address-long",
            Some(piece),
            format!("{}的原文地址长 {length} 字节，超过平台上限，未设“阅读原文”，文末也未列出", named(piece)),
            format!("the address of the original has {length} bytes, too many for the platform: it is left out"),
        ));
    }
}

/// A draft of these fields. `cover` is a picture of its own for it, to be uploaded as it is.
pub(super) fn draft(
    title: String,
    author: String,
    content: String,
    source: String,
    cover: Option<&IssuePicture>,
) -> DraftArticle {
    let (width, height) = cover.map_or(COVER, |cover| (cover.width, cover.height));
    DraftArticle {
        article_type: "news".to_owned(),
        title,
        author,
        digest: String::new(),
        content,
        content_source_url: source,
        thumb_media_id: cover.map_or_else(
            || "{{cover}}".to_owned(),
            |cover| format!("{{{{cover:{}}}}}", cover.sha256),
        ),
        need_open_comment: 0,
        only_fans_can_comment: 0,
        pic_crop_235_1: crop(width, height, 2.35),
        pic_crop_1_1: crop(width, height, 1.0),
    }
}

/// Width and height of the drawn cover, in pixels.
const COVER: (u32, u32) = (900, 383);

/// The middle of a picture in this ratio, as `X1_Y1_X2_Y2`; all of it where it has the ratio within
/// half a percent.
fn crop(width: u32, height: u32, ratio: f64) -> String {
    let own = f64::from(width.max(1)) / f64::from(height.max(1));
    let (x, y) = if (own / ratio - 1.0).abs() < 0.005 {
        (0.0, 0.0)
    } else if own > ratio {
        ((1.0 - ratio / own) / 2.0, 0.0)
    } else {
        (0.0, (1.0 - own / ratio) / 2.0)
    };
    let shown = |part: f64| {
        let text = format!("{part:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    format!("{}_{}_{}_{}", shown(x), shown(y), shown(1.0 - x), shown(1.0 - y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crops_are_the_middle_of_the_picture() {
        assert_eq!(crop(900, 383, 2.35), "0_0_1_1");
        assert_eq!(crop(900, 383, 1.0), "0.287222_0_0.712778_1");
        assert_eq!(crop(800, 600, 2.35), "0_0.216312_1_0.783688");
        assert_eq!(crop(0, 0, 1.0), "0_0_1_1");
    }

    #[test]
    fn titles_keep_both_limits() {
        let mut remarks = Vec::new();
        assert_eq!(title("工商\n联", "（上）", None, &mut remarks), "工商 联（上）");
        assert!(remarks.is_empty());
        assert_eq!(words::length(&title(&"长".repeat(64), "", None, &mut remarks)), 64);
        let cut = title(&"长".repeat(65), "（下）", None, &mut remarks);
        assert!(cut.ends_with("…（下）") && words::length(&cut) == 64, "{cut}");
        let codes: Vec<_> = remarks.iter().map(|remark| remark.code).collect();
        assert_eq!(codes, ["title-long", "title-cut"]);
        assert_eq!(digest_of_titles(["甲", "", "乙"].into_iter()), "甲；乙");
        assert_eq!(digest_of_titles([&*"长".repeat(121)].into_iter()), "");
    }
}
