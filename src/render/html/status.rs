//! The page for operators: columns, their runs, and what is wrong.

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::{Value, context};

use crate::model::{BEIJING, Document, IssueId, IssueState, Lang, Problem, Usage};
use crate::text::sentence::{self, Label};
use crate::text::size;

use super::super::PublicSite;
use super::{document, minute, page};

/// What the status page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPage {
    /// Version of the program.
    pub version: &'static str,
    /// When the daemon started.
    pub started: DateTime<Utc>,
    /// When the page was asked for.
    pub at: DateTime<Utc>,
    /// Live items in the store.
    pub items: usize,
    /// Documents published.
    pub documents: u64,
    /// Items and revisions that wait for release.
    pub held: usize,
    /// Open problems, the oldest first.
    pub problems: Vec<Problem>,
    /// Every column that is read, those of one site together.
    pub rows: Vec<StatusRow>,
    /// Names of the sites that are not enabled.
    pub disabled: Vec<String>,
    /// Every digest.
    pub digests: Vec<StatusDigest>,
    /// What the data folder takes up, where that is known.
    pub usage: Option<Usage>,
}

/// One digest on the status page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusDigest {
    /// Its title.
    pub title: String,
    /// Its last issue, the day it is dated, and how far it has come.
    pub last: Option<(IssueId, NaiveDate, IssueState)>,
    /// When an issue was last due, and whether there was anything new.
    pub due: Option<(DateTime<Utc>, bool)>,
    /// When the next one is built.
    pub next: Option<DateTime<Utc>>,
}

/// One column on the status page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusRow {
    /// Name of its site.
    pub site: String,
    /// Its id.
    pub column: String,
    /// Its name for people.
    pub name: String,
    /// When its last run ended.
    pub last_run: Option<DateTime<Utc>>,
    /// How it ended: `fine`, `unchanged`, `partly`, `failed`, or empty.
    pub outcome: String,
    /// Rows on its list.
    pub listed: u64,
    /// New items of that run.
    pub new: u64,
    /// Items revised by that run.
    pub revised: u64,
    /// Rows left for the next run.
    pub left: u64,
    /// When the schedule wants it next.
    pub next_run: Option<DateTime<Utc>>,
}

/// The state of every column and the open problems; made when asked for.
pub fn status(state: &StatusPage, site: &PublicSite) -> Document {
    let sites: Vec<Value> = state
        .rows
        .chunk_by(|a, b| a.site == b.site)
        .map(|rows| {
            let name = &rows[0].site;
            let rows: Vec<Value> = rows.iter().map(|row| line(row, state.at, site.lang)).collect();
            context! { name, rows }
        })
        .collect();
    let problems: Vec<Value> = state.problems.iter().map(|p| problem(p, site.lang)).collect();
    let data = context! {
        version => state.version,
        started => minute(state.started),
        at => minute(state.at),
        items => state.items,
        documents => state.documents,
        held => (state.held > 0).then_some(state.held),
        disabled => &state.disabled,
        digests => state.digests.iter().map(|d| digest(d, state.at, site.lang)).collect::<Vec<_>>(),
        usage => state.usage.as_ref().map(|usage| used(usage, site.lang)),
        sites,
        problems,
    };
    document("status", page("status.html", site, data))
}

fn used(usage: &Usage, lang: Lang) -> Value {
    let parts = usage.parts.iter().filter(|part| part.bytes > 0).map(|part| {
        context! {
            kind => sentence::usage::kind(part.kind, lang),
            count => part.count,
            size => size::shown(part.bytes),
        }
    });
    context! {
        parts => parts.collect::<Vec<_>>(),
        total => size::shown(usage.total()),
        budget => usage.budget.map(size::shown),
        free => size::shown(usage.disk_free),
    }
}

fn digest(digest: &StatusDigest, at: DateTime<Utc>, lang: Lang) -> Value {
    let state = digest.last.as_ref().map(|(_, _, state)| sentence::issue::state(*state, lang));
    context! {
        title => &digest.title,
        issue => digest.last.as_ref().map(|(id, _, _)| id.to_string()),
        date => digest.last.as_ref().map(|(_, date, _)| date.to_string()),
        state,
        due => digest.due.map(|(time, _)| short(time, at)),
        nothing => digest.due.is_some_and(|(_, news)| !news),
        next => digest.next.map(|time| short(time, at)),
    }
}

fn line(row: &StatusRow, at: DateTime<Utc>, lang: Lang) -> Value {
    let some = |count: u64| (count > 0).then_some(count);
    context! {
        column => &row.column,
        name => &row.name,
        last_run => row.last_run.map(|time| short(time, at)),
        outcome => outcome(&row.outcome).text(lang),
        mood => match row.outcome.as_str() {
            "failed" => "bad",
            "partly" => "so-so",
            _ => "",
        },
        listed => some(row.listed),
        new => some(row.new),
        revised => some(row.revised),
        left => some(row.left),
        next_run => row.next_run.map(|time| short(time, at)),
    }
}

/// Without the day where it is that of `at`.
fn short(time: DateTime<Utc>, at: DateTime<Utc>) -> String {
    let day = |time: DateTime<Utc>| time.with_timezone(&BEIJING).date_naive();
    let time_of_day = time.with_timezone(&BEIJING).format("%H:%M").to_string();
    if day(time) == day(at) { time_of_day } else { minute(time) }
}

fn problem(problem: &Problem, lang: Lang) -> Value {
    let sentence = sentence::problem(problem.code, lang);
    context! {
        code => problem.code.as_str(),
        subject => &problem.subject,
        what => sentence.what,
        hint => sentence.hint,
        detail => &problem.detail,
        count => problem.count,
        since => minute(problem.first_seen),
        last => minute(problem.last_seen),
    }
}

fn outcome(outcome: &str) -> Label {
    match outcome {
        "fine" => Label::Fine,
        "unchanged" => Label::Unchanged,
        "partly" => Label::Partly,
        "failed" => Label::Failed,
        _ => Label::Waiting,
    }
}
