//! The last sanitising: whatever was written before, nothing but a small part of HTML passes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use regex::{Captures, Regex};
use url::{Host, Url};

use crate::model::{Attachment, Body, Image};
use crate::text::{plain, web};

const TAGS: &[&str] = &[
    "p",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "ul",
    "ol",
    "li",
    "figure",
    "img",
    "figcaption",
    "a",
    "strong",
    "em",
    "sub",
    "sup",
    "br",
];

/// The scheme of addresses of pictures that came in the file of a manuscript: `manuscript:1.jpg`.
pub const MANUSCRIPT: &str = "manuscript";

/// The body with clean markup, clean texts and public addresses only.
pub fn body(body: &Body) -> Body {
    clean_body(body, &CLEANER, is_public)
}

/// As [`body`], for what a manuscript says: its own pictures stay, and nothing else that is not
/// public.
pub fn manuscript(body: &Body) -> Body {
    clean_body(body, &OF_MANUSCRIPTS, |url| is_public(url) || is_own(url))
}

fn clean_body(body: &Body, cleaner: &Builder<'_>, shown: fn(&Url) -> bool) -> Body {
    let images = body.images.iter().filter(|image| shown(&image.url)).map(|image| Image {
        url: image.url.clone(),
        alt: plain::one_line(&image.alt),
        caption: plain::one_line(&image.caption),
    });
    let files = body.attachments.iter().filter(|file| is_public(&file.url));
    let files =
        files.map(|file| Attachment { url: file.url.clone(), name: plain::one_line(&file.name) });
    Body {
        html: cleaned(&body.html, cleaner),
        text: lines(&body.text),
        images: images.collect(),
        attachments: files.collect(),
    }
}

/// One paragraph a line, no empty lines.
fn lines(text: &str) -> String {
    let lines = plain::clean(text);
    let lines: Vec<String> =
        lines.lines().map(plain::one_line).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Clean HTML: allowed elements and attributes, absolute public http(s) addresses.
pub fn html(dirty: &str) -> String {
    cleaned(dirty, &CLEANER)
}

fn cleaned(dirty: &str, cleaner: &Builder<'_>) -> String {
    let clean = cleaner.clean(&plain::clean(dirty)).to_string();
    let clean = IMG.replace_all(&clean, |img: &Captures<'_>| {
        if img[0].contains(" src=\"") { img[0].to_owned() } else { String::new() }
    });
    // Character references have been resolved by now, so what they hid is visible.
    plain::clean(&clean)
}

static IMG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("<img[^>]*>").expect("the pattern is valid"));

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = builder();
    builder.attribute_filter(attribute);
    builder
});

static OF_MANUSCRIPTS: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = builder();
    builder.add_url_schemes([MANUSCRIPT]).attribute_filter(|element, name, value| {
        let own = || Url::parse(value).is_ok_and(|url| is_own(&url));
        match (element, name) {
            ("img", "src") if own() => Some(Cow::Borrowed(value)),
            _ => attribute(element, name, value),
        }
    });
    builder
});

fn builder() -> Builder<'static> {
    let set = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let mut builder = Builder::empty();
    builder
        .tags(set(TAGS))
        .clean_content_tags(set(&["script", "style", "iframe", "object", "svg", "template"]))
        .tag_attributes(HashMap::from([
            ("p", set(&["style"])),
            ("a", set(&["href"])),
            ("img", set(&["src", "alt", "width", "height"])),
            ("td", set(&["colspan", "rowspan"])),
            ("th", set(&["colspan", "rowspan"])),
        ]))
        .url_schemes(set(&["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"));
    builder
}

/// True for the address of a picture of a manuscript: its name alone, of plain characters.
fn is_own(url: &Url) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
    url.scheme() == MANUSCRIPT
        && !url.path().is_empty()
        && url.path().bytes().all(plain)
        && url.query().is_none()
        && url.fragment().is_none()
}

fn attribute<'u>(_: &str, name: &str, value: &'u str) -> Option<Cow<'u, str>> {
    match name {
        "style" => alignment(value).map(Cow::Borrowed),
        "href" | "src" => {
            let url = Url::parse(value.trim()).ok()?;
            is_public(&url).then_some(Cow::Owned(url.into()))
        }
        "alt" => Some(Cow::Owned(plain::one_line(value).replace(['<', '>'], ""))),
        "width" | "height" | "colspan" | "rowspan" => {
            let number = value.trim().trim_end_matches("px");
            number.parse::<u16>().ok().filter(|&number| number > 0).map(|n| n.to_string().into())
        }
        _ => Some(Cow::Borrowed(value)),
    }
}

