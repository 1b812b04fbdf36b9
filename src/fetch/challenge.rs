//! Challenge pages: named and reported, never answered.
//!
//! A challenge is told by its shape: next to nothing to read, no links, and a script that bears the
//! product's mark. A page that merely speaks of a product, however short, shows its words to readers.

use http::header::{self, HeaderMap};

use crate::model::ProblemCode;
use crate::net::Reply;

/// Whose challenge it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// 瑞数.
    Ruishu,
    /// 知道创宇 加速乐.
    Jiasule,
    /// 阿里云 WAF.
    Aliyun,
    /// 网宿.
    Wangsu,
    /// 腾讯云 `EdgeOne`, by its cookie `__tst_status`.
    EdgeOne,
    /// 长亭 `SafeLine`.
    Safeline,
    /// Nobody's that we know.
    Unknown,
}

impl Product {
    /// The name by which the site's operators know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ruishu => "瑞数",
            Self::Jiasule => "加速乐",
            Self::Aliyun => "阿里云 WAF",
            Self::Wangsu => "网宿",
            Self::EdgeOne => "腾讯云 EdgeOne, `__tst_status`",
            Self::Safeline => "长亭 SafeLine",
            Self::Unknown => "unknown product",
        }
    }

    /// The code it is told under.
    pub fn code(self) -> ProblemCode {
        match self {
            Self::Ruishu => ProblemCode::BlockedRuishu,
            Self::Jiasule => ProblemCode::BlockedJiasule,
            Self::Aliyun => ProblemCode::BlockedAliyun,
            Self::Wangsu => ProblemCode::BlockedWangsu,
            Self::EdgeOne => ProblemCode::BlockedTst,
            Self::Safeline => ProblemCode::BlockedSafeline,
            Self::Unknown => ProblemCode::BlockedChallenge,
        }
    }

    /// The product whose challenges are told under `code`.
    pub(super) fn told_as(code: ProblemCode) -> Self {
        let all = [
            Self::Ruishu,
            Self::Jiasule,
            Self::Aliyun,
            Self::Wangsu,
            Self::EdgeOne,
            Self::Safeline,
        ];
        all.into_iter().find(|product| product.code() == code).unwrap_or(Self::Unknown)
    }
}

/// The longest challenge page (bytes): 瑞数 puts its whole interpreter in one, some 100 KB.
const LONGEST: usize = 512 << 10;
/// The most that a challenge page says to people (characters without space): "正在进行安全检测…",
/// and a line about the number of the request. A page of a site has as much in its menu.
const MOST_WORDS: usize = 160;
/// The most links that one has: to the product, or to a page for complaints.
const MOST_LINKS: usize = 2;

/// Marks in the scripts of a challenge, and whose they are.
const MARKS: [(&str, Product); 11] = [
    ("safeline_bot_challenge", Product::Safeline),
    ("/.safeline/", Product::Safeline),
    ("acw_sc__v", Product::Aliyun),
    ("aliyun_waf", Product::Aliyun),
    ("var arg1=", Product::Aliyun),
    ("__jsl_clearance", Product::Jiasule),
    ("HOY_TR", Product::Wangsu),
    ("__tst_status", Product::EdgeOne),
    ("EO_Bot_Ssid", Product::EdgeOne),
    ("$_ts=", Product::Ruishu),
    ("_cf_chl_opt", Product::Unknown),
];

/// What a `<meta>` is called that belongs to a challenge.
const NAMED_META: &str = "name=\"aliyun_waf";

/// What a script does that only wants to be asked again with a cookie.
const RELOADS: [&str; 4] =
    ["location.reload", "location.href=", "location.replace(", "location=location"];

