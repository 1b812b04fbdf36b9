//! Articles as HTML in a file of its own: no link to ours but for the originals, nothing to load.

use std::fmt::Write as _;

use crate::model::{Extent, Item, Lang};
use crate::text::plain;
use crate::text::sentence::Label;

use super::super::held::Files;
use super::super::parts::escaped;
use super::item::printed;

const STYLE: &str = "body{max-width:46rem;margin:2rem auto;padding:0 1rem;font:1.0625rem/1.9 \
\"Songti SC\",SimSun,\"Noto Serif CJK SC\",serif;color:#222}article+article{margin-top:4rem;border-top:1px \
solid #ccc;padding-top:2rem}h1{font-size:1.6rem;line-height:1.4;text-align:center}.meta{text-align:center;\
color:#666;font-size:.9rem}.body>p{text-indent:2em}.body>p[style]{text-indent:0}figure{margin:1.5rem 0;\
text-align:center}img{max-width:100%;height:auto}figcaption{color:#555;font-size:.9rem}table{border-collapse:\
collapse;margin:1rem auto}td,th{border:1px solid #999;padding:.3rem .6rem}.foot{color:#555;font-size:.9rem}";

/// What a document begins with, up to its first article.
pub fn export_head(title: &str, lang: Lang) -> String {
    let language = if lang == Lang::Zh { "zh-CN" } else { "en" };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title>\
         <style>{STYLE}</style></head><body>\n",
        escaped(title)
    )
}

/// What it ends with.
pub fn export_foot() -> &'static str {
    "</body></html>\n"
}

/// One article.
pub(in crate::render) fn article(item: &Item, files: Files<'_>, lang: Lang) -> String {
    let mut html = String::new();
    let _ = write!(
        html,
        "<article id=\"{}\">\n<h1>{}</h1>\n<p class=\"meta\">{}",
        escaped(item.id.as_str()),
        escaped(&item.title),
        escaped(&item.attribution)
    );
    for (label, name) in [(Label::Author, &item.author), (Label::Editor, &item.editor)] {
        if let Some(name) = name {
            let _ = write!(html, "　{}：{}", label.text(lang), escaped(name));
        }
    }
    let _ = writeln!(html, "　{}</p>", escaped(&printed(item)));
    let _ = writeln!(html, "<div class=\"body\">{}</div>", plain::clean(&files.body()));
    for (note, holds) in
        [(Label::SummaryOnly, item.extent == Extent::Summary), (Label::RowOnly, item.partial)]
    {
        if holds {
            let _ = writeln!(html, "<p class=\"foot\">{}</p>", note.text(lang));
        }
    }
    push_files(&mut html, files, lang);
    let address = escaped(item.url.as_str());
    let original = Label::OriginalAt.text(lang);
    let _ = writeln!(html, "<p class=\"foot\">{original}：<a href=\"{address}\">{address}</a></p>");
    if let Some(licence) = files.licence() {
        let _ = writeln!(html, "<p class=\"foot\">{}</p>", escaped(licence));
    }
    html.push_str("</article>\n");
    html
}

fn push_files(html: &mut String, files: Files<'_>, lang: Lang) {
    let mut files = files.attachments().peekable();
    if files.peek().is_none() {
        return;
    }
    let _ = writeln!(html, "<p class=\"foot\">{}</p>\n<ul>", Label::Attachments.text(lang));
    for file in files {
        let name = if file.named.name.is_empty() { &file.url } else { &file.named.name };
        let _ = writeln!(html, "<li><a href=\"{}\">{}</a></li>", escaped(&file.url), escaped(name));
    }
    html.push_str("</ul>\n");
}
