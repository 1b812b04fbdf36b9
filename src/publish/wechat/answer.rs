//! What an answer of the platform says.
//!
//! In: HTTP status and bytes; out: the object in them, or why there is none. The status is nearly
//! always 200 and the media type means nothing, so the bytes are read whatever the headers say.

use std::fmt;
use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::model::Secret;

/// Longer messages of the platform are cut (characters).
const MESSAGE: usize = 300;
/// Of a page that came instead of JSON, so much of the title is told (characters).
const TITLE: usize = 60;
/// Names of drafts and material are no longer; tokens are (characters).
const NAME: usize = 128;
/// What stands where a secret stood.
const HIDDEN: &str = "…";

/// An object that the platform answered with.
pub(super) type Reply = Map<String, Value>;

/// What the platform said when it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// `errcode`.
    pub code: i64,
    /// `errmsg` without the name of the request; secrets in it are hidden.
    pub message: String,
    /// The name of the request (`rid`), by which the platform finds it in its logs.
    pub rid: Option<String>,
}

impl fmt::Display for Told {
    /// `40164 "invalid ip …" (rid 6520…)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\"", self.code, self.message)?;
        match &self.rid {
            Some(rid) => write!(f, " (rid {rid})"),
            None => Ok(()),
        }
    }
}

/// What came instead of an object in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Garbled {
    /// An error status without a reason in JSON.
    Status(u16),
    /// A page for people.
    Page {
        /// HTTP status.
        status: u16,
        /// Its title, or nothing.
        title: String,
    },
    /// Nothing at all.
    Empty {
        /// HTTP status.
        status: u16,
    },
    /// Something else.
    Other {
        /// HTTP status.
        status: u16,
        /// Its size in bytes.
        bytes: usize,
    },
}

impl fmt::Display for Garbled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status {status}"),
            Self::Page { status, title } if title.is_empty() => {
                write!(f, "an HTML page (status {status})")
            }
            Self::Page { status, title } => write!(f, "the HTML page `{title}` (status {status})"),
            Self::Empty { status } => write!(f, "nothing (status {status})"),
            Self::Other { status, bytes } => {
                write!(f, "{bytes} bytes that are no JSON object (status {status})")
            }
        }
    }
}

/// An answer that brings no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoResult {
    /// The platform said no; the object may hold more than the reason.
    Refused(Told, Reply),
    /// Whatever it is, it is not the platform's language.
    Garbled(Garbled),
}

/// Reads an answer; none of `secrets` is in what is told of one without result.
pub(super) fn read(status: u16, body: &[u8], secrets: &[&Secret]) -> Result<Reply, NoResult> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    let Ok(Value::Object(reply)) = serde_json::from_slice(body) else {
        return Err(NoResult::Garbled(garbled(status, body, secrets)));
    };
    match reply.get("errcode").and_then(number) {
        Some(0) => Ok(reply),
        Some(code) => {
            let message = reply.get("errmsg").and_then(Value::as_str).unwrap_or_default();
            Err(NoResult::Refused(told(code, &hide(message, secrets)), reply))
        }
        None if (200..300).contains(&status) => Ok(reply),
        None => Err(NoResult::Garbled(Garbled::Status(status))),
    }
}

/// A number, also where it is written as a text.
pub(super) fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A name, also where it is written as a number.
pub(super) fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The address that the platform saw us come from, as its message 40164 has it:
/// `invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist`.
pub(super) fn caller(message: &str) -> Option<IpAddr> {
    let words = message.split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '，'));
    words.filter_map(|word| word.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical()).next()
}

fn garbled(status: u16, body: &[u8], secrets: &[&Secret]) -> Garbled {
    if body.is_empty() {
        return Garbled::Empty { status };
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(4096)]);
    if !text.starts_with('<') {
        return Garbled::Other { status, bytes: body.len() };
    }
    // Lower-casing ASCII leaves all byte positions as they are.
    let lower = text.to_ascii_lowercase();
    let title = lower.find("<title>").and_then(|at| {
        let from = at + "<title>".len();
        lower[from..].find("</title").map(|length| &text[from..from + length])
    });
    // Gateways print the address that was asked for.
    let title = hide(title.unwrap_or_default(), secrets);
    let words: Vec<&str> = title.split_whitespace().collect();
    Garbled::Page { status, title: words.join(" ").chars().take(TITLE).collect() }
}

fn told(code: i64, message: &str) -> Told {
    let (message, rid) = match message.rsplit_once("rid:") {
        Some((before, rid)) => (before, Some(rid.trim())),
        None => (message, None),
    };
    let words: Vec<&str> = message.split_whitespace().collect();
    let message = words.join(" ").trim_end_matches(',').chars().take(MESSAGE).collect();
    let of_rid = |rid: &&str| {
        !rid.is_empty() && rid.len() < 80 && rid.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
    };
    Told { code, message, rid: rid.filter(of_rid).map(str::to_owned) }
}

