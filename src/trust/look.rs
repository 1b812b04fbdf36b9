//! What a page looks like, whatever its rows are: whose it is, which template made it, and whether
//! it is a page of another kind than was asked for.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use dom_query::NodeRef;
use regex::Regex;

use crate::model::{ProblemCode, Registration};
use crate::text::{charset, dom, plain, registration};

/// A page with less visible text than this (characters) that runs scripts is a shell for them.
const SHELL: usize = 120;
/// An error page says so in its first so many characters, if not in its title.
const HEAD: usize = 600;
/// Marks kept of one page at most.
const MARKS: usize = 400;

/// What a page looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Title, names in metas, visible text and descriptions of pictures: where a name may stand.
    pub words: String,
    /// What it prints of its site's registration.
    pub registration: Registration,
    /// Hashes of the names of its classes and ids.
    pub marks: BTreeSet<u32>,
    /// How it is coded, and how that was found.
    pub charset: String,
    /// What it is instead of a list, where it looks like that.
    pub instead: Option<(ProblemCode, String)>,
}

static ERROR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:页面|网页|文件|内容|栏目|资源|地址)[^。，]{0,8}(?:不存在|找不到|未找到|已删除|无法访问|丢失)|(?:没有|未能|无法)找到[^。，]{0,6}(?:页面|网页|文件|内容|资源)|系统(?:错误|异常|繁忙|维护|出错)|服务器(?:错误|内部错误|繁忙|异常)|访问出错|程序(?:出错|异常)|网站(?:维护|升级|建设)中|\b(?:404|500|502|503)\b.{0,20}(?:error|not found|unavailable|错误|出错)|not found|internal server error|runtime error|service unavailable",
    )
    .expect("the pattern is valid")
});

impl Look {
    /// What the page of these bytes looks like; `None` where it is no HTML.
    pub fn of(body: &[u8], content_type: Option<&str>) -> Option<Self> {
        let decoded = charset::decode(body, content_type);
        if !is_html(&decoded.text) {
            return None;
        }
        let document = dom::parse(&decoded.text).ok()?;
        let root = document.root();
        let text = dom::visible_text(&root);
        let title = dom::descendants(&root).find(|node| node.has_name("title"));
        let title = title.map(|node| plain::one_line(&node.text())).unwrap_or_default();
        let mut words = format!("{title}\n{text}\n");
        for (name, content) in dom::metas(&document) {
            if !name.eq_ignore_ascii_case("viewport") {
                words.push_str(&content);
                words.push('\n');
            }
        }
        let mut marks = BTreeSet::new();
        let (mut password, mut scripts, mut links) = (false, false, 0_usize);
        for node in dom::descendants(&root) {
            take_marks(&node, &mut marks);
            scripts |= node.has_name("script");
            links += usize::from(node.has_name("a"));
            if node.has_name("input") {
                let kind = node.attr("type").unwrap_or_default();
                password |= kind.eq_ignore_ascii_case("password");
            }
            if node.has_name("img") {
                words.push_str(&node.attr("alt").unwrap_or_default());
                words.push('\n');
            }
        }
        let code = dom::meta(&document, "SiteIDCode").filter(|code| registration::is_code(code));
        let code =
            code.map(|code| code.to_lowercase()).or_else(|| registration::labelled_code(&text));
        let registration = Registration { icp: registration::icps(&text).collect(), code };
        let body = text.trim_start().strip_prefix(title.as_str()).unwrap_or(&text);
        let instead = instead(&title, body, password, scripts && links < 3);
        let charset = format!("{} ({})", decoded.charset, decoded.how);
        Some(Self { words, registration, marks, charset, instead })
    }
}

