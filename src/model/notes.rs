//! What feeds say of themselves beside their items: where columns are, when there is news, emblems.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc, Weekday};
use url::Url;

use super::ColumnId;

/// What is known of all feeds and columns, for whoever renders them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Every column.
    pub columns: BTreeMap<ColumnId, ColumnNote>,
    /// When there is news, by slug.
    pub rhythms: BTreeMap<String, Rhythm>,
    /// What feeds are recognised by.
    pub emblems: Emblems,
}

/// A column as readers are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnNote {
    /// Its name.
    pub name: String,
    /// Its list page.
    pub url: Url,
}

/// When a feed may have news, from the schedules behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// Minutes from one time to the next, as a rule.
    pub minutes: u32,
    /// One of the times.
    pub base: DateTime<Utc>,
    /// Hours (UTC) in which nothing comes on any day.
    pub idle_hours: Vec<u8>,
    /// Days (UTC) on which nothing comes.
    pub idle_days: Vec<Weekday>,
}

/// The pictures that stand for us in feed readers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Emblems {
    /// Square and large: 512 × 512 pixels.
    pub icon: Option<Url>,
    /// Square and small: 64 × 64 pixels.
    pub favicon: Option<Url>,
    /// Twice as wide as high.
    pub logo: Option<Url>,
    /// How wide the logo is shown, in pixels: up to 144 (RSS 2.0).
    pub logo_width: Option<u16>,
    /// How high the logo is shown, in pixels: up to 400.
    pub logo_height: Option<u16>,
}
