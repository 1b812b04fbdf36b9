//! 发稿审批单: the sheet of paper that is signed before an issue goes out.

use minijinja::{Value, context};

use crate::model::{Act, Deed, IssueComposition, Lang, Piece, Remark};
use crate::text::sentence::issue as sentence;

use super::content::content_sha256;
use super::review::counts;
use super::{Given, bulletin, page};

const STYLE: &str = include_str!("../templates/issue/approval.css");

/// The sheet, to be printed on A4.
pub(super) fn document(given: &Given<'_>) -> String {
    let composition = given.composition;
    let issue = &composition.issue;
    let remarks = given.remarks();
    let third_party = composition.printed().filter(|piece| piece.third_party).count();
    let hash = content_sha256(composition, given.layout);
    let data = context! {
        style => STYLE,
        policy => page::policy(None),
        title => composition.title(),
        digest => &composition.digest.title,
        organiser => bulletin::organiser(&composition.digest),
        account => given.account,
        number => composition.number(),
        issue => issue.id.to_string(),
        version => issue.version,
        date => page::day(issue.date),
        period => format!("{} 至 {}", issue.period.0, issue.period.1),
        state => sentence::state(issue.state, Lang::Zh),
        pieces => composition.printed().map(row).collect::<Vec<_>>(),
        third_party => third_party,
        severe => remarks.iter().filter(|remark| remark.severe).count(),
        remarks => remarks.iter().map(remarked).collect::<Vec<_>>(),
        steps => steps(composition, &hash),
        content_sha256 => &hash,
    };
    page::page("approval.html", data)
}

fn remarked(remark: &&Remark) -> Value {
    context! { severe => remark.severe, zh => &remark.zh }
}

fn row(piece: &Piece) -> Value {
    let original = (piece.title != piece.original_title).then_some(&piece.original_title);
    context! {
        section => &piece.section,
        title => &piece.title,
        original => original,
        source => &piece.source,
        posted => piece.posted.map(|day| day.to_string()),
        third_party => piece.third_party,
    }
}

/// Who did what: recorded where it is, a line to sign on where it is not.
fn steps(composition: &IssueComposition, hash: &str) -> Vec<Value> {
    let drafted = composition
        .acts
        .iter()
        .rev()
        .find(|act| matches!(act.what, Deed::Built | Deed::Edited) && act.by.is_some());
    let mut steps = vec![step("拟稿", drafted)];
    for deed in [Deed::FirstApproval, Deed::SecondApproval, Deed::FinalApproval] {
        let done = composition.acts.iter().rev().find(|act| act.what == deed && counts(act, hash));
        steps.push(step(sentence::deed(deed, Lang::Zh), done));
    }
    steps.push(step("签发", None));
    steps
}

fn step(name: &str, act: Option<&Act>) -> Value {
    context! {
        name => name,
        by => act.and_then(|act| act.by.as_deref()),
        at => act.map(|act| page::minute(act.at)),
        remark => act.map(|act| act.remark.as_str()),
    }
}
