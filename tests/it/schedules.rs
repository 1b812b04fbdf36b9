//! When things are done: what the configuration says of it, what a daemon makes of it, and what the
//! ledger tells afterwards.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use lianbo::config::{Config, Faults};
use lianbo::daemon::{self, Handles};
use lianbo::demo::{Demo, Network};
use lianbo::model::{Lang, ProblemCode, Turn, TurnEnd};
use lianbo::pipeline::{Outcome, Pipeline};
use lianbo::schedule::{CatchUp, Days};
use tokio_util::sync::CancellationToken;

use crate::ground::{Ground, items, once, problems};
use crate::running::{DEADLINE, Running, configure};

const SITE: &str = "[[site]]\nid = \"a\"\nname = \"甲\"\nhome = \"http://a.test/\"\n";
const COLUMN: &str = "[[site.column]]\nid = \"b\"\nname = \"乙\"\nurl = \"/b/\"\n";

/// A configuration of these settings, and of a site with one column that say more.
fn load(settings: &str, site: &str, column: &str) -> Result<Config, Faults> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, format!("{settings}\n{SITE}{site}\n{COLUMN}{column}\n")).unwrap();
    Config::load(&file)
}

#[test]
fn a_column_goes_before_its_site_and_the_site_before_all() {
    let all = "[schedule]\nrefresh = \"0 8 * * *\"\ndays = \"workdays\"\nquiet_hours = \"22:00-06:00\"\n\
        catch_up = \"skip\"\njitter = \"1m\"\nzone = \"Asia/Shanghai\"";
    let timing = |site: &str, column: &str| {
        let config = load(all, site, column).unwrap();
        config.sites[0].columns[0].timing.clone()
    };
    let plain = timing("", "");
    assert_eq!((plain.days, plain.catch_up), (Days::Workdays, CatchUp::Skip));
    assert_eq!(plain.words(), "0 8 * * * Asia/Shanghai workdays quiet 22:00-06:00");
    let own =
        timing("zone = \"Asia/Kathmandu\"\ndays = \"all\"", "catch_up = \"all\"\nquiet_hours = []");
    assert_eq!(
        own.words(),
        "0 8 * * * Asia/Kathmandu",
        "the expression is meant in the nearest zone"
    );
    assert_eq!((own.catch_up, own.jitter), (CatchUp::All, Duration::from_secs(60)));
    let adaptive = timing("adaptive = { min = \"5m\", max = \"6h\" }", "");
    assert!(adaptive.words().starts_with("adaptive 300s-21600s"));
    assert!(
        timing("adaptive = { min = \"5m\", max = \"6h\" }", "cron = \"0 9 * * *\"")
            .adaptive()
            .is_none()
    );
}

#[test]
fn what_is_wrong_is_told_in_both_languages() {
    for (column, zh, en) in [
        (
            "days = \"weekdays\"",
            "不在可选之列：all、workdays、next-workday",
            "is none of all, workdays",
        ),
        ("quiet_hours = [\"22-6\"]", "不是安静时段；应如 23:00-06:30", "are no quiet hours"),
        ("quiet_hours = [\"0:00-12:00\", \"12:00-24:00\"]", "占满了全天", "leave no time"),
        ("cron = \"0 3 * * *\"\nquiet_hours = \"1:00-4:00\"", "永远不会运行", "would never run"),
        (
            "cron = \"@daily\"\nadaptive = { min = \"5m\", max = \"6h\" }",
            "只能写一个",
            "either `cron` or",
        ),
        ("adaptive = { min = \"6h\", max = \"5m\" }", "max 不得短于 min", "`max` between"),
        ("catch_up = \"never\"", "once、all、skip", "is none of once"),
        ("late_after = \"10s\"", "不得短于 1m", "1m or more"),
    ] {
        let faults = load("", "", column).unwrap_err();
        assert_eq!(faults.0.len(), 1, "{column}: {}", faults.text(Lang::En));
        assert!(faults.text(Lang::Zh).contains(zh), "{}", faults.text(Lang::Zh));
        assert!(faults.text(Lang::En).contains(en), "{}", faults.text(Lang::En));
    }
    let feed = "[[feed]]\nid = \"f\"\ntitle = \"f\"\nsites = [\"*\"]\ndays = \"workdays\"";
    let faults = load("", "", feed).unwrap_err().text(Lang::En);
    assert!(faults.contains("`days` says nothing without `cron`"), "{faults}");
}