/// What a page without the rows that were wanted is.
fn instead(
    title: &str,
    body: &str,
    password: bool,
    only_scripts: bool,
) -> Option<(ProblemCode, String)> {
    if password {
        return Some((
            ProblemCode::LoginPage,
            format!("a form that asks for a password (`{title}`)"),
        ));
    }
    let head: String = body.chars().take(HEAD).collect();
    if let Some(found) = ERROR.find(title).or_else(|| ERROR.find(&head)) {
        return Some((
            ProblemCode::ErrorPage,
            format!("a page that says `{}`", found.as_str().trim()),
        ));
    }
    let visible = body.chars().filter(|c| !c.is_whitespace()).count();
    (only_scripts && visible < SHELL).then(|| {
        let detail = format!("{visible} visible characters and scripts that are to fill the page");
        (ProblemCode::ScriptShell, detail)
    })
}

fn is_html(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_markup = start.starts_with('<') || start.contains("<html") || start.contains("<body");
    let xml = ["<?xml", "<rss", "<feed", "<urlset", "<sitemapindex"];
    let is_data = xml.iter().any(|begin| start.starts_with(begin)) && !start.contains("<html");
    is_markup && !is_data
}

fn take_marks(node: &NodeRef<'_>, marks: &mut BTreeSet<u32>) {
    for key in ["class", "id"] {
        let Some(names) = node.attr(key) else { continue };
        for name in names.split_whitespace() {
            // Numbers in names count rows and days.
            let bare: String = name.chars().filter(|c| !c.is_ascii_digit()).collect();
            if marks.len() < MARKS && !bare.is_empty() {
                let hash = blake3::hash(format!("{key} {bare}").as_bytes());
                let [a, b, c, d, ..] = *hash.as_bytes();
                marks.insert(u32::from_le_bytes([a, b, c, d]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(html: &str) -> Look {
        Look::of(html.as_bytes(), Some("text/html; charset=utf-8")).unwrap()
    }

    fn instead(html: &str) -> Option<ProblemCode> {
        look(html).instead.map(|(code, _)| code)
    }

    #[test]
    fn pages_of_another_kind_are_told() {
        let login = "<title>统一身份认证</title><form><input name=u><input type=PASSWORD></form>";
        assert_eq!(instead(login), Some(ProblemCode::LoginPage));
        for error in [
            "<title>404 Not Found</title><p>nginx",
            "<title>某市工商联</title><a href=/>首页</a><h2>抱歉，您访问的页面不存在或已删除</h2>",
            "<title>系统错误</title>",
            "<p>Server Error in '/' Application. Runtime Error</p>",
        ] {
            assert_eq!(instead(error), Some(ProblemCode::ErrorPage), "{error}");
        }
        let shell = "<title>某市工商联</title><div id=app></div><script src=/app.js></script>";
        assert_eq!(instead(shell), Some(ProblemCode::ScriptShell));
    }

    #[test]
    fn ordinary_lists_are_nothing_else() {
        let row = "<li><a href=/a/1.html>市工商联召开会员服务工作会议</a> 2026-11-01</li>";
        let list =
            format!("<title>要闻_某市工商联</title><script></script><ul>{}</ul>", row.repeat(20));
        assert_eq!(instead(&list), None);
        // A headline that speaks of an error, far below the first rows.
        let later = format!(
            "{}<li>页面不存在怎么办</li>",
            "<li>市工商联召开会员服务工作会议</li>".repeat(60)
        );
        assert_eq!(instead(&later), None);
    }

    #[test]
    fn what_is_no_page_has_no_look() {
        for text in ["{\"a\": 1}", "<?xml version='1.0'?><rss/>", "", "plain words"] {
            assert_eq!(Look::of(text.as_bytes(), None), None, "{text}");
        }
    }

    #[test]
    fn names_and_numbers_are_found_wherever_they_stand() {
        let look = look(
            "<meta name=SiteIDCode content=BM12345678><title>甲</title><img alt=某市工商联>\
             <p>苏ICP备07010100号-2</p>",
        );
        assert!(look.words.contains("某市工商联"));
        assert_eq!(look.registration.code.as_deref(), Some("bm12345678"));
        assert!(look.registration.icp.contains("苏ICP备07010100号"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_looked_at(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            Look::of(&bytes, None);
            Look::of(&[b"<html>".as_slice(), &bytes].concat(), Some("text/html; charset=gb2312"));
        }
    }
}
