//! How pages end. A server may name a length shorter than its page, which is right by HTTP: only the
//! page itself tells that it was cut off.

/// After the end of a page templates still print so much (bytes): counters, mostly. Scripts, styles
/// and comments count nothing.
const AFTER: usize = 2 << 10;
/// By so much of its end (bytes) a page is known again.
const TAIL: usize = 256;

/// Elements whose text is not markup.
const RAW: [&[u8]; 5] = [b"script", b"style", b"textarea", b"title", b"xmp"];

/// How the page of some bytes ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It closes its `<html>` or `<body>`.
    Closed,
    /// It opens one of them and closes neither.
    Open,
    /// It opens neither, so nothing is to be closed: part of a page, data, a file.
    Unmarked,
}

impl Ending {
    /// How the page of these bytes ends, in whatever charset that keeps ASCII.
    pub fn of(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
        if !body.starts_with(b"<") {
            return Self::Unmarked;
        }
        let is_xml = body.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"<?xml"));
        let (mut opened, mut after) = (false, None);
        let mut is_first = true;
        for piece in Pieces(body) {
            match piece {
                Piece::Tag { is_end: false, name } if is_frame(name) => opened = true,
                Piece::Tag { is_end: true, name } if is_frame(name) => after = Some(0),
                // Data that carries pages in it.
                Piece::Tag { .. } if is_first && is_xml => return Self::Unmarked,
                Piece::Tag { name, .. } => after = after.map(|count: usize| count + name.len()),
                Piece::Text(text) => after = after.map(|count| count + text.trim_ascii().len()),
                Piece::Aside => {}
            }
            is_first &= !matches!(piece, Piece::Tag { .. });
        }
        match after {
            _ if !opened => Self::Unmarked,
            Some(count) if count <= AFTER => Self::Closed,
            _ => Self::Open,
        }
    }
}

/// What a page ends with, as it does each time that it is asked for: numbers count visits and
/// milliseconds.
pub fn tail(body: &[u8]) -> String {
    let end = body.iter().rev().copied().filter(|byte| !byte.is_ascii_digit());
    let end: Vec<u8> = end.take(TAIL).collect();
    blake3::hash(&end).to_hex()[..16].to_owned()
}

fn is_frame(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"html") || name.eq_ignore_ascii_case(b"body")
}

/// One piece of a page.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Tag {
        is_end: bool,
        name: &'a [u8],
    },
    /// Between tags, or the attributes of one.
    Text(&'a [u8]),
    /// A comment, a doctype, or what a raw element holds.
    Aside,
}

/// The pieces of a page in page order. Far less than a tokenizer, and enough to know a tag from what
/// only looks like one in scripts and comments.
struct Pieces<'a>(&'a [u8]);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let rest = self.0;
        let Some(inside) = rest.strip_prefix(b"<") else {
            let end = rest.iter().position(|&byte| byte == b'<').unwrap_or(rest.len());
            let (text, rest) = rest.split_at(end);
            self.0 = rest;
            return (end > 0).then_some(Piece::Text(text));
        };
        for (begin, end) in [("!--", "-->"), ("![CDATA[", "]]>"), ("!", ">"), ("?", ">")] {
            if inside.starts_with(begin.as_bytes()) {
                self.0 = behind(&inside[begin.len()..], end.as_bytes());
                return Some(Piece::Aside);
            }
        }
        let is_end = inside.starts_with(b"/");
        let name = &inside[usize::from(is_end)..];
        let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            self.0 = inside;
            return Some(Piece::Text(&rest[..1]));
        }
        let (name, rest) = name.split_at(length);
        let raw = RAW.iter().find(|raw| !is_end && raw.eq_ignore_ascii_case(name));
        self.0 = raw.map_or(rest, |raw| until_end_of(raw, rest));
        Some(if raw.is_some() { Piece::Aside } else { Piece::Tag { is_end, name } })
    }
}

/// What comes behind `end`, which is nothing where it never comes.
fn behind<'a>(text: &'a [u8], end: &[u8]) -> &'a [u8] {
    let at = text.windows(end.len()).position(|window| window == end);
    at.map_or(&[], |at| &text[at + end.len()..])
}

