//! Pages that are changed as a tree, and pages of other systems.

use dom_query::{Document, NodeRef};

use super::super::table::Table;
use super::{rows, with_rows};

/// What an error page says where the rows were.
pub(super) const ERROR: &str = "<div class=\"tip\"><h3>系统错误</h3><p>您访问的页面不存在或已被删除！</p>\
    <p>错误代码：-1 <a href=\"javascript:history.back()\">返回上一页</a></p></div>";
/// Words of a footer, which tell the frame of a site from its content.
const FOOTER: [&str; 2] = ["版权", "ICP备"];
/// Marks the place of the rows while the page is a tree.
const MARK: &str = "<!--rows-->";

/// A page of the same site by another template.
pub(super) fn renamed(text: &str, table: &Table, is_list: bool) -> String {
    let marked = match rows(text, table).first() {
        Some(first) if is_list => text.replacen(first, &format!("{MARK}{first}"), 1),
        _ => text.to_owned(),
    };
    let document = Document::from(marked);
    if let Some(mark) = mark(&document) {
        turn_rows(&mark);
        mark.remove_from_parent();
    } else if !is_list && let Some(sentence) = first_sentence(&document) {
        let main = content(&sentence);
        for heading in document.select("h1, h2, h3").nodes() {
            heading.rename("div");
        }
        main.wrap_html("<section></section>");
    }
    for node in document.select("[class], [id]").nodes() {
        if let Some(class) = node.attr("class") {
            let names = class.split_whitespace().map(|name| other_name(table, name));
            node.set_attr("class", &names.collect::<Vec<_>>().join(" "));
        }
        if let Some(id) = node.attr("id") {
            node.set_attr("id", &other_name(table, &id));
        }
    }
    document.html().to_string()
}

/// Rows and what holds them become plain boxes, with what stood first standing last.
fn turn_rows(mark: &NodeRef<'_>) {
    let Some(container) = mark.parent() else { return };
    let is_body = |node: &NodeRef<'_>| node.has_name("tbody");
    let mut rows = Vec::new();
    for child in container.element_children() {
        if is_body(&child) {
            rows.extend(child.element_children());
            child.rename("div");
        } else {
            rows.push(child);
        }
    }
    for row in rows {
        for cell in row.element_children() {
            if cell.has_name("td") {
                cell.rename("div");
            }
        }
        if let Some(first) = row.first_element_child() {
            row.append_child(&first);
        }
        row.rename("div");
    }
    if is_body(&container)
        && let Some(table) = container.parent()
    {
        table.rename("div");
    }
    container.rename("div");
}

/// The name that a class or an id of the old template has in the new one.
fn other_name(table: &Table, name: &str) -> String {
    let hash = blake3::hash(format!("{} {name}", table.host).as_bytes());
    let kinds = ["box", "wrap", "item", "cell"];
    format!("{}-{}", kinds[usize::from(hash.as_bytes()[0]) % 4], &hash.to_hex()[2..8])
}

/// The frame of a list page, with `inside` in place of its content; none where the page has no rows.
pub(super) fn framed(text: &str, table: &Table, inside: &str) -> Option<String> {
    let document = Document::from(with_rows(text, table, MARK));
    let main = content(&mark(&document)?);
    // What stands beside the content is content as well.
    let mut next = main.next_sibling();
    while let Some(beside) = next {
        next = beside.next_sibling();
        if beside.is_element() && !is_footer(&beside) {
            beside.remove_from_parent();
        }
    }
    if main.has_name("table") {
        main.rename("div");
    }
    main.set_html(inside);
    Some(document.html().to_string())
}

/// An article that ends after its first sentence; none where it has none.
pub(super) fn truncated(text: &str) -> Option<String> {
    let document = Document::from(text);
    let sentence = first_sentence(&document)?;
    let words = sentence.text();
    let end = words.find('。')? + '。'.len_utf8();
    sentence.before_html(escaped(&words[..end]));
    let mut node = sentence;
    while !is_top(&node) {
        while let Some(next) = node.next_sibling().filter(|next| !is_footer(next)) {
            next.remove_from_parent();
        }
        let parent = node.parent()?;
        if node.id == sentence.id {
            node.remove_from_parent();
        }
        node = parent;
    }
    Some(document.html().to_string())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\u{a0}', "&nbsp;")
}

fn mark<'a>(document: &'a Document) -> Option<NodeRef<'a>> {
    let all = document.root().descendants();
    all.into_iter().find(|node| node.is_comment() && node.html().as_ref() == MARK)
}

/// The first text of the page that has a full stop.
fn first_sentence<'a>(document: &'a Document) -> Option<NodeRef<'a>> {
    let is_code = |node: &NodeRef<'_>| {
        node.parent().is_some_and(|parent| parent.has_name("script") || parent.has_name("style"))
    };
    let all = document.body()?.descendants();
    all.into_iter().find(|node| node.is_text() && node.text().contains('。') && !is_code(node))
}

/// The largest element around `node` that holds nothing of the footer.
fn content<'a>(node: &NodeRef<'a>) -> NodeRef<'a> {
    let mut found = *node;
    while !is_top(&found)
        && let Some(parent) = found.parent()
        && !is_footer(&parent)
    {
        found = parent;
    }
    found
}

fn is_top(node: &NodeRef<'_>) -> bool {
    node.parent().is_none_or(|parent| parent.has_name("body"))
}

fn is_footer(node: &NodeRef<'_>) -> bool {
    let text = node.text();
    FOOTER.iter().any(|word| text.contains(word))
}

/// A page that wants a name and a password.
pub(super) fn login(host: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>统一身份认证平台</title></head><body>\
         <div class=\"login\"><h1>统一身份认证</h1><form method=\"post\" action=\"/cas/login?service=http%3A%2F%2F{host}%2F\">\
         <p><label>用户名</label><input type=\"text\" name=\"username\"></p>\
         <p><label>密码</label><input type=\"password\" name=\"password\"></p>\
         <p><label>验证码</label><input type=\"text\" name=\"captcha\"><img src=\"/cas/captcha.jpg\" alt=\"验证码\"></p>\
         <p><button type=\"submit\">登录</button> <a href=\"/cas/forget\">忘记密码</a></p></form>\
         <p>为保障信息安全，请登录后访问。首次登录请先激活账号。</p></div></body></html>"
    )
}

/// A page that is nothing before its script has run.
pub(super) fn shell(title: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"stylesheet\" href=\"/static/css/app.8c1f2e.css\"></head><body>\
         <noscript><strong>请启用 JavaScript 后继续。</strong></noscript><div id=\"app\"></div>\
         <script src=\"/static/js/chunk-vendors.41d7a0.js\"></script>\
         <script src=\"/static/js/app.9be35c.js\"></script></body></html>"
    )
}
