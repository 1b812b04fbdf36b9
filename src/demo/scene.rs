//! What a demo site answers at one moment: its table, the articles that have appeared by then, and
//! the little changes that any site makes. Pure: the moment is an argument.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use encoding_rs::Encoding;

use crate::model::BEIJING;

use super::delivery::Delivery;
use super::table::{Asked, Lively, Response, Role, Table};
use super::variation::{Oddity, Variation};

/// The cities that lively articles come from.
const CITIES: [&str; 13] = [
    "南京市",
    "无锡市",
    "徐州市",
    "常州市",
    "苏州市",
    "南通市",
    "连云港市",
    "淮安市",
    "盐城市",
    "扬州市",
    "镇江市",
    "泰州市",
    "宿迁市",
];
/// Rows a lively list shows beside the fixed ones.
pub(super) const LIVELY_ROWS: u64 = 15;

/// The moment at which a site is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// When the first article is about to appear.
    pub(super) started: DateTime<Utc>,
    /// What has appeared since.
    pub(super) course: Course,
}

/// How articles appear.
#[derive(Clone, Copy, Debug)]
pub(super) enum Course {
    /// None does.
    Frozen,
    /// One in each period.
    Even {
        /// The period.
        every: Duration,
        /// How many have appeared.
        step: u64,
    },
    /// As on ordinary sites.
    Varied(Variation),
}

/// A lively article.
#[derive(Debug)]
struct Story {
    /// Its number, from 1.
    n: u64,
    /// When it appeared.
    time: DateTime<Utc>,
    oddity: Option<Oddity>,
}

impl Moment {
    /// How many articles of `lively` have appeared, and at which poll each did, where polls count.
    fn appeared(&self, lively: &Lively) -> (u64, Vec<u64>) {
        match self.course {
            Course::Frozen => (0, Vec::new()),
            Course::Even { step, .. } => (step, Vec::new()),
            Course::Varied(variation) => {
                let born = variation.born(&lively.list);
                (born.len() as u64, born)
            }
        }
    }

    /// Article `n`, from 1; `born` says when each appeared.
    fn article(&self, lively: &Lively, n: u64, born: &[u64]) -> Story {
        let (every, steps, oddity) = match self.course {
            Course::Frozen => (Duration::ZERO, 0, None),
            Course::Even { every, .. } => (every, n, None),
            Course::Varied(variation) => {
                let index = usize::try_from(n).unwrap_or(0).saturating_sub(1);
                let born = born.get(index).copied().unwrap_or(variation.poll);
                (variation.every, born, variation.oddity(&lively.list, n, born))
            }
        };
        Story { n, time: self.after(every, steps), oddity }
    }

    fn after(&self, every: Duration, steps: u64) -> DateTime<Utc> {
        let offset = every.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
        self.started + TimeDelta::from_std(offset).unwrap_or_default()
    }

    /// When it is.
    pub(super) fn now(&self) -> DateTime<Utc> {
        let (every, steps) = match self.course {
            Course::Frozen => return self.started,
            Course::Even { every, step } => (every, step),
            Course::Varied(variation) => (variation.every, variation.poll),
        };
        self.after(every, steps)
    }

    /// The same site, as it was while `articles` fewer articles had appeared.
    pub(super) fn before(self, articles: u64) -> Self {
        let course = match self.course {
            Course::Frozen => Course::Frozen,
            Course::Even { every, step } => {
                Course::Even { every, step: step.saturating_sub(articles) }
            }
            Course::Varied(variation) => Course::Varied(Variation {
                poll: variation.poll.saturating_sub(articles * Variation::POLLS_AN_ARTICLE),
                ..variation
            }),
        };
        Self { course, ..self }
    }

    fn shows(&self, response: &Response) -> bool {
        match self.course {
            Course::Frozen | Course::Varied(_) => true,
            Course::Even { step, .. } => response.from <= step,
        }
    }
}

/// What a site answers, before it is written to a socket.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) content_type: String,
    pub(super) set_cookie: Option<String>,
    pub(super) delivery: Delivery,
    pub(super) needs: BTreeMap<String, String>,
    pub(super) role: Role,
    pub(super) body: Body,
    /// What `body` is written in.
    pub(super) charset: &'static Encoding,
    /// What the tag is made of beside the bytes.
    pub(super) tag: u64,
}

/// A body as it is worked on.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// A page, or data.
    Text(String),
    /// A file.
    Bytes(Bytes),
}

impl Answer {
    fn new(response: &Response, body: Body, charset: &'static Encoding) -> Self {
        Self {
            status: response.status,
            location: response.location.clone(),
            content_type: response.content_type.clone(),
            set_cookie: response.set_cookie.clone(),
            delivery: response.delivery,
            needs: response.needs.clone(),
            role: response.role,
            body,
            charset,
            tag: 0,
        }
    }