/// What comes from the end tag of `element` on, which is nothing where it never comes.
fn until_end_of<'a>(element: &[u8], text: &'a [u8]) -> &'a [u8] {
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|&byte| byte == b'<') {
        let tag = &text[from + at..];
        let named = tag.get(2..2 + element.len());
        if tag.starts_with(b"</") && named.is_some_and(|name| name.eq_ignore_ascii_case(element)) {
            return &tag[2 + element.len()..];
        }
        from += at + 1;
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(html: &str) -> Ending {
        Ending::of(html.as_bytes())
    }

    #[test]
    fn whole_pages_are_closed() {
        let long = format!("<script>{}</script>", "a(1<2);".repeat(2000));
        for html in [
            "<html><body><p>文</p></body></html>",
            "<HTML>\n<BODY class=a>文</BODY >",
            "\u{feff}\n<!DOCTYPE html><html lang=\"zh\"><body>文</html>\n\n",
            "<html><body>文</body></html><!-- Produced In 2026 --><script src=/s.js></script>",
            &format!("<html><body>文</body></html>{long}<!-- {long} -->"),
            "<html><body>文</body></html><div style=\"display:none\"><a href=/c>统计</a></div>",
            "<html><head><title>文</title></head><frameset><frame src=a></frameset></html>",
            "<?xml version=\"1.0\"?><!DOCTYPE html><html><body>文</body></html>",
            // Half a script after the end leaves out nothing of the article.
            "<html><body>文</body></html><script>var a = 1",
            "<p>文<body>文</body>",
        ] {
            assert_eq!(ending(html), Ending::Closed, "{html:.80}");
        }
    }

    #[test]
    fn pages_that_end_in_the_middle_are_open() {
        let more = "<p>正文还在继续</p>".repeat(300);
        for html in [
            "<html><body><p>文",
            "<html><head><title>文",
            "<BODY>文</p></div",
            "<html><body>文</bod",
            "<html><body>文<script>document.write('</body></html>')",
            "<html><body>文<script>document.write('</body></html>')</script><p>文",
            "<html><body>文<!-- </body></html>",
            "<html><frameset><frame src=a>",
            // The end of a part that the template takes in, not of the page.
            &format!("<html><body>头</body></html>{more}"),
        ] {
            assert_eq!(ending(html), Ending::Open, "{html:.80}");
        }
    }

    #[test]
    fn what_opens_nothing_has_nothing_to_close() {
        for html in [
            "",
            " \n",
            "<",
            "</",
            "<p>市工商联召开座谈会",
            "<title>文</title><p>文",
            "<!-- <html><body> --><p>文",
            "<script>var a = '<html><body>'</script><p>文",
            "<bodyguard>文",
            "{\"html\": \"<html><body>文\"}",
            "[\"<html>\"",
            "%PDF-1.7 <html><body>",
            "纯文字 <html>",
            "<?xml version='1.0'?><rss><channel><description><html><body>文",
            "<?xml version='1.0'?><rss><description><![CDATA[<html><body>文]]></description></rss>",
            "<rss><description><![CDATA[<html><body>文",
        ] {
            assert_eq!(ending(html), Ending::Unmarked, "{html}");
        }
        let wide: Vec<u8> = "<html><body>文".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Ending::of(&wide), Ending::Unmarked, "not looked into");
    }

    #[test]
    fn a_page_in_gbk_is_read_where_it_is_cut_within_a_character() {
        let (whole, ..) = encoding_rs::GBK.encode("<html><body><p>工商联镕俠嬸</p></body></html>");
        assert_eq!(Ending::of(&whole), Ending::Closed);
        for end in b"<html>".len()..whole.len() - b"</body></html>".len() {
            assert_eq!(Ending::of(&whole[..end]), Ending::Open, "{end}");
        }
    }

    #[test]
    fn a_tail_is_known_again() {
        let page = |text: &str, foot: &str| format!("{text}{}{foot}", "脚".repeat(100));
        let one = tail(page("甲", "本页访问 17 次").as_bytes());
        assert_eq!(one, tail(page("甲乙", "本页访问 1234 次").as_bytes()));
        assert_ne!(one, tail(page("甲", "本页访问").as_bytes()));
        tail(b"");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_an_end(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            Ending::of(&bytes);
            Ending::of(&[b"<html><script".as_slice(), &bytes].concat());
            tail(&bytes);
        }
    }
}
