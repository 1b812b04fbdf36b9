//! From judged blocks to a [`Body`]: HTML, text, pictures with captions, files.

use super::block::{Align, Block, Kind, escaped};
use crate::model::{Attachment, Body};

/// The body that `blocks` make; `more` are files offered beside it.
pub(super) fn body(blocks: &[Block], more: Vec<Attachment>) -> Body {
    let mut body = Body::default();
    let mut list: Option<&'static str> = None;
    for block in blocks {
        let wanted = match block.kind {
            Kind::Item { ordered: true } => Some("ol"),
            Kind::Item { ordered: false } => Some("ul"),
            _ => None,
        };
        if list != wanted {
            if let Some(name) = list {
                push_tag(&mut body.html, "</", name);
            }
            if let Some(name) = wanted {
                push_tag(&mut body.html, "<", name);
            }
            list = wanted;
        }
        write(block, &mut body);
        for file in &block.files {
            add_file(&mut body.attachments, file.clone());
        }
    }
    if let Some(name) = list {
        push_tag(&mut body.html, "</", name);
    }
    for file in more {
        add_file(&mut body.attachments, file);
    }
    body
}

fn push_tag(html: &mut String, open: &str, name: &str) {
    html.push_str(open);
    html.push_str(name);
    html.push('>');
}

fn add_file(files: &mut Vec<Attachment>, file: Attachment) {
    if !files.iter().any(|known| known.url == file.url) {
        files.push(file);
    }
}

fn write(block: &Block, body: &mut Body) {
    match &block.kind {
        Kind::Picture(image) => {
            let (url, alt) = (escaped(image.url.as_str()), escaped(&image.alt));
            body.html.extend(["<figure><img src=\"", &url, "\" alt=\"", &alt, "\">"]);
            if !image.caption.is_empty() {
                let caption = escaped(&image.caption);
                body.html.extend(["<figcaption>", &caption, "</figcaption>"]);
                add_line(&mut body.text, &image.caption);
            }
            body.html.push_str("</figure>");
            body.images.push(image.clone());
            return;
        }
        Kind::Files => return,
        Kind::Table => body.html.push_str(&block.html),
        Kind::Heading(level) => {
            let level = level.to_string();
            body.html.extend(["<h", &level, ">", &block.html, "</h", &level, ">"]);
        }
        Kind::Item { .. } => body.html.extend(["<li>", &block.html, "</li>"]),
        Kind::Paragraph => {
            let style = match block.align {
                Align::Start => "",
                Align::Center => " style=\"text-align:center\"",
                Align::Right => " style=\"text-align:right\"",
            };
            body.html.extend(["<p", style, ">", &block.html, "</p>"]);
        }
    }
    add_line(&mut body.text, &block.text);
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}
