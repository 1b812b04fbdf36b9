//! Choosing for an issue.

use chrono::{DateTime, Utc};

use super::*;
use crate::model::{AlsoAt, Condition, CoverSpec, Rgb, SectionSpec, Selection};

fn item(number: u64, title: &str, day: &str) -> Item {
    Item {
        title: title.to_owned(),
        attribution: "来源：甲市工商联".to_owned(),
        text: "第一句。第二句。".to_owned(),
        ..crate::compose::tests::item(number, &format!("{day}T04:00:00Z"), 0)
    }
}

fn with(word: &str) -> Vec<Selection> {
    let condition = Condition { contains: vec![word.to_owned()], ..Condition::default() };
    vec![Selection::Only { of: Box::new(Selection::All), condition }]
}

fn digest(limit: usize) -> DigestSpec {
    DigestSpec {
        slug: "weekly".to_owned(),
        title: "一周".to_owned(),
        kind: DigestKind::Overview,
        numbering: "第{n}期".to_owned(),
        sections: vec![
            SectionSpec { title: "会议".to_owned(), selections: with("会议") },
            SectionSpec { title: "其他".to_owned(), selections: Vec::new() },
        ],
        header: String::new(),
        footer: String::new(),
        author: String::new(),
        cover: CoverSpec::Drawn,
        approvals: 3,
        summary_chars: 90,
        limit,
        brand: Rgb(0xb0, 0x13, 0x18),
    }
}

/// The titles chosen for an issue dated 20 November, with their sections.
fn titles(items: Vec<Item>, limit: usize, printed: &BTreeSet<ItemId>) -> Vec<(String, String)> {
    titles_after(None, items, limit, printed)
}

/// The same where there is an issue before: its day, and when it was built.
fn titles_after(
    before: Option<(NaiveDate, DateTime<Utc>)>,
    items: Vec<Item>,
    limit: usize,
    printed: &BTreeSet<ItemId>,
) -> Vec<(String, String)> {
    let pinned = ["主席".to_owned()];
    let date = "2026-11-20".parse().unwrap();
    let from =
        Candidates { date, window_days: 7, before, printed, pinned: &pinned, illustrated: true };
    let names: BTreeMap<ItemId, String> =
        items.iter().map(|item| (item.id.clone(), item.title.clone())).collect();
    let chosen = choose(&digest(limit), items, &from);
    let title = |chosen: &Chosen| match &chosen.from {
        Material::Item { id, .. } => names[id].clone(),
        Material::Manuscript { .. } => String::new(),
    };
    chosen.iter().map(|one| (one.section.clone(), title(one))).collect()
}

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(section, title)| ((*section).to_owned(), (*title).to_owned())).collect()
}

#[test]
fn sections_come_in_order_with_what_is_pinned_first_and_then_the_newest() {
    let items = vec![
        item(1, "普通甲", "2026-11-18"),
        item(2, "会议乙", "2026-11-16"),
        item(3, "普通丙", "2026-11-19"),
        item(4, "主席会议", "2026-11-15"),
        item(5, "会议丁", "2026-11-19"),
    ];
    let wanted = of(&[
        ("会议", "主席会议"),
        ("会议", "会议丁"),
        ("会议", "会议乙"),
        ("其他", "普通丙"),
        ("其他", "普通甲"),
    ]);
    assert_eq!(titles(items.clone(), 10, &BTreeSet::new()), wanted);
    let backwards = items.into_iter().rev().collect();
    assert_eq!(titles(backwards, 10, &BTreeSet::new()), wanted, "whatever order they come in");
}

#[test]
fn only_news_of_the_period_is_chosen() {
    let late = item(1, "当天", "2026-11-20");
    let first = item(2, "第一天", "2026-11-14");
    let before = item(3, "前一天", "2026-11-13");
    let after = item(4, "后一天", "2026-11-21");
    let withdrawn = Item { state: ItemState::Withdrawn, ..item(5, "撤稿", "2026-11-19") };
    let found = titles(vec![late, first, before, after, withdrawn], 10, &BTreeSet::new());
    assert_eq!(found, of(&[("其他", "当天"), ("其他", "第一天")]));
}

#[test]
fn nothing_falls_between_two_issues() {
    let built = Some(("2026-11-13".parse().unwrap(), "2026-11-13T00:00:00Z".parse().unwrap()));
    // Posted on the day of the issue before, after that was built at eight.
    let same_day = item(1, "同日下午", "2026-11-13");
    // Posted before, and read only after that was built.
    let mut late = item(2, "迟到", "2026-11-11");
    late.first_seen = "2026-11-13T02:00:00Z".parse().unwrap();
    // It could have stood there, and did not.
    let left = item(3, "旧闻", "2026-11-11");
    let mut ancient = item(4, "补录", "2026-10-01");
    ancient.first_seen = "2026-11-14T02:00:00Z".parse().unwrap();
    let found = titles_after(built, vec![same_day, late, left, ancient], 10, &BTreeSet::new());
    assert_eq!(found, of(&[("其他", "同日下午"), ("其他", "迟到")]));
}

#[test]
fn a_digest_that_rested_reaches_back_to_its_last_issue_but_not_for_ever() {
    let items = || vec![item(1, "两周前", "2026-11-06"), item(2, "一月前", "2026-10-20")];
    let before = |day: &str| {
        Some((day.parse().unwrap(), format!("{day}T00:00:00Z").parse::<DateTime<Utc>>().unwrap()))
    };
    let found = titles_after(before("2026-11-05"), items(), 10, &BTreeSet::new());
    assert_eq!(found, of(&[("其他", "两周前")]));
    let long_ago = titles_after(before("2026-01-05"), items(), 10, &BTreeSet::new());
    assert_eq!(long_ago, of(&[("其他", "两周前")]), "three windows at most");
}

