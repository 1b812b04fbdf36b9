//! How articles look: sizes, greys and gaps, and the two forms that they are written in.
//!
//! Colours follow what the dark mode of the platform makes of them: boxes and lines are neutral
//! greys, the brand colour stands only as solid ground under white text, and no text is exactly
//! black.

use crate::model::Rgb;

/// Titles and headings.
pub(super) const STRONG: &str = "#222222";
/// Text.
pub(super) const TEXT: &str = "#3f3f3f";
/// Text in a grey box.
pub(super) const BOXED: &str = "#595959";
/// Sources, captions, addresses.
pub(super) const SOFT: &str = "#888888";
/// Text on the brand colour.
pub(super) const WHITE: &str = "#ffffff";
/// The ground of boxes.
pub(super) const BOX: &str = "#f7f7f7";
/// A line; a veil of grey, which is a fine line by day and by night.
pub(super) const LINE: &str = "1px solid rgba(51,51,51,.15)";

const SIZE: u8 = 16;
const LEADING: &str = "1.75";

/// What an article is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `draft/add`: short, what is said at the root is inherited; pictures are placeholders.
    Draft,
    /// The editor: it forgets what a paragraph would inherit; pictures are original addresses.
    Paste,
}

/// How an article looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) form: Form,
    pub(super) brand: Rgb,
}

/// Size in pixels, line height and colour of text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type(pub(super) u8, pub(super) &'static str, pub(super) &'static str);

/// Text of articles.
pub(super) const BODY: Type = Type(SIZE, LEADING, TEXT);
/// The lines under an entry of the overview.
pub(super) const SUMMARY: Type = Type(15, LEADING, TEXT);
/// Sources, addresses, captions.
pub(super) const SMALL: Type = Type(13, "1.6", SOFT);

impl Look {
    /// The style of text: in a draft without what the root says.
    pub(super) fn text(self, of: Type) -> String {
        let Type(size, leading, colour) = of;
        let all = self.form == Form::Paste;
        let parts = [
            (size != SIZE, format!("font-size:{size}px")),
            (leading != LEADING, format!("line-height:{leading}")),
            (colour != TEXT, format!("color:{colour}")),
        ];
        let said = parts.into_iter().filter_map(|(differs, part)| (all || differs).then_some(part));
        said.collect::<Vec<_>>().join(";")
    }

    /// A paragraph. `style` is what text style does not say, without a final semicolon.
    pub(super) fn p(self, of: Type, style: &str, inner: &str) -> String {
        let text = self.text(of);
        let joint = if text.is_empty() { "" } else { ";" };
        format!("<p style=\"{style}{joint}{text}\">{inner}</p>")
    }

    /// A whole article around `inner`. The empty line behind it keeps the editor from taking the
    /// outermost section away.
    pub(super) fn root(self, inner: &str) -> String {
        let Type(size, leading, colour) = BODY;
        format!(
            "<section style=\"padding:0 8px;font-size:{size}px;line-height:{leading};color:{colour};\
             text-align:justify\">{inner}</section>\
             <p style=\"margin:0;font-size:0;line-height:0\">&nbsp;</p>"
        )
    }

    /// The head of an overview: the name of the periodical, large, with number and date under it.
    pub(super) fn masthead(self, title: &str, number: &str, date: &str) -> String {
        let Self { brand, .. } = self;
        let name = self.p(
            Type(26, "1.4", WHITE),
            "margin:0;padding-left:6px;text-align:center;font-weight:bold;letter-spacing:6px",
            title,
        );
        let parts: Vec<&str> = [number, date].into_iter().filter(|part| !part.is_empty()).collect();
        let line =
            "display:inline-block;padding:8px 14px 0;border-top:1px solid rgba(255,255,255,.55)";
        let under = format!("<span style=\"{line}\">{}</span>", parts.join("　"));
        let under = self.p(Type(13, "1.6", WHITE), "margin:10px 0 0;text-align:center", &under);
        format!(
            "<section style=\"margin:0 0 24px;padding:28px 12px 22px;background-color:{brand};\
             color:{WHITE}\">{name}{under}</section>"
        )
    }

    /// A name in white on the brand colour with a line under it: the heading of a section, or the
    /// name of the periodical above an article.
    pub(super) fn plate(self, words: &str, beside: &str, margin: &str) -> String {
        let plate = format!(
            "<span style=\"display:inline-block;padding:3px 14px;background-color:{};color:{WHITE};\
             font-size:15px;font-weight:bold;letter-spacing:2px\">{words}</span>",
            self.brand
        );
        let beside = match beside {
            "" => String::new(),
            beside => format!("<span style=\"padding-left:10px;font-size:13px\">{beside}</span>"),
        };
        let inner = self.p(SMALL, "margin:0;text-align:left", &(plate + &beside));
        format!("<section style=\"margin:{margin};border-bottom:{LINE}\">{inner}</section>")
    }

    /// A grey box with a heading, and a paragraph a line.
    pub(super) fn grey_box(self, heading: &str, lines: &[String]) -> String {
        let heading = self.p(
            Type(15, "1.6", STRONG),
            "margin:0 0 6px;font-weight:bold;letter-spacing:2px",
            heading,
        );
        let line = |line: &String| {
            let style = "margin:0;text-indent:2em";
            self.p(Type(15, LEADING, BOXED), style, &super::words::escaped(line))
        };
        let lines: String = lines.iter().map(line).collect();
        format!(
            "<section style=\"margin:0 0 24px;padding:14px 16px;background-color:{BOX};color:{BOXED}\">\
             {heading}{lines}</section>"
        )
    }

    /// Grey lines in the middle.
    pub(super) fn centred(self, lines: &[String], margin: &str) -> String {
        let style = format!("margin:{margin};text-align:center");
        let line = |line: &String| self.p(SMALL, &style, &super::words::escaped(line));
        lines.iter().map(line).collect()
    }

    /// What stands below everything, under a line.
    pub(super) fn foot(self, lines: &[String]) -> String {
        let style = format!("margin:28px 0 0;padding:16px 0 0;border-top:{LINE}");
        section(&style, &self.centred(lines, "0"))
    }
}

/// A section; nothing where nothing is in it.
pub(super) fn section(style: &str, inner: &str) -> String {
    if inner.is_empty() {
        return String::new();
    }
    format!("<section style=\"{style}\">{inner}</section>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_says_again_what_a_draft_inherits() {
        let draft = Look { form: Form::Draft, brand: Rgb(176, 19, 24) };
        let paste = Look { form: Form::Paste, ..draft };
        assert_eq!(draft.p(BODY, "margin:0", "字"), "<p style=\"margin:0\">字</p>");
        assert_eq!(
            paste.p(BODY, "margin:0", "字"),
            "<p style=\"margin:0;font-size:16px;line-height:1.75;color:#3f3f3f\">字</p>"
        );
        let white = draft.p(Type(16, "1.75", WHITE), "margin:0", "字");
        assert_eq!(white, "<p style=\"margin:0;color:#ffffff\">字</p>");
    }
}