/// The product whose challenge page this is, if it is one.
pub(super) fn product(reply: &Reply) -> Option<Product> {
    // Cloudflare has another use for the status, and a header that says when it challenges.
    let cloudflare = says(&reply.headers, "server", "cloudflare");
    if says(&reply.headers, "cf-mitigated", "challenge") {
        return Some(Product::Unknown);
    }
    // The mark cookie alone says nothing: 加速乐 sets one with every page that it lets through.
    if reply.status == 521 && !cloudflare {
        return Some(Product::Jiasule);
    }
    if reply.body.len() > LONGEST {
        return None;
    }
    let body = String::from_utf8_lossy(&reply.body);
    let shape = Shape::of(&body);
    if !shape.is_bare() {
        return None;
    }
    let script: String = shape.script.split_whitespace().collect();
    // Without spaces, and so are the marks.
    let marked = MARKS.iter().find(|(mark, _)| script.contains(&mark.replace(' ', "")));
    if let Some((_, product)) = marked {
        return Some(*product);
    }
    if reply.status == 412 {
        return Some(Product::Ruishu);
    }
    let reloads = RELOADS.iter().any(|way| script.contains(way));
    (script.contains("document.cookie=") && reloads).then_some(Product::Unknown)
}

fn says(headers: &HeaderMap, name: &str, value: &str) -> bool {
    let name = header::HeaderName::try_from(name).ok();
    let found = name.and_then(|name| headers.get(name)).and_then(|value| value.to_str().ok());
    found.is_some_and(|found| found.to_ascii_lowercase().contains(value))
}

/// What a page is made of.
#[derive(Debug, Default)]
struct Shape {
    /// Its scripts with their tags, and what a challenge names in `<meta>`, one after the other.
    script: String,
    /// How many characters people see, space aside.
    words: usize,
    links: usize,
}

impl Shape {
    /// Reads a page in one pass, without building a tree: any answer of any size comes here.
    fn of(html: &str) -> Self {
        let lower = html.to_ascii_lowercase();
        let mut shape = Self::default();
        let mut at = 0;
        while let Some(tag) = lower[at..].find('<').map(|found| at + found) {
            shape.see(&html[at..tag]);
            at = match Opening::at(&lower[tag..]) {
                Opening::Script => {
                    let end = after(&lower, tag, "</script>");
                    shape.script += &html[tag..end];
                    end
                }
                Opening::Hidden(end) => after(&lower, tag, end),
                Opening::Meta => {
                    let end = after(&lower, tag, ">");
                    // Others describe what the page says, in the words of its editors.
                    if lower[tag..end].contains(NAMED_META) {
                        shape.script += &html[tag..end];
                    }
                    end
                }
                Opening::Link => {
                    shape.links += 1;
                    after(&lower, tag, ">")
                }
                Opening::Tag => after(&lower, tag, ">"),
                Opening::Text => {
                    shape.words += 1;
                    tag + 1
                }
            };
        }
        shape.see(&html[at..]);
        shape
    }

    fn see(&mut self, text: &str) {
        self.words += text.chars().filter(|char| !char.is_whitespace()).count();
    }

    fn is_bare(&self) -> bool {
        let has_script = self.script.to_ascii_lowercase().contains("<script");
        has_script && self.words <= MOST_WORDS && self.links <= MOST_LINKS
    }
}

/// What begins with a `<`.
enum Opening {
    Script,
    /// Something nobody sees, up to and with this.
    Hidden(&'static str),
    Meta,
    Link,
    Tag,
    /// Nothing: the sign itself.
    Text,
}

impl Opening {
    /// What `text` begins with, in lower case.
    fn at(text: &str) -> Self {
        let named = |name: &str| {
            let rest = text[1..].strip_prefix(name);
            rest.is_some_and(|rest| !rest.starts_with(|char: char| char.is_ascii_alphanumeric()))
        };
        if text.starts_with("<!--") {
            return Self::Hidden("-->");
        }
        let hidden = [
            ("style", "</style>"),
            ("title", "</title>"),
            ("noscript", "</noscript>"),
            ("template", "</template>"),
        ];
        if let Some((_, end)) = hidden.iter().find(|(name, _)| named(name)) {
            return Self::Hidden(end);
        }
        match text.as_bytes().get(1) {
            _ if named("script") => Self::Script,
            _ if named("meta") => Self::Meta,
            _ if named("a") => Self::Link,
            Some(b'a'..=b'z' | b'/' | b'!' | b'?') => Self::Tag,
            _ => Self::Text,
        }
    }
}

/// The place behind the next `end` from `from` on, or the end of the text.
fn after(text: &str, from: usize, end: &str) -> usize {
    text[from..].find(end).map_or(text.len(), |found| from + found + end.len())
}

#[cfg(test)]
mod tests;