#[test]
fn manuscripts_keep_their_names_when_items_are_chosen_anew() {
    let spec = digest(10);
    let chosen: Vec<Chosen> =
        (1..=3).map(|n| chosen(&spec, 0, item(n, "条", "2026-11-18"), n as usize)).collect();
    let by_hand = |key: &str| Chosen {
        key: key.to_owned(),
        from: Material::Manuscript { file: format!("{key}.docx") },
        ..chosen[0].clone()
    };
    let before = [chosen[0].clone(), by_hand("a2"), by_hand("a3")];
    let after = with_manuscripts(chosen.clone(), &before);
    let keys: Vec<&str> = after.iter().map(|chosen| chosen.key.as_str()).collect();
    assert_eq!(keys, ["a1", "a4", "a5", "a2", "a3"]);
    assert_eq!(after[3..], before[1..]);
}

#[test]
fn a_story_is_told_once_in_an_issue_and_never_again_in_the_next() {
    let mut primary = item(1, "原稿", "2026-11-18");
    let reprint = item(2, "转载", "2026-11-19");
    let twin = |item: &Item| AlsoAt {
        id: item.id.clone(),
        site: item.site.clone(),
        key: item.key.clone(),
        url: item.url.clone(),
    };
    primary.also_at = vec![twin(&reprint)];
    let mut other = reprint.clone();
    other.also_at = vec![twin(&primary)];
    let both = vec![primary.clone(), other.clone(), primary.clone()];
    assert_eq!(titles(both, 10, &BTreeSet::new()).len(), 1);
    let printed = BTreeSet::from([primary.id]);
    assert_eq!(titles(vec![other], 10, &printed), [], "another telling of it was printed");
}

#[test]
fn a_reprint_that_comes_later_changes_nothing_of_what_prints() {
    let spec = digest(10);
    let names = [("b", "乙市工商联"), ("c", "丙市工商联")];
    let names = names.map(|(id, name)| (id.to_owned(), name.to_owned()));
    let members = Members { names: names.into(), ..Members::default() };
    let at = |site: &str| AlsoAt {
        id: ItemId::from_tag_uri(format!("tag:x.test,2026:{site}/1")),
        site: site.parse().unwrap(),
        key: "1".to_owned(),
        url: "http://x.test/".parse().unwrap(),
    };
    let told = |sites: &[&str]| Item {
        also_at: sites.iter().map(|site| at(site)).collect(),
        ..item(1, "原稿", "2026-11-18")
    };
    let chosen = chosen(&spec, 0, told(&["b"]), 1);
    let printed =
        |item: Item| piece(&spec, &chosen, members.original(&item, &item, &chosen.also_at)).also_at;
    assert_eq!(printed(told(&["b"])), ["乙市工商联"]);
    assert_eq!(printed(told(&["c", "b"])), ["乙市工商联"], "as when it was chosen");
    assert_eq!(printed(told(&["c"])), [""; 0], "what was withdrawn is named no more");
}

#[test]
fn the_limit_keeps_what_is_pinned_and_the_newest() {
    let items = (1..=9).map(|n| item(n, &format!("普通{n}"), &format!("2026-11-1{n}")));
    let items = items.chain([item(20, "主席讲话", "2026-11-14")]).collect();
    let wanted = of(&[("其他", "主席讲话"), ("其他", "普通9"), ("其他", "普通8")]);
    assert_eq!(titles(items, 3, &BTreeSet::new()), wanted);
}

#[test]
fn credits_of_others_are_third_parties() {
    let members = Members {
        credits: ["苏商天下".to_owned(), "甲市工商联".to_owned()].into(),
        ..Members::default()
    };
    for own in [
        "苏商天下",
        "省工商联",
        "乙市委统战部",
        "丙县人民政府",
        "会员处",
        "秘书处",
        "市发展改革委员会",
        "甲市工商联、会员部",
    ] {
        assert!(!members.is_third_party(Some(own), own), "{own}");
    }
    for other in [
        "新华社",
        "人民日报",
        "中国新闻网",
        "甲市工商联、新华日报",
        "企业家俱乐部",
        "某某传媒有限公司",
    ] {
        assert!(members.is_third_party(Some(other), other), "{other}");
    }
    assert!(!members.is_third_party(None, "甲市工商联"), "not credited: its site's own");
}

#[test]
fn editors_words_print_and_what_was_withdrawn_does_not() {
    let spec = digest(10);
    let item = item(1, "原题", "2026-11-18");
    let members = Members::default();
    let chosen = Chosen { title: Some("新题".to_owned()), ..chosen(&spec, 0, item.clone(), 1) };
    let printed = piece(&spec, &chosen, members.original(&item, &item, &[]));
    assert_eq!((printed.title.as_str(), printed.original_title.as_str()), ("新题", "原题"));
    assert_eq!((printed.summary.as_str(), printed.since), ("第一句。第二句。", Since::Same));
    let newer = Item { revision: 2, ..item.clone() };
    assert_eq!(piece(&spec, &chosen, members.original(&item, &newer, &[])).since, Since::Revised);
    let gone = Item { state: ItemState::Withdrawn, ..item.clone() };
    let withdrawn = piece(&spec, &chosen, members.original(&item, &gone, &[]));
    assert_eq!((withdrawn.since, withdrawn.text.as_str()), (Since::Withdrawn, ""));
    assert_eq!(withdrawn.summary, "");
}
