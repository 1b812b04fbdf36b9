//! What was wrong with websites, by month: noted with the run that met it, so that it is still known
//! when it is healed.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc};
use rusqlite::{Connection, Transaction, params};
use url::Url;

use crate::model::{BEIJING, Blemish, ColumnId, Defect, Finding, SiteId};

use super::row::{seconds, time, unsigned};
use super::{SqliteStore, StoreError};

/// Articles dated so much later than they came are dated in the future (seconds): a day counts from
/// its start, and clocks differ.
const AHEAD: i64 = 86_400;
/// Days of a column that its rhythm is taken from.
const RHYTHM_DAYS: i64 = 400;

/// How the list of a column was read in a month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// How often.
    pub runs: u64,
    /// How often that failed.
    pub failed: u64,
    /// Hours in which it failed and never worked.
    pub hours_down: u64,
    /// The first and the last day on which it failed.
    pub down: Option<(NaiveDate, NaiveDate)>,
}

/// What came to a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Articles that came in the month.
    pub new: u64,
    /// Days of articles, oldest first, in the year up to the end of the month.
    pub days: Vec<NaiveDate>,
}

/// Notes what a run of `column` met.
pub(super) fn note_all(
    transaction: &Transaction<'_>,
    column: &ColumnId,
    met: &[Blemish],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let place = (column.site().as_str(), column.to_string());
    met.iter().try_for_each(|seen| note(transaction, (place.0, &place.1), seen, now))
}

/// Notes that a file of a site is broken.
pub(super) fn note_file(
    transaction: &Transaction<'_>,
    site: &str,
    seen: &Blemish,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    note(transaction, (site, ""), seen, now)
}

fn note(
    transaction: &Transaction<'_>,
    (site, column): (&str, &str),
    seen: &Blemish,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO blemish VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 1)
             ON CONFLICT (month, site, defect, url) DO UPDATE SET
               column_id = excluded.column_id, title = excluded.title, detail = excluded.detail, last = excluded.last,
               count = count + 1",
        )?
        .execute(params![
            month_of(now),
            site,
            column,
            seen.defect.as_str(),
            seen.url.as_str(),
            seen.title,
            seen.detail,
            seconds(now)
        ])?;
    Ok(())
}

/// Counts a run that ended, with the hour of its day: a good one, one that found the site down, or
/// neither.
pub(super) fn count_run(
    transaction: &Transaction<'_>,
    run: i64,
    good: bool,
    down: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let local = now.with_timezone(&BEIJING);
    let hour = 1_i64 << local.hour();
    let (good_hour, bad_hour) = (hour * i64::from(good), hour * i64::from(down));
    transaction
        .prepare_cached(
            "INSERT INTO run_day SELECT column_id, ?2, 1, ?3, ?4, ?5 FROM run WHERE id = ?1
             ON CONFLICT (column_id, day) DO UPDATE SET runs = runs + 1,
               failed = failed + excluded.failed, good_hours = good_hours | excluded.good_hours,
               bad_hours = bad_hours | excluded.bad_hours",
        )?
        .execute(params![run, local.date_naive().to_string(), down, good_hour, bad_hour])?;
    Ok(())
}

impl SqliteStore {
    /// The faults of `site` in the month that begins on `month`: those that runs met, and those that
    /// its articles have which came in that month.
    pub async fn findings(
        &self,
        site: &SiteId,
        month: NaiveDate,
    ) -> Result<Vec<Finding>, StoreError> {
        let site = site.clone();
        self.read(move |connection| {
            let mut found = met(connection, &site, month)?;
            found.extend(of_items(connection, &site, month)?);
            found.extend(vanished(connection, &site, month)?);
            Ok(found)
        })
        .await
    }

    /// How the list of `column` was read in the month that begins on `month`.
    pub async fn reading_of(
        &self,
        column: &ColumnId,
        month: NaiveDate,
    ) -> Result<Reading, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(
                "SELECT day, runs, failed, bad_hours & ~good_hours FROM run_day
                 WHERE column_id = ?1 AND day >= ?2 AND day < ?3 ORDER BY day",
            )?;
            let (first, end) = (month.to_string(), next(month).to_string());
            let mut rows = statement.query(params![column, first, end])?;
            let mut reading = Reading::default();
            while let Some(row) = rows.next()? {
                let (failed, hours): (i64, i64) = (row.get(2)?, row.get(3)?);
                reading.runs += unsigned(row.get(1)?);
                reading.failed += unsigned(failed);
                reading.hours_down += u64::from(hours.count_ones());
                let day = row.get::<_, String>(0)?.parse::<NaiveDate>().unwrap_or(month);
                if failed > 0 {
                    reading.down = Some((reading.down.map_or(day, |(first, _)| first), day));
                }
            }
            Ok(reading)
        })
        .await
    }

    /// What came to `column` in the month that begins on `month`, and in the year before its end.
    pub async fn arrived(
        &self,
        column: &ColumnId,
        month: NaiveDate,
    ) -> Result<Arrived, StoreError> {
        let column = column.to_string();
        self.read(move |connection| {
            let (first, end) = (midnight(month), midnight(next(month)));
            let new: i64 = connection
                .prepare_cached(
                    "SELECT count(*) FROM listed WHERE column_id = ?1
                       AND published >= ?2 AND published < ?3",
                )?
                .query_row(params![column, first, end], |row| row.get(0))?;
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT published FROM listed WHERE column_id = ?1
                   AND published >= ?2 AND published < ?3 ORDER BY published",
            )?;
            let since = end - RHYTHM_DAYS * 86_400;
            let times = statement.query_map(params![column, since, end], |row| row.get(0))?;
            let mut days: Vec<NaiveDate> = Vec::new();
            for at in times {
                days.push(day(at?));
            }
            days.dedup();
            Ok(Arrived { new: unsigned(new), days })
        })
        .await
    }
}