fn alignment(style: &str) -> Option<&'static str> {
    style.split(';').find_map(|property| {
        let (name, value) = property.split_once(':')?;
        if !name.trim().eq_ignore_ascii_case("text-align") {
            return None;
        }
        match value.trim().to_ascii_lowercase().as_str() {
            "center" => Some("text-align:center"),
            "right" => Some("text-align:right"),
            _ => None,
        }
    })
}

/// False for other schemes and for addresses that readers must not be sent to.
fn is_public(url: &Url) -> bool {
    if !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    match url.host() {
        Some(Host::Domain(name)) => !name.is_empty() && name != "localhost",
        Some(Host::Ipv4(ip)) => !web::is_private(ip.into()),
        Some(Host::Ipv6(ip)) => !web::is_private(ip.into()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_extract_writes_passes() {
        for kept in [
            "<p style=\"text-align:center\">市工商联<br>召开<strong>会议</strong></p>",
            "<h2>一</h2><blockquote><em>二</em></blockquote><ul><li>三<sub>四</sub></li></ul>",
            "<figure><img src=\"http://a.test/1.jpg\" alt=\"图\"><figcaption>图为会场</figcaption></figure>",
            "<table><tbody><tr><td colspan=\"2\">一</td></tr></tbody></table>",
            "<p><a href=\"https://a.test/x?a=1&amp;b=2\" rel=\"noopener noreferrer\">附件</a></p>",
        ] {
            assert_eq!(html(kept), kept);
        }
    }

    #[test]
    fn nothing_else_passes() {
        for (dirty, clean) in [
            ("<p onclick=\"x()\" class=\"a\">字</p>", "<p>字</p>"),
            (
                "<p style=\"position:fixed;text-align: Right\">字</p>",
                "<p style=\"text-align:right\">字</p>",
            ),
            ("<script>alert(1)</script><style>p{}</style>字<!-- 注 -->", "字"),
            ("<a href=\"javascript:x\">字</a>", "<a rel=\"noopener noreferrer\">字</a>"),
            ("<a href=\"../x\">字</a>", "<a rel=\"noopener noreferrer\">字</a>"),
            ("<img src=\"data:image/png;base64,AA\">字", "字"),
            ("<img src=\"http://192.168.1.9/a.jpg\" alt=\"a>b\">字", "字"),
            (
                "<img src=\"http://a.test/1.jpg\" width=\"9e9\" onerror=\"x\">",
                "<img src=\"http://a.test/1.jpg\">",
            ),
            ("<font color=red><span>字</span></font>", "字"),
            ("<p>a&#1;b\u{0}c&#xFFFE;</p>", "<p>abc</p>"),
            ("<svg><text>字</text></svg><iframe src=\"http://a.test\">字</iframe>", ""),
            ("<p>1 &lt; 2 &amp; 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
        ] {
            assert_eq!(html(dirty), clean, "from {dirty}");
        }
    }

    #[test]
    fn a_manuscript_has_pictures_of_its_own_and_no_other_freedom() {
        let clean =
            |html: &str| manuscript(&Body { html: html.to_owned(), ..Body::default() }).html;
        let own = "<figure><img src=\"manuscript:1.jpg\" alt=\"会场\"></figure>";
        assert_eq!(clean(own), own);
        assert_eq!(html(own), "<figure></figure>");
        for wrong in [
            "<img src=\"manuscript:../1.jpg\">",
            "<img src=\"manuscript://a.test/1.jpg\">",
            "<img src=\"manuscript:1.jpg?x=1\">",
            "<img src=\"manuscript:\">",
            "<img src=\"data:image/png;base64,AA\">",
            "<script src=\"manuscript:1.js\"></script>",
        ] {
            assert_eq!(clean(wrong), "", "from {wrong}");
        }
        assert!(!clean("<a href=\"manuscript:1.jpg\">字</a>").contains("href"));
    }

    proptest::proptest! {
        #[test]
        fn cleaning_again_changes_nothing(dirty in "(<[a-z/!]{0,8}|[ =\"'a-z>&;#0-9-]{0,6}|\\PC){0,20}") {
            let once = html(&dirty);
            proptest::prop_assert_eq!(html(&once), once);
        }
    }
}
