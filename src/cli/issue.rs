//! `lianbo issue`: from a week's items to a reviewed draft.

mod show;

use std::path::Path;

use crate::manuscript;
use crate::model::{IssueId, Lang, Step};
use crate::pipeline::{Built, Changes, Person, Pushed, Spot};
use crate::render::issue::Edits;
use crate::store::IssueRecord;
use crate::text::sentence::issue::deed;

use super::args::{IssueAction, StepArg};
use super::desk::Desk;
use super::operate::block_on;
use super::{Args, FINE, Failure, SOME_FAILED, USAGE, named, print, say};

/// Carries out what was asked.
pub(super) fn issue(args: &Args, lang: Lang, action: &IssueAction) -> Result<u8, Failure> {
    block_on(async {
        let desk = Desk::open(args, lang).await?;
        let code = carry_out(&desk, action).await?;
        desk.close().await?;
        Ok(code)
    })
}

async fn carry_out(desk: &Desk, action: &IssueAction) -> Result<u8, Failure> {
    match action {
        IssueAction::Build { what, date, anew, output, by } => {
            let person = desk.person(by.by.as_deref());
            build(desk, what, *date, *anew, output.as_deref(), &person).await
        }
        IssueAction::List { digest } => show::list(desk, digest.as_deref()).await,
        IssueAction::Show { issue } => show::show(desk, &desk.issue(issue)?).await,
        IssueAction::Add { issue, file, item, section, first, by } => {
            let spot = Spot { section: section.clone(), first: *first };
            let person = desk.person(by.by.as_deref());
            let id = desk.issue(issue)?;
            let record = match (file, item) {
                (Some(file), _) => add_file(desk, &id, file, &spot, &person).await?,
                (None, item) => {
                    add_item(desk, &id, item.as_deref().unwrap_or_default(), &spot, &person).await?
                }
            };
            edited(desk, &record).await
        }
        IssueAction::Edit { .. } => edit(desk, action).await,
        IssueAction::Approve { issue, step, by, remark } => {
            let (id, person) = (desk.issue(issue)?, desk.person(Some(&by.by)));
            let step = step.map(Step::from);
            let given = desk.pipeline.approve_issue(&id, &person, step, &remark.remark).await;
            let given = desk.done(given)?;
            print(&say::issue_approved(desk.lang, &id, deed(given.deed(), desk.lang)))?;
            written(desk, &id).await
        }
        IssueAction::Reject { issue, by, remark } => {
            let (id, person) = (desk.issue(issue)?, desk.person(Some(&by.by)));
            desk.done(desk.pipeline.reject_issue(&id, &person, &remark.remark).await)?;
            print(&say::issue_rejected(desk.lang, &id))?;
            written(desk, &id).await
        }
        IssueAction::Close { issue, by, remark } => {
            let (id, person) = (desk.issue(issue)?, desk.person(Some(&by.by)));
            desk.done(desk.pipeline.close_issue(&id, &person, &remark.remark).await)?;
            print(&say::issue_closed(desk.lang, &id))?;
            written(desk, &id).await
        }
        _ => to_platform(desk, action).await,
    }
}

async fn build(
    desk: &Desk,
    what: &str,
    date: Option<chrono::NaiveDate>,
    anew: bool,
    output: Option<&Path>,
    person: &Person,
) -> Result<u8, Failure> {
    let pipeline = &desk.pipeline;
    let id = match what.parse::<IssueId>() {
        Ok(id) => id,
        Err(()) => match desk.done(pipeline.build_issue(what, date, person).await)? {
            Built::New(record) => record.issue.id,
            Built::There(record) => {
                if !anew {
                    eprintln!("{}", say::issue_there(desk.lang, &record.issue.id));
                }
                record.issue.id
            }
            Built::Nothing => {
                print(&say::issue_nothing(desk.lang, what))?;
                return Ok(FINE);
            }
        },
    };
    if anew {
        desk.done(pipeline.choose_anew(&id, person).await)?;
    } else {
        desk.done(pipeline.complete_issue(&id).await)?;
    }
    let (folder, printed) = desk.done(pipeline.write_bundle(&id, output).await)?;
    print(&show::built(&printed, &folder, desk.lang))?;
    Ok(if printed.remarks.iter().any(|remark| remark.severe) { SOME_FAILED } else { FINE })
}

async fn add_file(
    desk: &Desk,
    id: &IssueId,
    file: &Path,
    spot: &Spot,
    person: &Person,
) -> Result<IssueRecord, Failure> {
    let lang = desk.lang;
    let usage = |message| Failure { code: USAGE, message };
    let bytes = std::fs::read(file)
        .map_err(|error| usage(say::unreadable(lang, &file.display().to_string(), &error)))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let manuscript = manuscript::read(&name, &bytes);
    let manuscript = manuscript.map_err(|error| usage(say::manuscript(lang, &name, &error)))?;
    for remark in &manuscript.remarks {
        eprintln!("{}", say::remark(lang, remark));
    }
    desk.done(desk.pipeline.add_manuscript(id, &name, manuscript, spot, person).await)
}

