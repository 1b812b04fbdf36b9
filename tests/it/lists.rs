//! List pages at hand through `lianbo discover --jsonl`: every folder of `tests/lists`, and the
//! families they belong to.

use std::collections::BTreeMap;
use std::fs;

use lianbo::config::{Config, Family};
use serde_json::{Value, json};
use url::Url;

use crate::pages::{families, fixture, folders, page_file, told};

#[test]
fn each_list_is_read_whole_with_its_rules_and_without() {
    let mut inputs = Vec::new();
    let mut wanted = Vec::new();
    for folder in folders("lists") {
        let (_, expected) = fixture(&folder);
        for site in [Value::Null, expected["family"].clone()] {
            let (url, fetched) = (&expected["url"], &expected["fetched"]);
            let file = page_file(&folder);
            inputs.push(json!({"file": file, "url": url, "site": site, "fetched": fetched}));
            wanted.push(expected.clone());
        }
    }
    let found = told("discover", Some(&families()), &inputs);
    for ((input, wanted), found) in inputs.iter().zip(&wanted).zip(&found) {
        let which = format!("{} with the rules of {}", input["file"], input["site"]);
        assert_eq!(found["rejected"], Value::Null, "{which}");
        assert_eq!(found["links"], wanted["links"], "rows of {which}");
        assert_eq!(found["next"], wanted["next"], "next pages of {which}");
        assert_eq!(found["requests"], wanted["requests"], "requests of {which}");
    }
    assert!(inputs.len() >= 20, "lists were read");
}

/// Marks of `family` that `url` or `page` bears.
fn marks(family: &Family, url: &Url, page: &str) -> usize {
    family.url_marks.iter().filter(|mark| mark.is_match(url.as_str())).count()
        + family.html_marks.iter().filter(|mark| page.contains(mark.as_str())).count()
}

#[test]
fn a_page_bears_the_marks_of_its_own_family_and_of_no_other() {
    let config = Config::load(&families()).unwrap();
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    for folder in [folders("pages"), folders("lists")].concat() {
        let (page, expected) = fixture(&folder);
        let url: Url = expected["url"].as_str().unwrap().parse().unwrap();
        let Some(own) = expected["family"].as_str() else { continue };
        if page_file(&folder).extension().is_none_or(|ending| ending != "html") {
            continue;
        }
        *read.entry(own.to_owned()).or_default() += 1;
        // Rows tell the family of a list as addresses tell that of an article.
        let rows = expected["links"].as_array().into_iter().flatten();
        let rows: Vec<Url> =
            rows.map(|link| link["url"].as_str().unwrap().parse().unwrap()).collect();
        for (id, family) in &config.families {
            let all: usize = std::iter::once(&url)
                .chain(&rows)
                .map(|address| marks(family, address, &page))
                .sum();
            let wanted = id == own && id != "generic";
            assert_eq!(all > 0, wanted, "marks of `{id}` in {}", folder.display());
        }
    }
    for id in config.families.keys() {
        let count = read.get(id).copied().unwrap_or_default();
        assert!(count >= 2, "`{id}` has an article and a list");
    }
}

#[test]
fn a_site_of_a_known_family_takes_at_most_ten_lines() {
    let folder = families().with_file_name("");
    let config = Config::load(&families()).unwrap();
    assert_eq!(config.sites.len(), config.families.len(), "one site a family");
    for guide in ["GUIDE.md", "GUIDE.zh-CN.md"] {
        let guide_text =
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/").to_owned() + guide)
                .unwrap();
        for family in config.families.keys() {
            let file = fs::read_to_string(folder.join(format!("{family}.toml"))).unwrap();
            let is_told = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
            let lines = file.lines().filter(is_told).count();
            assert!(lines <= 10, "`{family}` takes {lines} lines");
            let row = guide_text.lines().find(|line| line.starts_with(&format!("| `{family}` |")));
            let told = row.unwrap_or_else(|| panic!("`{family}` is not in {guide}"));
            assert!(told.contains(&format!(" {lines} |")), "{guide}: {told} but {lines} lines");
        }
    }
}
