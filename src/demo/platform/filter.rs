//! What the platform leaves of HTML that it is given: the picture host's own pictures, links into
//! itself, inline styles without position.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use regex::{Captures, Regex};
use url::Url;

use super::upload::HOST;

/// Elements that stay; of others only what is in them does.
const TAGS: &[&str] = &[
    "section",
    "p",
    "span",
    "strong",
    "em",
    "b",
    "i",
    "u",
    "s",
    "br",
    "img",
    "a",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "hr",
    "figure",
    "figcaption",
    "pre",
    "code",
    "sup",
    "sub",
    "div",
    "ul",
    "ol",
    "li",
];
/// Elements that go with all that is in them.
const GONE: &[&str] = &["script", "style", "iframe", "form", "object", "svg", "template", "title"];
/// Where links may lead.
const OWN: &str = "mp.weixin.qq.com";

/// `html` as the platform stores it.
pub(super) fn stored(html: &str) -> String {
    let clean = CLEANER.clean(html).to_string();
    // A picture that lost its address is no picture.
    let clean = PICTURE.replace_all(&clean, |picture: &Captures<'_>| {
        if picture[0].contains(" src=\"") { picture[0].to_owned() } else { String::new() }
    });
    clean.into_owned()
}

/// The words of `html`, on one line.
pub(super) fn text(html: &str) -> String {
    let words = dom_query::Document::fragment(html).text().to_string();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

static PICTURE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("<img[^>]*>").expect("the pattern is valid"));

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let set = |names: &[&'static str]| names.iter().copied().collect::<HashSet<_>>();
    let mut builder = Builder::empty();
    builder
        .tags(set(TAGS))
        .clean_content_tags(set(GONE))
        .generic_attributes(set(&["style", "align"]))
        .tag_attributes(HashMap::from([
            ("a", set(&["href"])),
            ("img", set(&["src", "alt", "title", "width", "height"])),
            ("td", set(&["colspan", "rowspan", "width"])),
            ("th", set(&["colspan", "rowspan", "width"])),
            ("table", set(&["border", "cellspacing", "cellpadding", "width"])),
        ]))
        .url_schemes(set(&["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .attribute_filter(attribute);
    builder
});

fn attribute<'u>(_: &str, name: &str, value: &'u str) -> Option<Cow<'u, str>> {
    match name {
        "style" => {
            let kept: Vec<&str> = declarations(value).into_iter().filter(|d| stays(d)).collect();
            (!kept.is_empty()).then(|| Cow::Owned(kept.join(";")))
        }
        "src" => is_at(value, HOST).then_some(Cow::Borrowed(value)),
        "href" => is_at(value, OWN).then_some(Cow::Borrowed(value)),
        // ammonia escapes what it writes, but the look for pictures above wants no `>` in one.
        _ => Some(Cow::Owned(value.replace(['<', '>'], ""))),
    }
}

fn is_at(address: &str, host: &str) -> bool {
    Url::parse(address.trim()).is_ok_and(|url| url.host_str() == Some(host))
}

/// The declarations of a style; semicolons in brackets and quotes part nothing.
fn declarations(style: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut from) = (0_usize, None, 0);
    let mut found = Vec::new();
    for (at, c) in style.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ';') if depth == 0 => {
                found.push(style[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(style[from..].trim());
    found.retain(|declaration| !declaration.is_empty());
    found
}

/// Not so: what leaves its place, variables, pictures from elsewhere.
fn stays(declaration: &str) -> bool {
    let Some((name, value)) = declaration.split_once(':') else { return false };
    let (name, value) = (name.trim().to_ascii_lowercase(), value.to_ascii_lowercase());
    let is_foreign = value.split("url(").skip(1).any(|url| {
        !is_at(url.split(')').next().unwrap_or("").trim_matches(['"', '\'', ' ']), HOST)
    });
    !(name == "position"
        || name.starts_with("--")
        || value.contains("var(")
        || value.contains("expression(")
        || value.contains(['<', '>'])
        || is_foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_articles_are_made_of_stays() {
        for kept in [
            "<section style=\"font-size:16px;color:#333\"><p>市工商联<strong>召开</strong>会议</p></section>",
            "<img src=\"https://mmbiz.qpic.cn/mmbiz_jpg/a/0\" alt=\"图\">",
            "<a href=\"https://mp.weixin.qq.com/s/abc\">前情</a>",
            "<table><tbody><tr><td colspan=\"2\">一</td></tr></tbody></table>",
            "<p style=\"background:url(https://mmbiz.qpic.cn/b/0)\">字</p>",
        ] {
            assert_eq!(stored(kept), kept);
        }
    }

    #[test]
    fn the_rest_goes() {
        for (given, left) in [
            ("<script>alert(1)</script><style>p{}</style><link rel=x><meta name=x>字", "字"),
            ("<iframe src=\"https://v.qq.com\"></iframe><form><input>甲</form>字", "字"),
            ("<p id=\"a\" class=\"b\" onclick=\"x()\" data-x=\"1\">字</p>", "<p>字</p>"),
            ("<img src=\"https://a.test/1.jpg\" alt=\"a>b\">字", "字"),
            ("<img src=\"https://mmbiz.qpic.cn.a.test/1.jpg\">字", "字"),
            ("<img src=\"data:image/png;base64,AA==\">字", "字"),
            ("<a href=\"https://a.test/\">字</a>", "<a>字</a>"),
            ("<a href=\"javascript:alert(1)\">字</a>", "<a>字</a>"),
            (
                "<p style=\"position:fixed;top:0;color:red\">字</p>",
                "<p style=\"top:0;color:red\">字</p>",
            ),
            ("<p style=\"POSITION : absolute\">字</p>", "<p>字</p>"),
            (
                "<p style=\"background:url('https://a.test/;x');color:red\">字</p>",
                "<p style=\"color:red\">字</p>",
            ),
            ("<p style=\"--a:1;color:var(--a)\">字</p>", "<p>字</p>"),
            ("<o:p>字</o:p><font color=red>色</font><!-- 注 -->", "字色"),
        ] {
            assert_eq!(stored(given), left, "from {given}");
        }
    }

    #[test]
    fn words_of_hostile_html() {
        assert_eq!(text("<p>甲 &amp;\n 乙</p><p>丙"), "甲 & 乙丙");
        assert_eq!(text(""), "");
    }
}
