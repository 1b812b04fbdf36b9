//! Redesigned sites with declared rules are read again by the rules that are proposed.

use std::collections::BTreeSet;
use std::fs;

use chrono::TimeDelta;
use lianbo::pipeline::Outcome;

use super::case::{Case, DING, SHENG, WU};
use super::{config, told};
use crate::ground::{items, once};

/// The items before a redesign are those after it, found by the rules that were written.
async fn survives(case: &Case) {
    let ground = case.ground();
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    assert_eq!(reports[0].outcome, Outcome::Fine, "{:?}", reports[0].faults);
    let stored = items(&pipeline.store).await;
    assert!(stored.len() >= 3 && stored.iter().all(|item| !item.partial), "{}", stored.len());
    drop(pipeline);
    let sound = ground.lianbo(&["repair", &case.id()]);
    assert_eq!((sound.code, sound.out.as_str()), (Some(0), ""), "{sound:?}");

    case.redesigned(&ground);
    let before = config(&ground);
    let asked = ground.lianbo(&["repair", &case.id(), "--json"]);
    let json = told(&asked);
    assert_eq!(asked.code, Some(1), "{asked:?}");
    assert_eq!(config(&ground), before, "nothing is written unasked");
    let score = json["list"]["before"]["score"].as_f64();
    assert!(score.is_some_and(|score| score < 0.5), "{json:#}");
    assert!(json["list"]["after"]["score"].as_f64().unwrap() >= 0.95, "{json:#}");
    assert!(json["diff"].as_str().unwrap().contains("@@"), "{json:#}");

    let written = ground.lianbo(&["repair", &case.id(), "--write"]);
    assert_eq!(written.code, Some(0), "{written:?}");
    let after = config(&ground);
    assert_ne!(after, before);
    assert!(after.contains("# 栏目 the column\n[[site.column]]"), "{after}");
    assert!(!after.contains("nth-child"), "{after}");
    let names: Vec<_> = fs::read_dir(ground.folder.path()).unwrap().collect();
    assert_eq!(names.len(), 2, "only the file and the data are there: {names:?}");

    ground.later(TimeDelta::hours(1));
    let pipeline = ground.open().await;
    let (reports, _) = once(&pipeline).await;
    let report = &reports[0];
    assert!(report.faults.is_empty() && report.new == 0, "{report:?}");
    let shown = json["list"]["shown"].as_u64().unwrap() as usize;
    assert!(report.listed * 100 >= shown * 95, "{} of {shown} rows", report.listed);
    let ids = |items: &[lianbo::model::Item]| -> BTreeSet<String> {
        items.iter().map(|item| item.id.to_string()).collect()
    };
    assert_eq!(ids(&items(&pipeline.store).await), ids(&stored), "every item once, as before");
    drop(pipeline);

    let again = ground.lianbo(&["repair", &case.id(), "--json"]);
    let json = told(&again);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(json["list"]["before"]["score"].as_f64().unwrap() >= 0.95, "{json:#}");
    let articles = &json["articles"]["before"];
    assert_eq!(articles["right"], articles["of"], "{json:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trs_site_is_read_again_after_its_redesign() {
    survives(&SHENG).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phpcms_site_is_read_again_after_its_redesign() {
    survives(&DING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asp_site_is_read_again_after_its_redesign() {
    survives(&WU).await;
}