    /// The bytes of the body.
    pub(super) fn bytes(&self) -> Bytes {
        match &self.body {
            Body::Text(text) => Bytes::from(self.charset.encode(text).0.into_owned()),
            Body::Bytes(bytes) => bytes.clone(),
        }
    }

    /// The text of a page of HTML.
    pub(super) fn page(&self) -> Option<&str> {
        match &self.body {
            Body::Text(text) if self.role != Role::Other => Some(text),
            _ => None,
        }
    }
}

/// One site at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    pub(super) table: &'a Table,
    pub(super) moment: Moment,
}

impl Scene<'_> {
    /// What is answered; none means 404.
    pub(super) fn answer(&self, asked: Asked<'_>) -> Option<Answer> {
        let plain = self.plain(asked)?;
        Some(match self.moment.course {
            Course::Varied(variation) => variation.change(plain, self.table, asked),
            _ => plain,
        })
    }

    fn plain(&self, asked: Asked<'_>) -> Option<Answer> {
        let (table, path) = (self.table, asked.path);
        let found = table.response(asked).filter(|response| self.moment.shows(response));
        if let Some(response) = found {
            if let Some(bytes) = &response.bytes {
                return Some(Answer::new(response, Body::Bytes(bytes.clone()), table.charset));
            }
            let mut text = response.text.clone();
            if let Some(lively) = table.lively.iter().find(|lively| lively.list == path) {
                text = text.replace("<!--lively-->", &self.rows(lively));
            }
            return Some(Answer::new(response, Body::Text(text), table.charset));
        }
        let text = table.lively.iter().find_map(|lively| {
            let n = number_in(&lively.path, path)?;
            let (count, born) = self.moment.appeared(lively);
            (n <= count).then(|| page(lively, &self.moment.article(lively, n, &born)))
        })?;
        let mut response = Response::page(&table.content_type);
        response.role = if table.columns.is_empty() { Role::Other } else { Role::Article };
        Some(Answer::new(&response, Body::Text(text), table.charset))
    }

    /// The newest lively rows, newest first.
    fn rows(&self, lively: &Lively) -> String {
        let (last, born) = self.moment.appeared(lively);
        let first = last.saturating_sub(LIVELY_ROWS) + 1;
        let article = |n| self.moment.article(lively, n, &born);
        (first..=last).rev().map(|n| row(lively, &article(n))).collect()
    }
}

fn row(lively: &Lively, story: &Story) -> String {
    match &story.oddity {
        Some(Oddity::Undated) => {
            let row = lively.row.replace("{date}", "").replace("[{mmdd}]", "");
            fill(&row, lively, story)
        }
        Some(Oddity::WeChat(address)) => fill(&lively.row.replace("{url}", address), lively, story),
        _ => fill(&lively.row, lively, story),
    }
}

fn page(lively: &Lively, story: &Story) -> String {
    let picture = "<p align=\"center\"><img src=\"/uploadfile/tu{n}.jpg\" alt=\"\"></p>";
    let body = match story.oddity {
        Some(Oddity::PictureOnly) => picture,
        _ => pick(&lively.bodies, story.n + shift(lively)),
    };
    fill(&lively.page.replace("{body}", body), lively, story)
}

fn fill(template: &str, lively: &Lively, story: &Story) -> String {
    let time = story.time.with_timezone(&BEIJING);
    let number = format!("{:05}", story.n);
    let told = story.n + shift(lively);
    let mut title = pick(&lively.titles, told).to_owned();
    if story.oddity == Some(Oddity::Edited) {
        title.push_str("（图文）");
    }
    template
        .replace("{title}", &title)
        .replace("{url}", &lively.path)
        .replace("{city}", CITIES[usize::try_from(told * 5 % 13).unwrap_or(0)])
        .replace("{n}", &number)
        .replace("{count}", &story.n.to_string())
        .replace("{date}", &time.format("%Y-%m-%d").to_string())
        .replace("{mmdd}", &time.format("%m-%d").to_string())
        .replace("{time}", &time.format("%H:%M").to_string())
}

/// How far the stories of a list are ahead of the others', so that sites do not all tell the same.
fn shift(lively: &Lively) -> u64 {
    u64::from(blake3::hash(lively.list.as_bytes()).as_bytes()[0])
}

fn pick(texts: &[String], n: u64) -> &str {
    let index = usize::try_from(n).unwrap_or(0) % texts.len();
    &texts[index]
}

/// The number in `path` where `pattern` has `{n}`.
fn number_in(pattern: &str, path: &str) -> Option<u64> {
    let (before, after) = pattern.split_once("{n}")?;
    let digits = path.strip_prefix(before)?.strip_suffix(after)?;
    (digits.len() == 5).then(|| digits.parse().ok()).flatten().filter(|n| *n > 0)
}
