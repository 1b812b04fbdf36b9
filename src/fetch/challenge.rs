//! Challenge pages: named and reported, never answered.

use crate::net::Reply;

/// A challenge page is short; a page that only mentions one of these words is not.
const LONGEST: usize = 64 * 1024;

/// Marks in the body of a challenge page and whose they are.
const BODY_MARKS: [(&str, &str); 5] = [
    ("safeline_bot_challenge", "长亭 SafeLine"),
    ("acw_sc__v2", "阿里云 WAF"),
    ("__jsl_clearance", "加速乐"),
    ("HOY_TR", "网宿"),
    ("__tst_status", "__tst_status"),
];

/// The product whose challenge page this is, if it is one.
pub(super) fn vendor(reply: &Reply) -> Option<&'static str> {
    // The mark cookie alone says nothing: 加速乐 sets one with every page that it lets through.
    if reply.status == 521 {
        return Some("加速乐");
    }
    if reply.body.len() > LONGEST {
        return None;
    }
    let body = String::from_utf8_lossy(&reply.body);
    let is_script = body.contains("<script");
    if reply.status == 412 && is_script {
        return Some("瑞数");
    }
    // Whatever the vendor, a challenge is script and hardly any text.
    if !is_script || body.matches("<p").count() > 3 {
        return None;
    }
    BODY_MARKS.iter().find(|mark| body.contains(mark.0)).map(|mark| mark.1)
}
