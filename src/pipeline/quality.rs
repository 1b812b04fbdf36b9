//! The quality of a site in a month, from what was seen anyway: nothing is asked for.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use url::Url;

use crate::config::Site;
use crate::model::{
    BEIJING, Blemish, ColumnQuality, Defect, Draft, Finding, Link, ProblemCode, SiteQuality,
    silent_days,
};
use crate::problem::Fault;
use crate::store::{Reading, SqliteStore, StoreError};

use super::report::{Outcome, RunReport};

/// What a failure to read an article says of its site; `None` where it is we who were not let in, or
/// nothing is known. `is_gone` where the site said so in so many words.
pub(super) fn of_failure(link: &Link, fault: &Fault, is_gone: bool) -> Option<Blemish> {
    let defect = match fault.code {
        _ if is_gone => Defect::DeadLink,
        ProblemCode::ArticleGone => Defect::Astray,
        ProblemCode::HttpStatus => Defect::ServerError,
        ProblemCode::PageEmpty | ProblemCode::TitleMissing | ProblemCode::BodyMissing => {
            Defect::Empty
        }
        ProblemCode::Timeout
        | ProblemCode::Unreachable
        | ProblemCode::TlsFailed
        | ProblemCode::Truncated
        | ProblemCode::RedirectLoop => Defect::Unreached,
        _ => return None,
    };
    let (url, title) = (link.url.clone(), link.title.clone());
    Some(Blemish { defect, url, title, detail: fault.detail.clone() })
}

/// Whether the run came to nothing through the site's own fault: where it is we who were not let in,
/// or whose rules found nothing, the site is not said to have been down.
pub(super) fn is_down(report: &RunReport) -> bool {
    let of_the_site = |fault: &Fault| {
        matches!(
            fault.code,
            ProblemCode::HttpStatus
                | ProblemCode::ErrorPage
                | ProblemCode::Timeout
                | ProblemCode::Unreachable
                | ProblemCode::TlsFailed
                | ProblemCode::Truncated
                | ProblemCode::RedirectLoop
        )
    };
    report.outcome == Outcome::Failed && report.faults.iter().any(of_the_site)
}

/// That list and article print different days.
pub(super) fn of_dates(link: &Link, draft: &Draft) -> Option<Blemish> {
    let (listed, printed) = (link.posted?.date(), draft.posted?.date());
    (listed != printed).then(|| Blemish {
        defect: Defect::DateDiffers,
        url: link.url.clone(),
        title: draft.title.clone(),
        detail: format!("列表 {listed}，文章页 {printed}"),
    })
}

/// That a file of an article could not be had.
pub(super) fn of_file(url: &Url, article: &Url, fault: &Fault) -> Blemish {
    let detail = format!("{article}: {}", fault.detail);
    Blemish { defect: Defect::File, url: url.clone(), title: String::new(), detail }
}

/// How `site` did in the month that begins on `month`; what of it is still to come on `now` counts
/// nothing.
pub async fn quality(
    store: &SqliteStore,
    site: &Site,
    month: NaiveDate,
    now: DateTime<Utc>,
) -> Result<SiteQuality, StoreError> {
    let next = month.checked_add_months(Months::new(1)).unwrap_or(NaiveDate::MAX);
    let end = next.checked_sub_days(Days::new(1)).unwrap_or(month);
    let today = end.min(now.with_timezone(&BEIJING).date_naive());
    let mut findings = store.findings(&site.id, month).await?;
    let mut columns = Vec::new();
    for column in &site.columns {
        let reading = store.reading_of(&column.id, month).await?;
        let arrived = store.arrived(&column.id, month).await?;
        // Where nobody looked nothing can be said.
        if reading.runs > reading.failed
            && let Some(days) = silent_days(&arrived.days, today)
        {
            let last = arrived.days.last().copied().unwrap_or(today);
            findings.push(Finding {
                defect: Defect::Silent,
                column: Some(column.id.clone()),
                url: Some(column.url.clone()),
                title: column.name.clone(),
                detail: format!("最近一篇 {last}，已 {days} 天"),
                first: last,
                last: today,
                count: 1,
            });
        }
        findings.extend(down(&reading, column));
        columns.push(ColumnQuality {
            column: column.id.clone(),
            name: column.name.clone(),
            new: arrived.new,
            last: arrived.days.last().copied(),
            runs: reading.runs,
            failed: reading.failed,
            hours_down: reading.hours_down,
        });
    }
    findings.sort_by(|a, b| (a.defect, a.first, &a.url).cmp(&(b.defect, b.first, &b.url)));
    Ok(SiteQuality { site: site.id.clone(), name: site.name.clone(), columns, findings })
}

/// Hours in which every attempt at a list failed, through the site's fault; a single failure that the next run made good is
/// nothing.
fn down(reading: &Reading, column: &crate::config::Column) -> Option<Finding> {
    let (first, last) = reading.down.filter(|_| reading.hours_down > 0)?;
    let (failed, runs, hours) = (reading.failed, reading.runs, reading.hours_down);
    Some(Finding {
        defect: Defect::Down,
        column: Some(column.id.clone()),
        url: Some(column.url.clone()),
        title: column.name.clone(),
        detail: format!(
            "读取列表 {runs} 次，因网站故障失败 {failed} 次，有 {hours} 个小时一次也没有读到"
        ),
        first,
        last,
        count: failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_down_through_its_own_fault_only() {
        let down = |outcome, code| {
            let mut report = RunReport::new("a/yw".parse().unwrap());
            report.outcome = outcome;
            report.faults.push(Fault::new(code, "x"));
            is_down(&report)
        };
        for theirs in [ProblemCode::HttpStatus, ProblemCode::Timeout, ProblemCode::ErrorPage] {
            assert!(down(Outcome::Failed, theirs), "{}", theirs.as_str());
            assert!(!down(Outcome::Partly, theirs), "its list was read");
        }
        for ours in [
            ProblemCode::RobotsDisallow,
            ProblemCode::BudgetUsed,
            ProblemCode::RateLimited,
            ProblemCode::BlockedRuishu,
            ProblemCode::ListEmpty,
            ProblemCode::TooLarge,
            ProblemCode::RunPanicked,
        ] {
            assert!(!down(Outcome::Failed, ours), "{}", ours.as_str());
        }
    }

    #[test]
    fn only_what_the_site_did_is_its_fault() {
        let url = Url::parse("http://a.test/1.html").unwrap();
        let link = Link { url, title: "t".to_owned(), posted: None };
        let of = |code, is_gone| {
            of_failure(&link, &Fault::new(code, "x"), is_gone).map(|seen| seen.defect)
        };
        assert_eq!(of(ProblemCode::HttpStatus, true), Some(Defect::DeadLink));
        assert_eq!(of(ProblemCode::HttpStatus, false), Some(Defect::ServerError));
        assert_eq!(of(ProblemCode::ArticleGone, true), Some(Defect::DeadLink));
        assert_eq!(of(ProblemCode::ArticleGone, false), Some(Defect::Astray));
        assert_eq!(of(ProblemCode::BodyMissing, false), Some(Defect::Empty));
        for ours in [
            ProblemCode::RateLimited,
            ProblemCode::BudgetUsed,
            ProblemCode::RobotsDisallow,
            ProblemCode::BlockedChallenge,
        ] {
            assert_eq!(of(ours, false), None, "{}", ours.as_str());
        }
    }
}