async fn add_item(
    desk: &Desk,
    id: &IssueId,
    item: &str,
    spot: &Spot,
    person: &Person,
) -> Result<IssueRecord, Failure> {
    let found = desk.fine(named::id(desk.store(), desk.config(), item).await)?;
    let Some(found) = found else {
        return Err(Failure { code: USAGE, message: say::no_item(desk.lang, item) });
    };
    desk.done(desk.pipeline.add_item(id, &found, spot, person).await)
}

async fn edit(desk: &Desk, action: &IssueAction) -> Result<u8, Failure> {
    let IssueAction::Edit { issue, from, title, note, drop, newest, by, remark } = action else {
        return Ok(FINE);
    };
    let lang = desk.lang;
    let (id, person) = (desk.issue(issue)?, desk.person(by.by.as_deref()));
    let (pipeline, remark) = (&desk.pipeline, &remark.remark);
    let mut record = None;
    if let Some(file) = from {
        let usage = |message| Failure { code: USAGE, message };
        let bytes = std::fs::read(file)
            .map_err(|error| usage(say::unreadable(lang, &file.display().to_string(), &error)))?;
        let edits = Edits::parse(&bytes).map_err(|error| usage(say::edits(lang, &error)))?;
        record = Some(desk.done(pipeline.edit_issue(&id, &edits, &person, remark).await)?);
    }
    let changes = Changes {
        title: title.clone(),
        note: note.clone(),
        newest: newest.iter().filter(|key| *key != "all").cloned().collect(),
        all_newest: newest.iter().any(|key| key == "all"),
        dropped: drop.clone(),
    };
    if changes != Changes::default() {
        record = Some(desk.done(pipeline.change_issue(&id, &changes, &person, remark).await)?);
    }
    match record {
        Some(record) => edited(desk, &record).await,
        None => Err(Failure { code: USAGE, message: say::nothing_to_edit(lang) }),
    }
}

/// What needs the platform.
async fn to_platform(desk: &Desk, action: &IssueAction) -> Result<u8, Failure> {
    let (lang, pipeline) = (desk.lang, &desk.pipeline);
    match action {
        IssueAction::Push { issue, anew, by } => {
            let (id, person) = (desk.issue(issue)?, desk.person(by.by.as_deref()));
            let pushed = desk.done(pipeline.push_issue(&id, &person, *anew).await)?;
            print(&say::issue_pushed(lang, &id, &pushed))?;
            if let Pushed::Same(_) = pushed {
                return Ok(FINE);
            }
            written(desk, &id).await
        }
        IssueAction::Preview { issue, to, by } => {
            let (id, person) = (desk.issue(issue)?, desk.person(by.by.as_deref()));
            let shown = desk.done(pipeline.preview_issue(&id, to, &person).await)?;
            print(&say::issue_previewed(lang, &id, &shown.to))?;
            Ok(FINE)
        }
        IssueAction::Publish { issue, yes_really, by } => {
            send(desk, issue, false, *yes_really, &by.by).await
        }
        IssueAction::Send { issue, yes_really, by } => {
            send(desk, issue, true, *yes_really, &by.by).await
        }
        _ => Ok(FINE),
    }
}

/// Publishes or sends an issue, after asking twice.
async fn send(desk: &Desk, issue: &str, to_all: bool, yes: bool, by: &str) -> Result<u8, Failure> {
    let lang = desk.lang;
    let (id, person) = (desk.issue(issue)?, desk.person(Some(by)));
    if !yes {
        let word = id.to_string();
        let sure = super::editing::answer(&say::send_first(lang, &id, to_all))?;
        if !matches!(sure.to_lowercase().as_str(), "y" | "yes" | "是")
            || super::editing::answer(&say::send_second(lang, &word))? != word
        {
            eprintln!("{}", say::not_sent(lang));
            return Ok(SOME_FAILED);
        }
    }
    let name = desk.done(desk.pipeline.send_issue(&id, to_all, &person).await)?;
    print(&say::issue_sent(lang, &id, &name, to_all))?;
    written(desk, &id).await
}

/// Tells what an edit made of the issue, and writes its bundle anew.
async fn edited(desk: &Desk, record: &IssueRecord) -> Result<u8, Failure> {
    let id = &record.issue.id;
    print(&say::issue_edited(desk.lang, id, record.issue.version))?;
    written(desk, id).await
}

/// Writes the bundle of the issue as it is now.
async fn written(desk: &Desk, id: &IssueId) -> Result<u8, Failure> {
    let (folder, _) = desk.done(desk.pipeline.write_bundle(id, None).await)?;
    eprintln!("{}", say::bundle_at(desk.lang, &folder.display().to_string()));
    Ok(FINE)
}

impl From<StepArg> for Step {
    fn from(step: StepArg) -> Self {
        match step {
            StepArg::First => Self::First,
            StepArg::Second => Self::Second,
            StepArg::Final => Self::Final,
        }
    }
}