#[test]
fn calendars_come_along_and_the_operators_own_stand_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, "").unwrap();
    let day = |text: &str| text.parse().unwrap();
    let works = |text: &str| Config::load(&file).unwrap().calendar.is_workday(day(text));
    // By the notices of 2024 and 2025: spring festival, and weekends in return.
    for (text, wanted) in [
        ("2025-01-26", true),
        ("2025-01-28", false),
        ("2025-10-08", false),
        ("2025-10-11", true),
        ("2026-01-04", true),
        ("2026-02-14", true),
        ("2026-02-23", false),
        ("2026-02-24", true),
        ("2026-09-20", true),
        ("2026-10-08", true),
    ] {
        assert_eq!(works(text), wanted, "{text}");
    }
    fs::create_dir(folder.path().join("calendar")).unwrap();
    let own = folder.path().join("calendar/2027.toml");
    let text = "[[calendar]]\nyear = 2027\noff = { \"元旦\" = \"2027-01-01..2027-01-03\" }\n";
    fs::write(&own, format!("{text}working = [\"2027-01-09\"]\n")).unwrap();
    assert!(!works("2027-01-01") && works("2027-01-09"));
    assert!(Config::folders(&file).contains_key(&folder.path().join("calendar")));
    fs::write(&own, format!("{text}working = [\"2027-01-08\"]\n")).unwrap();
    let faults = Config::load(&file).unwrap_err().text(Lang::En);
    assert!(faults.contains("2027-01-08 is no Saturday and no Sunday"), "{faults}");
    fs::write(&own, format!("{text}{text}")).unwrap();
    let faults = Config::load(&file).unwrap_err().text(Lang::En);
    assert!(faults.contains("2027 is there twice"), "{faults}");
}

#[test]
fn the_two_calendars_that_come_along_have_as_many_days_as_their_notices() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, "").unwrap();
    let calendar = Config::load(&file).unwrap().calendar;
    for (year, wanted) in [(2025, 248), (2026, 248)] {
        let first = chrono::NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        let days = first.iter_days().take_while(|day| chrono::Datelike::year(day) == year);
        assert_eq!(days.filter(|day| calendar.is_workday(*day)).count(), wanted, "{year}");
    }
}

/// Runs the daemon on `pipeline` until `done` says so.
async fn live(pipeline: Pipeline, done: impl AsyncFn(&Pipeline) -> bool) {
    let (end, ready) = (CancellationToken::new(), Box::new(|_| {}));
    let running = tokio::spawn(daemon::run(pipeline.clone(), Handles { end: end.clone(), ready }));
    let until = Instant::now() + DEADLINE;
    while !done(&pipeline).await {
        assert!(Instant::now() < until, "it never came: {:?}", turns(&pipeline).await);
        tokio::task::yield_now().await;
    }
    end.cancel();
    running.await.unwrap().unwrap();
}

async fn turns(pipeline: &Pipeline) -> Vec<Turn> {
    pipeline.store.turns(Some("xin/yw"), DateTime::<Utc>::MIN_UTC).await.unwrap()
}