fn met(
    connection: &Connection,
    site: &SiteId,
    month: NaiveDate,
) -> Result<Vec<Finding>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT defect, column_id, url, title, detail, first, last, count FROM blemish
         WHERE month = ?1 AND site = ?2 ORDER BY first, url",
    )?;
    let month = month.format("%Y-%m").to_string();
    let mut rows = statement.query(params![month, site.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // A kind of another version of the program has no words here.
        let Some(defect) = Defect::from_code(&row.get::<_, String>(0)?) else { continue };
        found.push(Finding {
            defect,
            column: row.get::<_, String>(1)?.parse().ok(),
            url: Url::parse(&row.get::<_, String>(2)?).ok(),
            title: row.get(3)?,
            detail: row.get(4)?,
            first: day(row.get(5)?),
            last: day(row.get(6)?),
            count: unsigned(row.get(7)?),
        });
    }
    Ok(found)
}

/// Faults of the articles themselves, which stay as long as the articles are so.
fn of_items(
    connection: &Connection,
    site: &SiteId,
    month: NaiveDate,
) -> Result<Vec<Finding>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT title, json_extract(content, '$.url'), json_extract(content, '$.posted'),
           json_extract(content, '$.credit'), first_seen,
           (SELECT column_id FROM listed WHERE listed.ordinal = item.ordinal ORDER BY place LIMIT 1)
         FROM item WHERE site = ?1 AND state IN ('live', 'held') AND partial = 0
           AND first_seen >= ?2 AND first_seen < ?3 ORDER BY first_seen, ordinal",
    )?;
    let span = params![site.as_str(), midnight(month), midnight(next(month))];
    let mut rows = statement.query(span)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let url: Option<String> = row.get(1)?;
        // Only what the site printed itself: what it links elsewhere is not its own.
        let posted: Option<String> = row.get(2)?;
        let credit: Option<String> = row.get(3)?;
        let seen: i64 = row.get(4)?;
        let column: Option<String> = row.get(5)?;
        let ahead = posted.as_deref().and_then(at).is_some_and(|posted| posted > seen + AHEAD);
        let defects = [
            (Defect::Undated, posted.is_none(), String::new()),
            (Defect::DateAhead, ahead, posted.unwrap_or_default()),
            (Defect::NoCredit, credit.is_none(), String::new()),
        ];
        for (defect, _, detail) in defects.into_iter().filter(|(_, holds, _)| *holds) {
            found.push(Finding {
                defect,
                column: column.as_deref().and_then(|id| id.parse().ok()),
                url: url.as_deref().and_then(|url| Url::parse(url).ok()),
                title: row.get(0)?,
                detail,
                first: day(seen),
                last: day(seen),
                count: 1,
            });
        }
    }
    Ok(found)
}

/// Articles that were confirmed to be gone in that month.
fn vanished(
    connection: &Connection,
    site: &SiteId,
    month: NaiveDate,
) -> Result<Vec<Finding>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT title, json_extract(content, '$.url'), taken,
           (SELECT column_id FROM listed WHERE listed.ordinal = item.ordinal ORDER BY place LIMIT 1)
         FROM withdrawal JOIN item USING (ordinal)
         WHERE site = ?1 AND cause = 'gone' AND purged = 0 AND taken >= ?2 AND taken < ?3
         ORDER BY taken, ordinal",
    )?;
    let span = params![site.as_str(), midnight(month), midnight(next(month))];
    let mut rows = statement.query(span)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let taken: i64 = row.get(2)?;
        let column: Option<String> = row.get(3)?;
        found.push(Finding {
            defect: Defect::Vanished,
            column: column.and_then(|id| id.parse().ok()),
            url: row.get::<_, Option<String>>(1)?.and_then(|url| Url::parse(&url).ok()),
            title: row.get(0)?,
            detail: String::new(),
            first: day(taken),
            last: day(taken),
            count: 1,
        });
    }
    Ok(found)
}

/// The instant of a printed date, as items keep it.
fn at(posted: &str) -> Option<i64> {
    posted.parse::<crate::model::Posted>().ok().map(|posted| posted.at().timestamp())
}

fn day(at: i64) -> NaiveDate {
    time(at).with_timezone(&BEIJING).date_naive()
}

fn month_of(now: DateTime<Utc>) -> String {
    now.with_timezone(&BEIJING).format("%Y-%m").to_string()
}

fn next(month: NaiveDate) -> NaiveDate {
    let (year, number) = match month.month() {
        12 => (month.year() + 1, 1),
        number => (month.year(), number + 1),
    };
    NaiveDate::from_ymd_opt(year, number, 1).unwrap_or(NaiveDate::MAX)
}

/// When a day begins in Beijing, in seconds since 1970.
fn midnight(day: NaiveDate) -> i64 {
    let start = day.and_time(NaiveTime::MIN).and_local_timezone(BEIJING).single();
    start.map_or(0, |start| start.timestamp())
}
