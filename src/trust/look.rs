//! What a page looks like, whatever its rows are: whose it is, which template made it, and whether
//! it is a page of another kind than was asked for.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::LazyLock;

use dom_query::NodeRef;
use regex::Regex;
use url::Url;

use crate::model::{Link, Page, ProblemCode, Registration};
use crate::text::{charset, dom, plain, registration, web};

/// A page with less visible text than this (characters) that runs scripts is a shell for them.
const SHELL: usize = 120;
/// An error page says so in its first so many characters, if not in its title.
const HEAD: usize = 600;
/// Elements around a link that tell what its row stands in.
const AROUND: usize = 3;
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
    /// In what its rows stand: elements and classes around their links, innermost first.
    pub frames: BTreeSet<String>,
    /// The forms in which it prints dates, the most frequent first; those that occur once are left
    /// out.
    pub date_forms: Vec<String>,
    /// How it is coded, and how that was found.
    pub charset: String,
    /// What it is instead of a list, where it looks like that.
    pub instead: Option<(ProblemCode, String)>,
}

static ERROR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:页面|网页|文章|文件|内容|栏目|资源|地址)[^。，]{0,8}(?:不存在|找不到|未找到|已删除|无法访问|丢失)|(?:没有|未能|无法)找到[^。，]{0,6}(?:页面|网页|文章|文件|内容|资源)|系统(?:错误|异常|繁忙|维护|出错)|服务器(?:错误|内部错误|繁忙|异常)|访问出错|程序(?:出错|异常)|网站(?:维护|升级|建设)中|\b(?:404|500|502|503)\b.{0,20}(?:error|not found|unavailable|错误|出错)|not found|internal server error|runtime error|service unavailable",
    )
    .expect("the pattern is valid")
});

impl Look {
    /// What the page of these bytes looks like; `None` where it is no HTML.
    pub fn of(body: &[u8], content_type: Option<&str>) -> Option<Self> {
        Self::with_rows(body, content_type, None)
    }

    /// The same of a list page at an address, with the rows that were found on it.
    pub fn of_list(page: &Page, rows: &[Link]) -> Option<Self> {
        Self::with_rows(&page.body, page.content_type.as_deref(), Some((&page.url, rows)))
    }

    fn with_rows(
        body: &[u8],
        content_type: Option<&str>,
        rows: Option<(&Url, &[Link])>,
    ) -> Option<Self> {
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
        let base = rows.map(|(url, _)| dom::base(&document, url));
        let wanted = rows.into_iter().flat_map(|(_, rows)| rows).map(|row| &row.url).collect();
        let elements = Elements::of(&root, base.as_ref(), &wanted);
        words.push_str(&elements.described);
        let code = dom::meta(&document, "SiteIDCode").filter(|code| registration::is_code(code));
        let code =
            code.map(|code| code.to_lowercase()).or_else(|| registration::labelled_code(&text));
        let registration = Registration { icp: registration::icps(&text).collect(), code };
        let body = text.trim_start().strip_prefix(title.as_str()).unwrap_or(&text);
        let only_scripts = elements.scripts && elements.links < 3;
        let instead = instead(&title, body, elements.password, only_scripts);
        let date_forms = date_forms(&text);
        let charset = format!("{} ({})", decoded.charset, decoded.how);
        let Elements { marks, frames, .. } = elements;
        Some(Self { words, registration, marks, frames, date_forms, charset, instead })
    }
}

/// What the elements of a page tell.
#[derive(Default)]
struct Elements {
    marks: BTreeSet<u32>,
    frames: BTreeSet<String>,
    /// The descriptions of its pictures, a line each.
    described: String,
    password: bool,
    scripts: bool,
    links: usize,
}

impl Elements {
    /// Looks at everything below `root`; the links in `wanted` are those of rows.
    fn of(root: &NodeRef<'_>, base: Option<&Url>, wanted: &HashSet<&Url>) -> Self {
        let mut found = Self::default();
        for node in dom::descendants(root) {
            take_marks(&node, &mut found.marks);
            found.scripts |= node.has_name("script");
            if node.has_name("a") {
                found.links += 1;
                let href = node.attr("href").unwrap_or_default();
                let leads_to = base.and_then(|base| web::resolve(base, &href));
                if leads_to.is_some_and(|url| wanted.contains(&url)) {
                    found.frames.insert(frame(&node));
                }
            } else if node.has_name("input") {
                let kind = node.attr("type").unwrap_or_default();
                found.password |= kind.eq_ignore_ascii_case("password");
            } else if node.has_name("img") {
                found.described.push_str(&node.attr("alt").unwrap_or_default());
                found.described.push('\n');
            }
        }
        found
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

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\d{4}|\d{1,2})[-/.年月]\d{1,2}(?:[-/.月日]\d{1,4})?|\d+\s*(?:天|小时|分钟)前|昨天|今天|前天")
        .expect("the pattern is valid")
});

fn date_forms(text: &str) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for found in DATE.find_iter(text) {
        let form = match found.as_str() {
            text if text.ends_with(['前', '天']) => "relative".to_owned(),
            text => {
                let parts =
                    text.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty());
                parts.fold("0".to_owned(), |form, part| format!("{form}{part}0"))
            }
        };
        *counts.entry(form).or_default() += 1;
    }
    let mut forms: Vec<(String, usize)> =
        counts.into_iter().filter(|(_, count)| *count > 1).collect();
    forms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    forms.into_iter().map(|(form, _)| form).collect()
}

fn is_html(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_markup = start.starts_with('<') || start.contains("<html") || start.contains("<body");
    let xml = ["<?xml", "<rss", "<feed", "<urlset", "<sitemapindex"];
    let is_data = xml.iter().any(|begin| start.starts_with(begin)) && !start.contains("<html");
    is_markup && !is_data
}

/// What a link stands in, innermost first: `td < tr < tbody.list`.
fn frame(link: &NodeRef<'_>) -> String {
    let around = link.ancestors(Some(AROUND));
    let names = around.iter().map(|node| {
        let classes = node.attr("class").unwrap_or_default();
        let classes = classes.split_whitespace().map(|class| format!(".{}", without_digits(class)));
        format!("{}{}", node.node_name().unwrap_or_default(), classes.collect::<String>())
    });
    names.collect::<Vec<_>>().join(" < ")
}

/// Numbers in names count rows and days.
fn without_digits(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn take_marks(node: &NodeRef<'_>, marks: &mut BTreeSet<u32>) {
    for key in ["class", "id"] {
        let Some(names) = node.attr(key) else { continue };
        for name in names.split_whitespace() {
            let bare = without_digits(name);
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

    #[test]
    fn dates_have_forms() {
        let forms = |text: &str| look(&format!("<html><body><p>{text}</p></body>")).date_forms;
        assert_eq!(forms("2026-11-03 2026-1-3 2025-12-30 11-03 [11-04]"), ["0-0-0", "0-0"]);
        assert_eq!(forms("11/03/2026 03/11/2026 2026年11月3日 2026年1月3日"), ["0/0/0", "0年0月0"]);
        assert_eq!(forms("3天前 今天 5小时前"), ["relative"]);
        assert_eq!(forms("电话 2026-11"), Vec::<String>::new());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_looked_at(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            Look::of(&bytes, None);
            Look::of(&[b"<html>".as_slice(), &bytes].concat(), Some("text/html; charset=gb2312"));
        }
    }
}