/// Whether the last turn of the column is over, and was planned for `time` or later.
async fn is_over(pipeline: &Pipeline, time: &str) -> bool {
    let time: DateTime<Utc> = format!("2026-11-20T{time}:00Z").parse().unwrap();
    let turns = turns(pipeline).await;
    turns.last().is_some_and(|turn| turn.planned >= time && turn.ended.is_some())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planned_time_is_in_the_ledger_over_downtime() {
    let ground = Ground::new();
    live(ground.open().await, async |pipeline| is_over(pipeline, "10:00").await).await;
    // Down from 18:00 to 21:20 in China.
    ground.later(TimeDelta::minutes(200));
    let pipeline = ground.open().await;
    let store = pipeline.store.clone();
    live(pipeline, async |pipeline| is_over(pipeline, "13:00").await).await;
    let job = "refresh xin/yw".to_owned();
    let late = (job.clone(), ProblemCode::JobLate);
    drop(store);

    let pipeline = ground.open().await;
    assert!(problems(&pipeline.store).await.contains(&late));
    let ends: Vec<(String, TurnEnd)> = turns(&pipeline)
        .await
        .iter()
        .map(|turn| (turn.planned.format("%H:%M").to_string(), turn.end.unwrap()))
        .collect();
    let wanted = [
        ("10:00", TurnEnd::Done),
        ("10:30", TurnEnd::Coalesced),
        ("11:00", TurnEnd::Coalesced),
        ("11:30", TurnEnd::Coalesced),
        ("12:00", TurnEnd::Coalesced),
        ("12:30", TurnEnd::Coalesced),
        ("13:00", TurnEnd::CaughtUp),
    ];
    let wanted = wanted.map(|(time, end)| (time.to_owned(), end));
    assert_eq!(ends, wanted);
    let told = ground.lianbo(&["ledger", "xin/yw", "--since", "2026-11-20"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(told.out.contains("2026-11-20 Fri 18:30"), "{}", told.out);
    assert!(
        told.out.ends_with("7 planned times:  done 1  caught up 1  coalesced 5\n"),
        "{}",
        told.out
    );
    let json = ground.lianbo(&["ledger", "refresh xin/yw", "--since", "2026-11-20", "--json"]);
    let first: serde_json::Value = serde_json::from_str(json.out.lines().next().unwrap()).unwrap();
    assert_eq!(
        (first["job"].as_str(), first["outcome"].as_str()),
        (Some(job.as_str()), Some("done"))
    );
    assert_eq!(ground.lianbo(&["ledger", "xin/none", "--since", "2026-11-20"]).code, Some(1));

    // A punctual run heals, and an hour that the clock goes back brings nothing twice.
    ground.later(TimeDelta::minutes(10));
    live(pipeline, async |pipeline| is_over(pipeline, "13:30").await).await;
    ground.later(TimeDelta::minutes(-60));
    let pipeline = ground.open().await;
    assert!(!problems(&pipeline.store).await.contains(&late));
    let before = turns(&pipeline).await;
    let runs = pipeline.store.last_runs().await.unwrap();
    live(pipeline, async |pipeline| pipeline.store.problems().await.is_ok()).await;
    let pipeline = ground.open().await;
    assert_eq!(turns(&pipeline).await, before);
    assert_eq!(pipeline.store.last_runs().await.unwrap(), runs);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_gets_its_requests_of_the_day_and_no_more() {
    let ground = Ground::new();
    ground.reconfigure("gap = \"0s\"", "gap = \"0s\"\nbudget_per_day = 4");
    let pipeline = ground.open().await;
    once(&pipeline).await;
    // robots.txt, the list, and two of its three articles; then no list of the other column.
    assert_eq!(ground.site.seen().len(), 4);
    let told = problems(&pipeline.store).await;
    for column in ["xin/yw", "xin/zt"] {
        assert!(told.contains(&(column.to_owned(), ProblemCode::BudgetUsed)), "{told:?}");
    }
    drop(pipeline);

    // Another process on the same day has nothing left, and says until when.
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(ground.site.seen().len(), 0);
    let midnight: DateTime<Utc> = "2026-11-20T16:00:00Z".parse().unwrap();
    for report in reports {
        assert_eq!((report.outcome, report.rest_until), (Outcome::Failed, Some(midnight)));
    }
    drop(pipeline);

    // At midnight in China the day is new; what was left is read.
    ground.later(TimeDelta::hours(6));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(ground.site.seen().len(), 4);
    assert_eq!(items(&pipeline.store).await.len(), 3);
}

#[test]
fn times_are_listed_up_to_a_day() {
    let ground = Ground::new();
    ground.reconfigure("jitter = \"0s\"", "jitter = \"0s\"\nrefresh = \"0 9 1 * *\"");
    let year = chrono::Datelike::year(&chrono::NaiveDate::MAX).min(2099);
    let told = ground.lianbo(&["next", "--until", &format!("{year}-12-31"), "-n", "3"]);
    assert_eq!(told.code, Some(0), "{told:?}");
    let line = told.out.lines().find(|line| line.contains("xin/yw")).unwrap();
    assert_eq!(line.matches("09:00").count(), 3, "{line}");
    let past = ground.lianbo(&["next", "--until", "2020-01-01"]);
    assert!(!past.out.contains("09:00"), "{}", past.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_tells_keys_and_never_secrets() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let network = Network::start(&demo, None, Demo::frozen_clock()()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &network);
    let mut daemon = Running::start(&folder.path().join("config.toml"));
    daemon.address();
    daemon.wait_for(&["column refreshed", "jia/gzdt"]);

    let site = folder.path().join("feeds/sites/jia.toml");
    let text = fs::read_to_string(&site).unwrap();
    fs::write(&site, format!("{text}\ncron = \"0 9 * * *\"\ndays = \"workdays\"\n")).unwrap();
    let told = daemon.wait_for(&["configuration: changed column jia/"]);
    assert!(told.contains("cron: not set → \"0 9 * * *\"; days: not set → \"workdays\""), "{told}");

    let main = folder.path().join("config.toml");
    let text = fs::read_to_string(&main).unwrap();
    let secret = "a-secret-of-32-characters-indeed";
    fs::write(&main, text.replace("[admin]\n", &format!("[admin]\ntoken = \"{secret}\"\n")))
        .unwrap();
    let told = daemon.wait_for(&["configuration: changed [admin]"]);
    assert!(told.contains("token: changed (not shown)") && !told.contains(secret), "{told}");
    assert!(daemon.end().success());
}
