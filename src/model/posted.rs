//! The date a site prints on an article, with the precision it was printed in.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use serde::{Deserialize, Serialize};

/// China Standard Time, UTC+08:00, in which every date of every site is read and shown.
///
/// (China has had no daylight saving time since 1991.)
pub const BEIJING: FixedOffset = match FixedOffset::east_opt(8 * 3600) {
    Some(offset) => offset,
    None => panic!("eight hours is a valid offset"),
};

/// How exact a printed date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Only the day was printed.
    Day,
    /// Hours and minutes were printed too (seconds, where printed, are kept).
    Minute,
}

/// A date as printed by a site.
///
/// Text form: `YYYY-MM-DD` for a day, RFC 3339 with `+08:00` for a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Posted {
    at: DateTime<FixedOffset>,
    precision: Precision,
}

impl Posted {
    /// A date of which only the day is known; it counts from 00:00 +08:00.
    pub fn day(date: NaiveDate) -> Self {
        Self { at: in_beijing(date.and_time(NaiveTime::MIN)), precision: Precision::Day }
    }

    /// A date with its time of day in Beijing.
    pub fn minute(time: NaiveDateTime) -> Self {
        Self { at: in_beijing(time), precision: Precision::Minute }
    }

    /// The instant; 00:00 +08:00 where only the day is known.
    pub fn at(&self) -> DateTime<FixedOffset> {
        self.at
    }

    /// The day in Beijing.
    pub fn date(&self) -> NaiveDate {
        self.at.date_naive()
    }

    /// How exact it was printed.
    pub fn precision(&self) -> Precision {
        self.precision
    }
}

fn in_beijing(time: NaiveDateTime) -> DateTime<FixedOffset> {
    BEIJING.from_local_datetime(&time).single().expect("a fixed offset has no gaps or overlaps")
}

impl fmt::Display for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.precision {
            Precision::Day => write!(f, "{}", self.at.format("%Y-%m-%d")),
            Precision::Minute => write!(f, "{}", self.at.format("%Y-%m-%dT%H:%M:%S+08:00")),
        }
    }
}

impl FromStr for Posted {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, chrono::ParseError> {
        if text.len() == 10 {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Self::day)
        } else {
            DateTime::parse_from_rfc3339(text)
                .map(|at| Self::minute(at.with_timezone(&BEIJING).naive_local()))
        }
    }
}

impl TryFrom<String> for Posted {
    type Error = chrono::ParseError;

    fn try_from(text: String) -> Result<Self, chrono::ParseError> {
        text.parse()
    }
}

impl From<Posted> for String {
    fn from(posted: Posted) -> Self {
        posted.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_with_its_precision() {
        for text in ["2026-11-03", "2026-11-03T09:05:00+08:00"] {
            assert_eq!(text.parse::<Posted>().unwrap().to_string(), text);
        }
        let utc: Posted = "2026-11-03T01:05:00Z".parse().unwrap();
        assert_eq!(utc.to_string(), "2026-11-03T09:05:00+08:00");
    }
}
