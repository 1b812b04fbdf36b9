//! One charset decision per response.
//!
//! In: the bytes of a page and its `Content-Type`; out: its text and how the charset was found. A
//! declared charset is believed only where the bytes fit it, since templates, servers and CMSs
//! contradict each other; nothing here can fail, at worst the text is marked as lossy.

mod declared;
mod fit;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use crate::model::{ProblemCode, Rejection};
use fit::Fit;

/// The text of a page and how its charset was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The name in the Encoding Standard: `UTF-8`, `gb18030`, ….
    pub charset: &'static str,
    /// What the decision rests on: `bom`, `header`, `meta`, `xml` or `statistics`.
    pub how: &'static str,
    /// True when some bytes meant nothing in this charset and became U+FFFD.
    pub lossy: bool,
}

/// The text of `body`; `not-html` where it is no text, `charset-doubtful` where hardly any of it
/// means anything.
pub fn text(body: &[u8], content_type: Option<&str>) -> Result<String, Rejection> {
    if let Some(what) = binary(body) {
        let detail = format!("{} bytes of {what}, not a page", body.len());
        return Err(Rejection::new(ProblemCode::NotHtml, detail));
    }
    let decoded = decode(body, content_type);
    let (mut wide, mut lost) = (0_usize, 0_usize);
    for c in decoded.text.chars().filter(|c| !c.is_ascii()) {
        wide += 1;
        lost += usize::from(c == char::REPLACEMENT_CHARACTER);
    }
    // Templates that were converted by halves lose their frame, not their article.
    let torn = decoded.lossy && lost > 20 && lost * 2 > wide;
    // A charset that knows no Chinese, and that nobody declared, is what is left over.
    let chinese = ["UTF-8", "gb18030", "Big5", "UTF-16LE", "UTF-16BE"].contains(&decoded.charset);
    let foreign = decoded.how == "statistics" && !chinese && wide > 50;
    if torn || foreign {
        let (charset, how) = (decoded.charset, decoded.how);
        let detail = format!(
            "{wide} characters beyond ASCII fit {charset} at best (by {how}), {lost} of them not at all"
        );
        return Err(Rejection::new(ProblemCode::CharsetDoubtful, detail));
    }
    Ok(decoded.text)
}

/// How files begin that are served where a page should be.
const FILES: &[(&[u8], &str)] = &[
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "a packed or Office file"),
    (b"\xD0\xCF\x11\xE0", "an Office file"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xFF\xD8\xFF", "a picture"),
    (b"RIFF", "a picture or sound"),
    (b"Rar!", "a packed file"),
    (b"\x1F\x8B", "a packed file"),
];

/// What `body` is, where it is no text.
fn binary(body: &[u8]) -> Option<&'static str> {
    let known = FILES.iter().find(|(start, _)| body.starts_with(start)).map(|(_, what)| *what);
    let head = &body[..body.len().min(2048)];
    let sixteen_bit = Encoding::for_bom(body).is_some() || fit::sixteen_bit(body).is_some();
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    known.or_else(|| (!sixteen_bit && zeros > 8).then_some("something binary"))
}

/// Decodes `body`, whose `Content-Type` header was `content_type`.
///
/// GB2312 and GBK are read as GB18030, which contains them and characters such as 镕 and 喆 that
/// pages declared as GB2312 use all the same.
pub fn decode(body: &[u8], content_type: Option<&str>) -> Decoded {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return finish(encoding, "bom", &body[length..]);
    }
    if let Some(encoding) = fit::sixteen_bit(body) {
        return finish(encoding, "statistics", body);
    }
    let claims = declared::claims(body, content_type);
    let fit = Fit::of(body);
    let believed = claims.iter().find(|claim| believable(claim.encoding, &fit, body));
    let (encoding, how) = match believed {
        Some(claim) => (claim.encoding, claim.how),
        None => (by_statistics(&fit, body), "statistics"),
    };
    finish(encoding, how, body)
}

