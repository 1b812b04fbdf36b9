//! Pictures in bodies: at our own place instead of the original address, or not at all.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::{Captures, NoExpand, Regex};

use crate::model::{IssueComposition, IssuePicture, Laid, Piece};
use crate::render::parts::escaped;

// Bodies come from the sanitiser: attributes stand in double quotes, nothing else is possible.
static IMG: LazyLock<Regex> = LazyLock::new(|| pattern("<img[^>]*>"));
static SRC: LazyLock<Regex> = LazyLock::new(|| pattern(" src=\"([^\"]*)\""));
static INDENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(<p>)(?:\s|\u{3000}|&nbsp;)+"));
static ASSET: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{\{asset:([0-9a-f]+)\}\}"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is valid")
}

/// What an attribute of a sanitised body says.
fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Where a picture stands in the bundle: `images/3fa8….jpg`.
pub(super) fn place(picture: &IssuePicture) -> String {
    format!("images/{}", picture.name)
}

/// The body of a piece for printing: pictures beside it, those that could not be had in words, and
/// paragraphs without the spaces that stand for an indent.
pub(super) fn printed(piece: &Piece, composition: &IssueComposition) -> String {
    if piece.summary_only {
        return format!("<p>{}</p>", escaped(&piece.summary));
    }
    let html = IMG.replace_all(&piece.html, |img: &Captures<'_>| {
        let source = SRC.captures(&img[0]).map(|source| unescaped(&source[1]));
        match source.and_then(|source| composition.pictures.get(&source)) {
            Some(picture) => {
                let source = format!(" src=\"{}\"", escaped(&place(picture)));
                SRC.replace(&img[0], NoExpand(&source)).into_owned()
            }
            None => "<span class=\"gone\">［图片未能取得］</span>".to_owned(),
        }
    });
    INDENT.replace_all(&html, "$1").into_owned()
}

/// The pictures at hand by their hash.
pub(super) fn by_hash(composition: &IssueComposition) -> BTreeMap<&str, &IssuePicture> {
    let covers = composition.cover.iter().chain(&composition.cover_square);
    let all = composition.pictures.values().chain(covers);
    all.map(|picture| (picture.sha256.as_str(), picture)).collect()
}

/// The content of an article with its pictures beside it instead of placeholders.
pub(super) fn shown(laid: &Laid, pictures: &BTreeMap<&str, &IssuePicture>) -> String {
    let html = ASSET.replace_all(&laid.draft.content, |asset: &Captures<'_>| {
        pictures.get(&asset[1]).map_or_else(|| asset[0].to_owned(), |it| escaped(&place(it)))
    });
    html.into_owned()
}

/// A picture as an address that carries it.
pub(super) fn data_url(picture: &IssuePicture) -> String {
    let kind = if picture.bytes.starts_with(b"\x89PNG") { "png" } else { "jpeg" };
    format!("data:image/{kind};base64,{}", STANDARD.encode(&picture.bytes))
}

/// An article to be pasted. The editor fetches pictures from their addresses; those of manuscripts
/// have none, and are carried in the text.
pub(super) fn pasted(laid: &Laid, composition: &IssueComposition) -> String {
    let html = IMG.replace_all(&laid.paste, |img: &Captures<'_>| {
        let source = SRC.captures(&img[0]).map(|source| unescaped(&source[1]));
        let source = source.filter(|source| !source.starts_with("http"));
        match source.and_then(|source| composition.pictures.get(&source)) {
            Some(picture) => {
                let source = format!(" src=\"{}\"", data_url(picture));
                SRC.replace(&img[0], NoExpand(&source)).into_owned()
            }
            None => img[0].to_owned(),
        }
    });
    html.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::issue::tests::{laid, weekly};

    #[test]
    fn pictures_stand_beside_the_text_or_are_told_of() {
        let mut composition = weekly();
        composition.pieces[0].html = "<p>\u{3000}\u{3000}一</p><figure><img src=\"https://x.test/a.jpg?a=1&amp;b=2\" alt=\"会场\"></figure><p><img src=\"https://x.test/$1gone.jpg\"></p>".to_owned();
        let html = printed(&composition.pieces[0], &composition);
        assert!(html.starts_with("<p>一</p>"), "{html}");
        assert!(html.contains("<img src=\"images/aa.jpg\" alt=\"会场\">"), "{html}");
        assert!(html.contains("［图片未能取得］") && !html.contains("x.test"), "{html}");
        composition.pieces[0].summary_only = true;
        composition.pieces[0].summary = "摘要 <b>".to_owned();
        assert_eq!(printed(&composition.pieces[0], &composition), "<p>摘要 &lt;b&gt;</p>");
    }

    #[test]
    fn pictures_of_manuscripts_are_pasted_with_the_text() {
        let mut composition = weekly();
        let mut laid = laid(&composition).articles.remove(0);
        assert_eq!(pasted(&laid, &composition), laid.paste, "public addresses stay");
        let picture = composition.pictures.values().next().unwrap().clone();
        composition.pictures.insert("manuscript:m5/a&b.png".to_owned(), picture);
        laid.paste = "<p><img src=\"manuscript:m5/a&amp;b.png\" alt=\"图\"></p>".to_owned();
        let html = pasted(&laid, &composition);
        assert!(html.starts_with("<p><img src=\"data:image/png;base64,iVBOR"), "{html}");
        assert!(html.ends_with("\" alt=\"图\"></p>"), "{html}");
    }

    #[test]
    fn placeholders_become_files() {
        let composition = weekly();
        let layout = laid(&composition);
        let html = shown(&layout.articles[0], &by_hash(&composition));
        assert!(html.contains("src=\"images/aa.jpg\""), "{html}");
        assert!(!html.contains("{{asset"), "{html}");
    }
}
