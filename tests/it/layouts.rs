//! The seed article in the layouts of other systems: without any rules, the same fields come out.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::pages::{check, extract};

/// Writes the body from its lines; `picture` takes a file name, `caption` the line after it.
struct Layout {
    name: &'static str,
    head: &'static str,
    open: &'static str,
    paragraph: fn(&str) -> String,
    picture: fn(&str) -> String,
    caption: fn(&str) -> String,
    close: &'static str,
}

const PLAIN_HEAD: &str = "<div class=pos>您现在的位置:<a href=/>首页</a>&nbsp;&gt;&nbsp;<a href=/zt/>专题</a>&nbsp;&gt;&nbsp;苏商聚力共抗疫情&nbsp;&gt;&nbsp;工商联举措</div>\
    <div>无锡市总商会党委提出“三加强”理念</div><div>来源:苏商天下&nbsp;&nbsp;&nbsp;&nbsp;日期:2020-04-10</div>";
const TABLE_HEAD: &str = "<table width=980><tr><td>当前位置：首页 &gt;&gt; 专题 &gt;&gt; 苏商聚力共抗疫情 &gt;&gt; 工商联举措 &gt;&gt; 正文</td></tr>\
    <tr><td align=center><font size=5><b>无锡市总商会党委提出“三加强”理念</b></font></td></tr>\
    <tr><td align=center>信息来源：苏商天下 | 发布日期：2020-04-10 | 浏览次数：<script>document.write(9)</script></td></tr>";
const FOOT: &str = "<div class=side><h3>热点推荐</h3><ul><li><a href=/1.html>某市工商联召开会议部署下一阶段重点工作</a> 2020-04-01</li>\
    <li><a href=/2.html>某市商会开展走访调研，了解企业诉求</a> 2020-04-02</li></ul></div>\
    <div>主办：江苏省工商业联合会 版权所有 地址:南京建邺路168号 苏ICP备07010100号</div>";

const LAYOUTS: &[Layout] = &[
    Layout {
        name: "paragraphs in a nameless div, pictures in the middle",
        head: PLAIN_HEAD,
        open: "<div>",
        paragraph: |text| format!("<p>　　{text}</p>"),
        picture: |file| format!("<p style='text-align:center'><img src='./{file}'></p>"),
        caption: |text| format!("<p style='text-align:center'>{text}</p>"),
        close: "</div><p>上一篇：<a href=/3.html>没有了</a></p>",
    },
    Layout {
        name: "bare text and line breaks in a cell",
        head: TABLE_HEAD,
        open: "<tr><td class=c><font size=3>",
        paragraph: |text| format!("&nbsp;&nbsp;&nbsp;&nbsp;{text}<br><br>\r\n"),
        picture: |file| format!("<center><img src='{file}' onload='x()'></center>"),
        caption: |text| format!("<center>{text}</center>"),
        close: "</font></td></tr><tr><td align=right>【<a href='javascript:print()'>打印本页</a>】【<a href='#'>关闭窗口</a>】</td></tr></table>",
    },
    Layout {
        name: "paragraphs and cells that are never closed",
        head: TABLE_HEAD,
        open: "<tr><td>",
        paragraph: |text| format!("<p>　　{text}"),
        picture: |file| format!("<p align=center><img src={file}>"),
        caption: |text| format!("<p align=center>{text}"),
        close: "</table>",
    },
    Layout {
        name: "spans of a word processor, lazy pictures",
        head: PLAIN_HEAD,
        open: "<div id=nr><div>",
        paragraph: |text| {
            let half = text.char_indices().nth(text.chars().count() / 2).unwrap().0;
            let (a, b) = text.split_at(half);
            format!(
                "<p class=MsoNormal style='text-indent:32pt'><span>{a}</span><span lang=EN-US>{b}<o:p></o:p></span></p>\n"
            )
        },
        picture: |file| {
            format!(
                "<p class=MsoNormal><span><img src='/images/blank.gif' data-original='{file}'></span></p>"
            )
        },
        caption: |text| {
            format!(
                "<p class=MsoNormal align=center><span style='font-family:楷体'>{text}</span></p>"
            )
        },
        close: "</div></div>",
    },
    Layout {
        name: "everything in divs",
        head: PLAIN_HEAD,
        open: "",
        paragraph: |text| format!("<div>{text}</div>"),
        picture: |file| format!("<div><img src='{file}'></div><div><br></div>"),
        caption: |text| format!("<div>{text}</div>"),
        close: "",
    },
    Layout {
        name: "markers in comments, bold sub-headings, an editor's line",
        head: PLAIN_HEAD,
        open: "<div><!--ZJEG_RSS.content.begin--><meta name='ContentStart'/>",
        paragraph: |text| {
            if text.chars().count() < 10 {
                format!("<p><strong>{text}</strong></p>")
            } else {
                format!("<p>{text}</p>")
            }
        },
        picture: |file| format!("<p><img src='{file}' title='{file}' alt='{file}'></p>"),
        caption: |text| format!("<p>{text}</p>"),
        close: "<meta name='ContentEnd'/><!--ZJEG_RSS.content.end--></div><div>分享到：微信 微博</div>",
    },
];

fn dressed(layout: &Layout, title: &str, expected: &Value) -> String {
    let images = expected["images"].as_array().unwrap();
    let mut body = String::new();
    for line in expected["text"].as_array().unwrap() {
        let text = line.as_str().unwrap();
        match images.iter().find(|image| image["caption"] == *line) {
            Some(image) => {
                let file = image["url"].as_str().unwrap().rsplit('/').next().unwrap();
                body.push_str(&(layout.picture)(file));
                body.push_str(&(layout.caption)(text));
            }
            None => body.push_str(&(layout.paragraph)(text)),
        }
    }
    let Layout { head, open, close, .. } = layout;
    format!(
        "<html><head><title>{title}</title></head><body>{head}{open}{body}{close}{FOOT}</body></html>"
    )
}

#[test]
fn the_seed_in_other_layouts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/seed");
    let text = fs::read_to_string(folder.join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let whole = format!("{}_江苏省工商业联合会", expected["title"].as_str().unwrap());
    let work = tempfile::tempdir().unwrap();
    let mut inputs = Vec::new();
    let mut names = Vec::new();
    for (number, layout) in LAYOUTS.iter().enumerate() {
        // Some templates put nothing but the site's name into `<title>`.
        for (title, title_name) in [(whole.as_str(), "whole title"), ("苏商天下", "site's name")]
        {
            let page = dressed(layout, title, &expected);
            let gbk = encoding_rs::GBK.encode(&page).0.into_owned();
            for (bytes, charset) in [(page.into_bytes(), "utf-8"), (gbk, "gbk")] {
                let file = work.path().join(format!("{number}-{title_name}-{charset}.html"));
                fs::write(&file, bytes).unwrap();
                inputs.push(json!({"file": file, "url": expected["url"], "site": null}));
                names.push(format!("{}, {title_name}, {charset}", layout.name));
            }
        }
    }
    for (name, found) in names.iter().zip(extract(&inputs)) {
        check(&expected, &found, name);
    }
}