fn believable(encoding: &'static Encoding, fit: &Fit, body: &[u8]) -> bool {
    if fit.is_ascii() {
        return true;
    }
    if encoding == UTF_8 {
        fit.is_utf8() || (fit.is_unclear() && std::str::from_utf8(body).is_ok())
    } else if encoding == GB18030 {
        !fit.is_utf8() && (fit.is_gb() || fit.is_unclear())
    } else if encoding == BIG5 {
        !fit.is_utf8() && !fit.is_gb2312() && !encoding.decode_without_bom_handling(body).1
    } else {
        !fit.is_utf8() && !fit.is_gb()
    }
}

fn by_statistics(fit: &Fit, body: &[u8]) -> &'static Encoding {
    if fit.is_ascii() || fit.is_utf8() { UTF_8 } else { guess(body) }
}

/// What the letters look like to a detector that knows the common charsets of Chinese sites.
fn guess(body: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    widen(detector.guess(Some(b"cn"), Utf8Detection::Allow))
}

/// GB18030 for GBK, the encoding itself otherwise.
fn widen(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == GBK { GB18030 } else { encoding }
}

fn finish(encoding: &'static Encoding, how: &'static str, body: &[u8]) -> Decoded {
    let (text, lossy) = encoding.decode_without_bom_handling(body);
    Decoded { text: text.into_owned(), charset: encoding.name(), how, lossy }
}

