//! What sites do every day without being redesigned: news or none, pinned and odd rows, counters,
//! banners, adverts, white space, other tags. Seeded, and driven by the number of the poll.

use std::time::Duration;

use regex::{Captures, Regex};

use super::scene::{Answer, Body};
use super::table::{Asked, Role, Table};

/// Ordinary changes of the sites, as they stand at one poll.
///
/// The same values give the same bytes. What changes slowly (a pinned row, a banner) stays for some
/// polls; what changes at each visit (a counter) does so at each poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variation {
    /// Which course things take.
    pub seed: u64,
    /// Which poll it is, from 0.
    pub poll: u64,
    /// Time between two polls, by which new articles are dated.
    pub every: Duration,
}

/// What is odd about a new article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// Its row has no date.
    Undated,
    /// Its body is a picture.
    PictureOnly,
    /// Its row leads to this article of the platform.
    WeChat(String),
    /// Its title was edited some polls after it appeared.
    Edited,
}

/// For how many polls a slow change stays.
const STAYS: u64 = 24;
/// How many polls after its appearance a title is edited.
const EDITED_AFTER: u64 = 3;

impl Variation {
    /// How many polls bring about one article.
    pub(super) const POLLS_AN_ARTICLE: u64 = 2;

    /// The same course, `polls` later.
    #[must_use]
    pub fn later(self, polls: u64) -> Self {
        Self { poll: self.poll + polls, ..self }
    }

    /// The poll at which each new article of `list` appeared, the oldest first.
    pub(super) fn born(&self, list: &str) -> Vec<u64> {
        let salt = salt(list);
        let news = |poll: u64| std::iter::repeat_n(poll, self.news(salt, poll));
        (1..=self.poll).flat_map(news).collect()
    }

    /// How many articles appear at `poll`: mostly none, some, now and then a dozen at once; none for
    /// as long as a holiday lasts.
    fn news(&self, salt: u64, poll: u64) -> usize {
        if self.dice(salt, poll / STAYS, 1).is_multiple_of(6) {
            return 0;
        }
        match self.dice(salt, poll, 2) % 100 {
            0..65 => 0,
            65..85 => 1,
            85..95 => 2,
            95..99 => 3,
            _ => 12,
        }
    }

    /// What is odd about article `n` of `list`, which appeared at poll `born`, if anything is.
    pub(super) fn oddity(&self, list: &str, n: u64, born: u64) -> Option<Oddity> {
        let salt = salt(list);
        match self.dice(salt, n, 3) % 24 {
            0 => Some(Oddity::Undated),
            1 => Some(Oddity::PictureOnly),
            2 => {
                let name = self.dice(salt, n, 4);
                Some(Oddity::WeChat(format!("https://mp.weixin.qq.com/s/{name:022x}")))
            }
            3 => (born + EDITED_AFTER <= self.poll).then_some(Oddity::Edited),
            _ => None,
        }
    }

    /// The answer with the changes of this poll.
    pub(super) fn change(&self, answer: Answer, table: &Table, asked: Asked<'_>) -> Answer {
        let Some(page) = answer.page() else { return answer };
        let salt = salt(asked.path);
        let host = self::salt(&table.host);
        let mut text = page.to_owned();
        if let (Role::List { .. }, Some(row)) = (answer.role, &table.row) {
            text = self.arrange(&text, row, salt);
        }
        text = self.furnish(&text, host);
        text = self.count(&text, salt);
        let tag = self.dice(host, self.poll, 5) % 3;
        Answer { body: Body::Text(text), tag, ..answer }
    }

    /// A row pinned to the top, two neighbours exchanged, more white space.
    fn arrange(&self, text: &str, row: &Regex, salt: u64) -> String {
        let slow = self.poll / STAYS;
        let mut rows: Vec<&str> = row.find_iter(text).map(|row| row.as_str()).collect();
        let (count, pin) = (rows.len() as u64, self.dice(salt, slow, 6));
        let is_pinned = count > 2 && pin.is_multiple_of(3);
        if is_pinned {
            let pinned = rows.remove(index(pin, count));
            rows.insert(0, pinned);
        }
        let swap = self.dice(salt, slow, 7);
        if count > 3 && swap.is_multiple_of(4) {
            let at = 1 + index(swap, count - 2);
            rows.swap(at, at + 1);
        }
        let mut rows = rows.into_iter().enumerate();
        let space = if self.dice(salt, self.poll, 8).is_multiple_of(2) { "\r\n \t" } else { "" };
        let next = |_: &Captures<'_>| {
            let Some((at, row)) = rows.next() else { return String::new() };
            let row = if at == 0 && is_pinned { pin_mark(row) } else { row.to_owned() };
            format!("{space}{row}")
        };
        row.replace_all(text, next).into_owned()
    }

    /// A banner, an advert and an entry of the menu that come and go.
    fn furnish(&self, text: &str, host: u64) -> String {
        let slow = self.poll / STAYS;
        let mut text = text.to_owned();
        let is_up = |kind| self.dice(host, slow, kind).is_multiple_of(3);
        if is_up(9) {
            let entry = format!("<a href=\"/zt/{slow}/\">专题专栏</a>");
            if let Some(at) = text.find("</a>") {
                text.insert_str(at + "</a>".len(), &entry);
            }
        }
        if is_up(10) {
            let banner = "<div class=\"banner\"><img src=\"/images/banner.jpg\" alt=\"\"></div>";
            insert_behind(&mut text, "<body", banner);
        }
        if is_up(11) {
            let advert = format!(
                "<div class=\"ad\"><a href=\"http://ad.test/?id={slow}\" target=\"_blank\">\
                 <img src=\"/images/ad{slow}.gif\" alt=\"广告\"></a></div>"
            );
            if let Some(at) = text.rfind("</body>") {
                text.insert_str(at, &advert);
            }
        }
        text
    }

    /// Counters that every visit moves.
    fn count(&self, text: &str, salt: u64) -> String {
        let visits = 1000 + self.poll * 7 + self.dice(salt, self.poll, 12) % 7;
        let mut text = text.replace("浏览次数:", &format!("浏览次数:{visits} "));
        if let Some(at) = text.rfind("</body>") {
            text.insert_str(at, &format!("<!-- {visits} --><div>总访问量：{visits}</div>"));
        }
        text
    }

    /// A number that depends on the seed and on these.
    fn dice(&self, salt: u64, number: u64, kind: u64) -> u64 {
        let mut x = self.seed ^ salt.rotate_left(17) ^ (kind << 56);
        for part in [number, kind, salt] {
            // The finaliser of splitmix64.
            x = x.wrapping_add(part).wrapping_add(0x9E37_79B9_7F4A_7C15);
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            x ^= x >> 31;
        }
        x
    }
}

/// A number for a name.
fn salt(name: &str) -> u64 {
    let bytes = blake3::hash(name.as_bytes());
    bytes.as_bytes().iter().take(8).fold(0, |all, byte| all << 8 | u64::from(*byte))
}

fn index(number: u64, count: u64) -> usize {
    usize::try_from((number >> 8) % count).unwrap_or(0)
}

/// The row with a mark in front of its link.
fn pin_mark(row: &str) -> String {
    row.replacen("<a ", "<em class=\"top\">[置顶]</em><a ", 1)
}

/// Puts `more` behind the tag that begins with `tag`.
fn insert_behind(text: &mut String, tag: &str, more: &str) {
    if let Some(end) = text.find(tag).and_then(|at| Some(at + text[at..].find('>')? + 1)) {
        text.insert_str(end, more);
    }
}

#[cfg(test)]
mod tests;
