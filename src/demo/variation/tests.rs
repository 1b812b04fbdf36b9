use std::collections::BTreeSet;
use std::path::Path;

use super::super::scene::{Course, Moment, Scene};
use super::*;

const LISTS: [(&str, &str); 3] = [
    ("sheng.test", "/yw/"),
    ("ding.test", "/index.php?m=content&c=index&a=lists&catid=13"),
    ("wu.test", "/list.asp?page=1"),
];

fn table(host: &str) -> Table {
    Table::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/network").join(host)).unwrap()
}

fn at(seed: u64, poll: u64) -> Variation {
    Variation { seed, poll, every: Duration::from_secs(3600) }
}

fn answer(table: &Table, path: &str, variation: Variation) -> Option<Answer> {
    let started = "2026-11-20T10:00:00Z".parse().unwrap();
    let moment = Moment { started, course: Course::Varied(variation) };
    Scene { table, moment }.answer(Asked { path, form: None })
}

fn list(table: &Table, path: &str, variation: Variation) -> String {
    answer(table, path, variation).unwrap().page().unwrap().to_owned()
}

#[test]
fn the_same_values_give_the_same_bytes_and_others_give_others() {
    for (host, path) in LISTS {
        let table = table(host);
        let mut seen = BTreeSet::new();
        for poll in 0..50 {
            let text = list(&table, path, at(1, poll));
            assert_eq!(text, list(&table, path, at(1, poll)));
            seen.insert(text);
        }
        assert!(seen.len() > 45, "{host}: a counter moves at each poll");
        assert_ne!(list(&table, path, at(1, 40)), list(&table, path, at(2, 40)), "{host}");
    }
}

#[test]
fn there_are_news_bursts_and_holidays() {
    let born = at(3, 1000).born("/yw/");
    let mut polls = [0_u32; 1001];
    for poll in &born {
        polls[usize::try_from(*poll).unwrap()] += 1;
    }
    assert!((300..900).contains(&born.len()), "{}", born.len());
    assert!(polls.contains(&12) && polls.contains(&1) && polls.contains(&2));
    let pauses = polls.split(|count| *count > 0).map(<[u32]>::len);
    assert!(pauses.max().unwrap() >= 24, "a holiday passes without news");
    // What was born stays born.
    assert_eq!(at(3, 500).born("/yw/"), born[..at(3, 500).born("/yw/").len()]);
}

#[test]
fn every_kind_of_change_comes_and_goes() {
    let dated = Regex::new(r"\d\d-\d\d").unwrap();
    let hrefs = Regex::new(r#"href="([^":]*9\d{5}\b[^"]*)"#).unwrap();
    for (host, path) in LISTS {
        let table = table(host);
        let all: Vec<String> =
            (0..1000).step_by(4).map(|poll| list(&table, path, at(5, poll))).collect();
        for mark in [
            "[置顶]",
            "专题专栏",
            "class=\"banner\"",
            "class=\"ad\"",
            "https://mp.weixin.qq.com/s/",
            "（图文）",
        ] {
            let with = all.iter().filter(|text| text.contains(mark)).count();
            assert!(with > 5 && with < 250, "{host}: {mark} on {with} of 250");
        }
        let row = table.row.as_ref().unwrap();
        let rows = || all.iter().flat_map(|text| row.find_iter(text));
        let undated = rows().filter(|row| !dated.is_match(row.as_str())).count();
        assert!(undated > 0, "{host} has rows without a date");
        assert!(all.iter().all(|text| row.find_iter(text).count() > 2), "{host} always has rows");
        // Every row leads to an article as long as it is new.
        let text = &all[249];
        for href in hrefs.captures_iter(text) {
            let address = if href[1].starts_with('/') {
                href[1].to_owned()
            } else {
                format!("/{}", &href[1])
            };
            let article = answer(&table, &address, at(5, 996)).unwrap();
            assert_eq!((article.status, article.role), (200, Role::Article), "{address}");
        }
    }
}

#[test]
fn a_pinned_or_moved_row_is_none_that_is_lost() {
    let link = Regex::new("<a [^>]*>").unwrap();
    for (host, path) in LISTS {
        let table = table(host);
        let row = table.row.as_ref().unwrap();
        let links = |text: &str| {
            let rows = row.find_iter(text).map(|row| link.find(row.as_str()).unwrap().as_str());
            rows.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        for poll in 0..200 {
            let variation = at(9, poll);
            let text = list(&table, path, variation);
            let lively = &table.lively[0];
            let fixed = table.response(Asked { path, form: None }).unwrap();
            let born = variation.born(&lively.list).len().min(15);
            let wanted = row.find_iter(&fixed.text).count() + born;
            assert_eq!(links(&text).len(), wanted, "{host} at {poll}: {text}");
        }
    }
}