/// True for charsets that a page cannot be written in when its `<meta>` can be read as ASCII.
fn is_sixteen_bit(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "<p>全市工商联系统召开座谈会，朱镕基、陈喆等同志出席并讲话。企业家代表\
                        介绍了“走出去”的经验·做法，会议强调要加强组织指导、宣传引导。</p>";

    fn gbk(text: &str) -> Vec<u8> {
        let (bytes, _, unmappable) = GB18030.encode(text);
        assert!(!unmappable);
        bytes.into_owned()
    }

    fn page(meta: &str, body: &str) -> String {
        format!("<html><head>{meta}<title>x</title></head><body>{body}</body></html>")
    }

    #[test]
    fn a_file_in_the_place_of_a_page_is_told() {
        for file in [b"%PDF-1.7 \xE2".as_slice(), b"PK\x03\x04", &[0; 64]] {
            assert_eq!(text(file, Some("text/html")).unwrap_err().code, "not-html");
        }
        assert!(text(b"\xFF\xFE<\0p\0>\0", None).is_ok());
    }

    #[test]
    fn bytes_of_no_charset_are_refused_and_half_a_template_is_not() {
        let foreign =
            "Торгово-промышленная палата объявила о проведении заседания совета. ".repeat(3);
        let (foreign, ..) = encoding_rs::WINDOWS_1251.encode(&foreign);
        let refused = text(&foreign, None).unwrap_err();
        assert_eq!(refused.code, "charset-doubtful");
        assert!(text(&foreign, Some("text/html; charset=windows-1251")).is_ok());
        let half = [TEXT.repeat(3).as_bytes(), &gbk("导航栏目首页联系我们")].concat();
        assert!(text(&half, None).unwrap().contains("组织指导"));
    }

    #[test]
    fn twenty_four_truths_and_lies() {
        let metas = [
            "",
            r#"<meta charset="utf-8">"#,
            r#"<meta http-equiv="Content-Type" content="text/html; charset=gb2312" />"#,
            r#"<META content='text/html; charset=iso-8859-1' http-equiv='content-type'>"#,
        ];
        let headers = [None, Some("text/html; charset=UTF-8"), Some("text/html;charset=\"GBK\"")];
        for header in headers {
            for meta in metas {
                let text = page(meta, TEXT);
                for (bytes, charset) in
                    [(text.clone().into_bytes(), "UTF-8"), (gbk(&text), "gb18030")]
                {
                    let read = decode(&bytes, header);
                    let case = format!("{charset} with {header:?} and {meta}");
                    assert_eq!(read.text, text, "{case}");
                    assert_eq!((read.charset, read.lossy), (charset, false), "{case}");
                }
            }
        }
    }

    #[test]
    fn the_reason_is_named() {
        let utf8 = page("", TEXT);
        let how = |bytes: &[u8], header| decode(bytes, header).how;
        assert_eq!(how(utf8.as_bytes(), Some("text/html; charset=utf-8")), "header");
        assert_eq!(how(utf8.as_bytes(), Some("text/html")), "statistics");
        assert_eq!(how(&gbk(&utf8), Some("text/html; charset=utf-8")), "statistics");
        assert_eq!(how(page("<meta charset=utf8>", TEXT).as_bytes(), None), "meta");
        assert_eq!(how(&gbk(&page("<meta charset=cp936>", TEXT)), None), "meta");
        let xml = format!("<?xml version=\"1.0\" encoding=\"gb2312\"?>{TEXT}");
        assert_eq!(how(&gbk(&xml), None), "xml");
        let both = page("<!-- <meta charset=utf-8> --><meta charset=gbk>", TEXT);
        assert_eq!(how(&gbk(&both), Some("text/html; charset=utf-8")), "meta");
    }

    #[test]
    fn byte_order_marks_decide() {
        let read = decode("\u{FEFF}<p>市工商联".as_bytes(), Some("text/html; charset=gbk"));
        assert_eq!((read.text.as_str(), read.how), ("<p>市工商联", "bom"));
        let wide: Vec<u8> =
            "\u{FEFF}<p>市工商联".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide, None).text, "<p>市工商联");
        let silent: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&silent, None).text, TEXT);
    }

    #[test]
    fn a_meta_far_down_counts() {
        let late = format!("<script>{}</script><meta charset=gb2312>短", " ".repeat(5000));
        let read = decode(&gbk(&late), None);
        assert_eq!((read.text, read.how), (late, "meta"));
    }

    #[test]
    fn stray_bytes_do_not_flip_the_decision() {
        for header in [None, Some("text/html; charset=utf-8"), Some("text/html; charset=gbk")] {
            let mut utf8 = page("", TEXT).into_bytes();
            utf8.splice(25..25, [0xB9, 0xA4, 0xC9, 0xCC, 0xC1, 0xAA]);
            utf8.splice(6..6, [0xE5, 0xB7]);
            let read = decode(&utf8, header);
            assert_eq!((read.charset, read.lossy), ("UTF-8", true), "{header:?}");
            assert!(read.text.contains(TEXT));

            let mut mixed = gbk(&page("", TEXT));
            mixed.splice(6..6, [0xFF, 0xE5, 0xB7, 0x3C]);
            let read = decode(&mixed, header);
            assert_eq!((read.charset, read.lossy), ("gb18030", true), "{header:?}");
            assert!(read.text.contains(TEXT));
        }
    }

    #[test]
    fn a_gbk_fragment_in_a_utf8_page_stays_a_fragment() {
        let mut bytes = page("", &TEXT.repeat(3)).into_bytes();
        bytes.extend(gbk(TEXT));
        assert_eq!(decode(&bytes, Some("text/html; charset=gb2312")).charset, "UTF-8");
    }

    #[test]
    fn other_charsets_are_read_when_true() {
        let text = "<p>中華總商會舉行會員大會，會長致辭並介紹來年的工作計劃，與會者踴躍發言。";
        let (big5, _, _) = BIG5.encode(text);
        assert_eq!(decode(&big5, Some("text/html; charset=big5")).text, text);
        assert_eq!(decode(b"caf\xe9", Some("text/html; charset=iso-8859-1")).text, "café");
        assert_eq!(decode(b"plain", Some("text/html; charset=nonsense")).text, "plain");
        assert_eq!(decode(b"", None).text, "");
        let cut = &TEXT.as_bytes()[..TEXT.len() - 6];
        assert_eq!(decode(cut, None).charset, "UTF-8");
    }

    #[test]
    fn few_letters_are_enough() {
        for text in ["<p>无锡</p>", "镕", "<a>〔2020〕</a>", "a·b 工商联"] {
            assert_eq!(decode(text.as_bytes(), Some("text/html; charset=gb2312")).text, text);
            assert_eq!(decode(&gbk(text), Some("text/html; charset=gb2312")).text, text);
        }
        assert_eq!(decode(&gbk("<p>无锡市工商联</p>"), None).text, "<p>无锡市工商联</p>");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(body: Vec<u8>, header in "\\PC{0,30}") {
            decode(&body, Some(&header));
        }
    }
}