/// `text` without any of `secrets`, nor anything else that may be a token: an earlier one, say.
fn hide(text: &str, secrets: &[&Secret]) -> String {
    let secrets = secrets.iter().filter_map(|secret| std::str::from_utf8(secret.reveal()).ok());
    let text = secrets
        .filter(|secret| !secret.is_empty())
        .fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN));
    let of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(|c| !of_token(c)) {
        let word = part.trim_end_matches(|c| !of_token(c));
        let rest = &part[word.len()..];
        shown.push_str(if word.len() > NAME { HIDDEN } else { word });
        shown.push_str(rest);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> Told {
        match read(200, body.as_bytes(), &[]) {
            Err(NoResult::Refused(told, _)) => told,
            other => panic!("{body} is {other:?}"),
        }
    }

    #[test]
    fn success_needs_no_errcode() {
        for body in [
            "{}",
            "\u{feff} {\"media_id\":\"x\"}\n",
            "{\"errcode\":0}",
            "{\"errcode\":\"0\",\"errmsg\":\"ok\"}",
        ] {
            assert!(read(200, body.as_bytes(), &[]).is_ok(), "{body}");
        }
    }

    #[test]
    fn a_refusal_keeps_code_message_and_rid() {
        let told = refused(
            r#"{"errcode":40013,"errmsg":"invalid appid rid: 6520a1b2-0c11d5e6-7f3a9b00"}"#,
        );
        assert_eq!(
            told,
            Told {
                code: 40013,
                message: "invalid appid".to_owned(),
                rid: Some("6520a1b2-0c11d5e6-7f3a9b00".to_owned())
            }
        );
        assert_eq!(told.to_string(), "40013 \"invalid appid\" (rid 6520a1b2-0c11d5e6-7f3a9b00)");
        assert_eq!(refused(r#"{"errcode":"-1"}"#).code, -1);
        // A refusal is one under any status.
        assert!(matches!(
            read(500, br#"{"errcode":-1,"errmsg":"system error"}"#, &[]),
            Err(NoResult::Refused(..))
        ));
    }

    #[test]
    fn hostile_messages_are_short_and_on_one_line() {
        let long = "长".repeat(9000);
        let told = refused(&format!(r#"{{"errcode":1,"errmsg":"a\n\tb {long} rid: <b>"}}"#));
        assert_eq!(told.message.chars().count(), MESSAGE);
        assert!(told.message.starts_with("a b 长"));
        assert_eq!(told.rid, None);
    }

    #[test]
    fn secrets_are_hidden() {
        let token = Secret::new(*b"86_abcdef");
        let answer = read(
            200,
            br#"{"errcode":40001,"errmsg":"invalid credential 86_abcdef hint"}"#,
            &[&token, &Secret::new("")],
        );
        let Err(NoResult::Refused(told, _)) = answer else { panic!("{answer:?}") };
        assert_eq!(told.message, "invalid credential … hint");
        let earlier = format!("{}x", "86_abcdefg-".repeat(12));
        let body =
            format!(r#"{{"errcode":40001,"errmsg":"token({earlier})，not {}!"}}"#, "m".repeat(128));
        assert_eq!(refused(&body).message, format!("token(…)，not {}!", "m".repeat(128)));
        let page = b"<title>GET /cgi-bin/draft/get?access_token=86_abcdef</title>";
        let answer = read(502, page, &[&token]);
        let Err(NoResult::Garbled(page)) = answer else { panic!("{answer:?}") };
        assert!(page.to_string().contains("access_token=…"), "{page}");
    }

    #[test]
    fn what_is_no_object_is_named() {
        for (status, body, found) in [
            (200, "", "nothing (status 200)"),
            (502, "  \n", "nothing (status 502)"),
            (
                502,
                "<html><head><TITLE>502\n Bad Gateway</TITLE>",
                "the HTML page `502 Bad Gateway` (status 502)",
            ),
            (200, "<!doctype html><p>登录", "an HTML page (status 200)"),
            (200, "[1,2]", "5 bytes that are no JSON object (status 200)"),
            (200, "{\"media_id\":\"x", "14 bytes that are no JSON object (status 200)"),
            (503, "{}", "status 503"),
            (200, "<title>İ</title>", "the HTML page `İ` (status 200)"),
        ] {
            match read(status, body.as_bytes(), &[]) {
                Err(NoResult::Garbled(garbled)) => assert_eq!(garbled.to_string(), found),
                other => panic!("{body} is {other:?}"),
            }
        }
    }

    #[test]
    fn the_caller_is_in_the_message() {
        for (message, ip) in [
            ("invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist", "203.0.113.9"),
            ("invalid ip ::ffff:203.0.113.9, not in whitelist", "203.0.113.9"),
            ("invalid ip 2001:db8::7, not in whitelist", "2001:db8::7"),
        ] {
            assert_eq!(caller(message).unwrap().to_string(), ip, "{message}");
        }
        assert_eq!(caller("not in whitelist"), None);
    }

    #[test]
    fn names_and_numbers_come_in_both_spellings() {
        assert_eq!(name(&Value::from(100_000_001_i64)).as_deref(), Some("100000001"));
        assert_eq!(name(&Value::from("100000001")).as_deref(), Some("100000001"));
        assert_eq!(name(&Value::from("")), None);
        assert_eq!(number(&Value::from("7200")), Some(7200));
    }
}
