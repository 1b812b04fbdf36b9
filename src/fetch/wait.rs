//! When a site that has had enough wants to be asked again.

use chrono::{DateTime, TimeDelta, Utc};
use http::header;

use crate::net::Reply;

/// The longest wait that a site may ask for (seconds).
pub(super) const LONGEST_RETRY_AFTER: i64 = 172_800;
/// The wait after a 429 that names none (seconds).
const USUAL_RETRY_AFTER: i64 = 600;

/// When the site wants to be asked again, where it says so (RFC 9110 §10.2.3: seconds, or a date)
/// with a 503, or has had enough of us (429).
pub(super) fn retry_after(reply: &Reply, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let named = reply.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = named.and_then(|text| wait_seconds(text.trim(), now));
    let seconds = match reply.status {
        429 => seconds.unwrap_or(USUAL_RETRY_AFTER),
        503 => seconds?,
        _ => return None,
    };
    Some(now + TimeDelta::seconds(seconds.clamp(0, LONGEST_RETRY_AFTER)))
}

fn wait_seconds(text: &str, now: DateTime<Utc>) -> Option<i64> {
    text.parse::<i64>().ok().or_else(|| {
        let date = DateTime::parse_from_rfc2822(text).ok()?;
        Some((date.with_timezone(&Utc) - now).num_seconds())
    })
}
