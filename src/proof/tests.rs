use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use url::Url;

use super::*;
use crate::model::{
    Both, CoverSpec, DigestKind, DigestSpec, DraftArticle, Image, Issue, IssueId, IssuePicture,
    IssueState, ItemId, Laid, Lang, Piece, Rgb, SectionSpec, Selection, Since,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A piece without any flaw.
fn piece(key: &str, title: &str) -> Piece {
    Piece {
        key: key.to_owned(),
        item: Some(ItemId::from_tag_uri(format!("tag:a.test,2026:js/{key}"))),
        section: "要闻".to_owned(),
        title: title.to_owned(),
        original_title: title.to_owned(),
        summary: "座谈会今天召开。".to_owned(),
        summary_edited: false,
        html: "<p>座谈会今天召开。</p>".to_owned(),
        text: "座谈会今天召开。".to_owned(),
        images: Vec::new(),
        picture: true,
        source: "某市工商联".to_owned(),
        attribution: "来源：某市工商联".to_owned(),
        byline: String::new(),
        url: Some(Url::parse("http://a.test/1.html").unwrap()),
        site: "某市工商联".to_owned(),
        posted: Some(day("2026-11-20")),
        third_party: false,
        summary_only: false,
        since: Since::Same,
        also_at: Vec::new(),
    }
}

/// An issue without any flaw.
fn issue(pieces: Vec<Piece>) -> IssueComposition {
    let picture = IssuePicture {
        sha256: String::new(),
        name: "cover.jpg".to_owned(),
        bytes: bytes::Bytes::new(),
        width: 900,
        height: 383,
    };
    let section = SectionSpec { title: "要闻".to_owned(), selections: vec![Selection::All] };
    IssueComposition {
        digest: DigestSpec {
            slug: "weekly".to_owned(),
            title: "苏商一周".to_owned(),
            kind: DigestKind::Articles,
            numbering: "第{n}期（总第{total}期）".to_owned(),
            sections: vec![section],
            header: String::new(),
            footer: String::new(),
            author: String::new(),
            cover: CoverSpec::Drawn,
            approvals: 3,
            summary_chars: 100,
            limit: 20,
            brand: Rgb(176, 19, 24),
        },
        issue: Issue {
            id: IssueId { digest: "weekly".to_owned(), total: 12 },
            number: 3,
            date: day("2026-11-23"),
            period: (day("2026-11-16"), day("2026-11-22")),
            title: String::new(),
            note: String::new(),
            pictures: BTreeMap::new(),
            chosen: Vec::new(),
            state: IssueState::Built,
            built: DateTime::UNIX_EPOCH,
            version: 1,
        },
        pieces,
        pictures: BTreeMap::new(),
        missing: BTreeMap::new(),
        cover: Some(picture.clone()),
        cover_square: Some(picture),
        acts: Vec::new(),
    }
}

fn laid(change: impl FnOnce(&mut DraftArticle)) -> Layout {
    let mut draft = DraftArticle {
        article_type: "news".to_owned(),
        title: "标题".to_owned(),
        author: "某市工商联".to_owned(),
        digest: "摘要".to_owned(),
        content: "<p>正文</p>".to_owned(),
        content_source_url: "http://a.test/1.html".to_owned(),
        thumb_media_id: "{{cover}}".to_owned(),
        need_open_comment: 0,
        only_fans_can_comment: 0,
        pic_crop_235_1: "0_0_1_1".to_owned(),
        pic_crop_1_1: "0_0_1_1".to_owned(),
    };
    change(&mut draft);
    let article =
        Laid { draft, paste: String::new(), pieces: vec!["a1".to_owned()], pictures: Vec::new() };
    Layout { articles: vec![article], remarks: Vec::new() }
}

fn codes(remarks: &[Remark]) -> Vec<&'static str> {
    remarks.iter().map(|remark| remark.code).collect()
}

/// The codes that a change to a fine piece provokes.
fn changed(change: impl FnOnce(&mut Piece)) -> Vec<&'static str> {
    let mut piece = piece("a1", "座谈会召开");
    change(&mut piece);
    codes(&remarks(&issue(vec![piece]), &Layout::default(), &Tables::default()))
}

/// The codes that a body text provokes.
fn written(text: &str) -> Vec<&'static str> {
    changed(|piece| piece.text = text.to_owned())
}

fn example() -> Tables {
    Tables::parse(include_str!("../../proof/example.toml")).unwrap()
}

/// The remarks that a text provokes with the tables of the example, as of a day.
fn proofread(text: &str, date: &str) -> Vec<Remark> {
    let mut piece = piece("a1", "座谈会召开");
    piece.text = text.to_owned();
    let mut issue = issue(vec![piece]);
    issue.issue.date = day(date);
    remarks(&issue, &Layout::default(), &example())
}

#[test]
fn a_fine_issue_has_no_remarks() {
    assert_eq!(changed(|_| {}), [""; 0]);
    let fine = issue(vec![piece("a1", "座谈会召开")]);
    assert_eq!(remarks(&fine, &laid(|_| {}), &example()), []);
}

/// Texts that provoke a remark, and near misses that must not.
const WRITINGS: &[(&str, &[&str], &[&str])] = &[
    (
        "phone-number",
        &[
            "联系人：甲 13912345678",
            "电话：025-83210000",
            "（025）83210000",
            "拨打400-820-1234",
            "热线电话：83210000。",
        ],
        &[
            "2026-11-20 10:30",
            "苏工商联〔2026〕12号",
            "同比增长 025-1%",
            "项目代码2026-320106-04-01-123456",
            "电话会议于8月20日召开",
        ],
    ),
    ("id-card", &["身份证号：11010519491231002X。"], &["编号 110105194912310021"]),
    ("bank-card", &["卡号 6222021234567890128"], &["卡号 6222021234567890129"]),
    (
        "bracket-open",
        &["他说：“好。", "（一）会议》", "《条例印发", "甲（乙"],
        &[
            "他说：“好。”",
            "“第一段。\n“第二段。”",
            "1）甲；2）乙",
            "it’s fine",
            "（半角与全角)",
            "《关于“两个健康”的意见》",
        ],
    ),
    (
        "punctuation-half",
        &["会议召开,共有三人", "他说:好", "通知(试行"],
        &["3,000 人", "A,B", "8:30", "会议(Meeting)召开，"],
    ),
    (
        "punctuation-double",
        &["会议。。结束", "甲，，乙", "。。", "甲、，乙", "好，。"],
        &["好……", "——", "真的？！", "甲”，“乙"],
    ),
    (
        "word-double",
        &["我们的的工作", "了了会议", "会议和和谐"],
        &["目的的实现", "的的确确", "为了了解情况", "明明白白"],
    ),
    (
        "own-voice",
        &["本网讯（记者甲）", "据本报记者报道", "本站编辑整理"],
        &["基本网络", "本报告指出", "（记者 张三）", "成本报价"],
    ),
    ("page-remains", &["上一篇：通知", "【打印本页】"], &["他写了上一篇文章", "打印本次会议材料"]),
    ("link-words", &["点击这里下载", "请点击查看全文"], &["点击率上升", "点击量"]),
];

#[test]
fn every_slip_of_writing_is_noted_and_its_near_misses_are_not() {
    for (code, wrong, right) in WRITINGS {
        for text in *wrong {
            assert!(written(text).contains(code), "{code} in {text}: {:?}", written(text));
        }
        for text in *right {
            assert!(!written(text).contains(code), "{code} in {text}");
        }
    }
}

#[test]
fn what_is_not_known_of_a_piece_is_noted() {
    assert_eq!(changed(|piece| piece.posted = None), ["date-missing"]);
    assert_eq!(changed(|piece| piece.url = None), ["address-missing"]);
    // A manuscript has none.
    assert_eq!(changed(|piece| (piece.url, piece.item) = (None, None)), [""; 0]);
    assert_eq!(
        changed(|piece| {
            piece.source.clear();
            piece.attribution.clear();
        }),
        ["source-missing"]
    );
    assert_eq!(changed(|piece| piece.third_party = true), ["third-party"]);
    assert_eq!(changed(|piece| piece.title = " ".to_owned()), ["title-missing"]);
    assert_eq!(changed(|piece| piece.summary.clear()), ["summary-missing"]);
    for (summary, wanted) in [
        ("会议今天召开，", true),
        ("会议今天召", true),
        ("他说：“好。”", false),
        ("会议今天召开……", false),
        ("The meeting began.", false),
    ] {
        let found = changed(|piece| piece.summary = summary.to_owned());
        assert_eq!(found.contains(&"summary-cut"), wanted, "{summary}");
    }
    assert_eq!(changed(|piece| piece.since = Since::Revised), ["revised"]);
    assert_eq!(
        changed(|piece| piece.since = Since::Withdrawn),
        ["issue-empty", "section-empty", "withdrawn"]
    );
    for html in [
        "<p><a rel=\"noopener noreferrer\">字</a></p>",
        "<a href=\"javascript:x()\">字</a>",
        "<a href=\"#\">字</a>",
    ] {
        assert_eq!(changed(|piece| piece.html = html.to_owned()), ["link-dead"], "{html}");
    }
    let fine = "<a href=\"https://a.test/#x\" rel=\"noopener noreferrer\">字</a>";
    assert_eq!(changed(|piece| piece.html = fine.to_owned()), [""; 0]);
}

#[test]
fn pictures_that_could_not_be_had_are_named_where_they_would_print() {
    let url = Url::parse("http://a.test/1.jpg").unwrap();
    let image = Image { url: url.clone(), alt: String::new(), caption: String::new() };
    let with = |kind: DigestKind, picture: bool| {
        let mut piece = piece("a1", "座谈会召开");
        (piece.images, piece.picture) = (vec![image.clone()], picture);
        let mut issue = issue(vec![piece]);
        issue.digest.kind = kind;
        issue.missing.insert(url.to_string(), Both::new("取不到", "HTTP 404"));
        let found = remarks(&issue, &Layout::default(), &Tables::default());
        assert!(found.iter().all(|remark| remark.words == url.as_str()
            && remark.zh.contains("取不到")
            && remark.en.contains("HTTP 404")));
        codes(&found)
    };
    assert_eq!(with(DigestKind::Articles, true), ["picture-missing"]);
    assert_eq!(with(DigestKind::Overview, true), ["picture-missing"]);
    assert_eq!(with(DigestKind::Overview, false), [""; 0]);
}

#[test]
fn what_does_not_print_is_not_read() {
    let mut piece = piece("a1", "座谈会召开");
    piece.text = "联系人 13912345678".to_owned();
    let mut issue = issue(vec![piece.clone()]);
    issue.digest.kind = DigestKind::Overview;
    assert_eq!(remarks(&issue, &Layout::default(), &Tables::default()), []);
    piece.summary_only = true;
    issue.digest.kind = DigestKind::Both;
    issue.pieces = vec![piece];
    assert_eq!(remarks(&issue, &Layout::default(), &Tables::default()), []);
}

#[test]
fn limits_of_the_platform_are_kept() {
    let fine = issue(vec![piece("a1", "座谈会召开")]);
    let found =
        |change: fn(&mut DraftArticle)| codes(&remarks(&fine, &laid(change), &Tables::default()));
    assert_eq!(found(|draft| draft.title = "字".repeat(32)), [""; 0]);
    assert_eq!(found(|draft| draft.title = "字".repeat(33)), ["title-long"]);
    assert_eq!(found(|draft| draft.title = "字".repeat(64)), ["title-long"]);
    assert_eq!(found(|draft| draft.title = "字".repeat(65)), ["title-too-long"]);
    assert_eq!(found(|draft| draft.author = "字".repeat(16)), [""; 0]);
    assert_eq!(found(|draft| draft.author = "字".repeat(17)), ["author-long"]);
    assert_eq!(found(|draft| draft.digest = "字".repeat(120)), [""; 0]);
    assert_eq!(found(|draft| draft.digest = "字".repeat(121)), ["digest-long"]);
    assert_eq!(found(|draft| draft.content = "字".repeat(18_000)), [""; 0]);
    assert_eq!(found(|draft| draft.content = "字".repeat(18_001)), ["content-long"]);
    assert_eq!(found(|draft| draft.content = "字".repeat(20_000)), ["content-too-long"]);
    assert_eq!(found(|draft| draft.content_source_url = "x".repeat(1_024)), [""; 0]);
    assert_eq!(found(|draft| draft.content_source_url = "x".repeat(1_025)), ["link-long"]);
    let mut many = laid(|_| {});
    many.articles = vec![many.articles[0].clone(); 8];
    assert_eq!(remarks(&fine, &many, &Tables::default()), []);
    many.articles.push(many.articles[0].clone());
    assert_eq!(codes(&remarks(&fine, &many, &Tables::default())), ["articles-many"]);
}

#[test]
fn the_issue_as_a_whole_is_looked_at() {
    let found =
        |issue: &IssueComposition| codes(&remarks(issue, &Layout::default(), &Tables::default()));
    assert_eq!(found(&issue(Vec::new())), ["issue-empty", "section-empty"]);
    let mut bare = issue(vec![piece("a1", "座谈会召开")]);
    bare.cover = None;
    assert_eq!(found(&bare), ["cover-missing"]);
    let lacking = remarks(&bare, &Layout::default(), &Tables::default());
    assert!(!lacking[0].severe && stops_a_push(&lacking[0]), "it can be reviewed and pasted");
    bare.digest.kind = DigestKind::Bulletin;
    assert_eq!(found(&bare), [""; 0]);
    let double = issue(vec![
        piece("a1", "座谈会，召开"),
        piece("a2", "座谈会 召开"),
        piece("a3", "座谈会召开了"),
    ]);
    let double = remarks(&double, &Layout::default(), &Tables::default());
    assert_eq!((codes(&double), double[0].piece.as_deref()), (vec!["title-double"], Some("a2")));
    let mut note = issue(vec![piece("a1", "座谈会召开")]);
    note.issue.note = "本期，三篇".to_owned();
    assert_eq!(found(&note), [""; 0]);
    note.issue.note = "本期,三篇".to_owned();
    assert_eq!(found(&note), ["punctuation-half"]);
}

#[test]
fn remarks_stand_in_print_order_and_say_everything_once() {
    let mut first = piece("a1", "甲,乙的会");
    first.summary = "甲,乙的会".to_owned();
    first.text = "甲,乙的会".to_owned();
    let mut second = piece("a2", "会议纪要");
    second.third_party = true;
    second.text = "联系 13912345678，再联系 13912345678。".to_owned();
    let found = remarks(&issue(vec![first, second]), &Layout::default(), &Tables::default());
    let places: Vec<_> = found.iter().map(|remark| remark.piece.as_deref().unwrap()).collect();
    assert!(places.is_sorted());
    assert_eq!(
        codes(&found),
        ["summary-cut", "punctuation-half", "third-party", "phone-number"],
        "{found:?}"
    );
    for remark in &found {
        assert!(remark.zh.contains('：') && remark.en.contains(':'), "{remark:?}");
        assert!(!remark.zh.contains("{}") && !remark.en.contains("{}"));
    }
}

#[test]
fn posts_are_those_of_the_roster_on_the_day() {
    let roster = |text: &str, date: &str| -> Vec<(&'static str, bool)> {
        proofread(text, date).iter().map(|remark| (remark.code, remark.severe)).collect()
    };
    for fine in [
        "某市工商联主席张三出席。",
        "主席张三出席。",
        "张三主席出席。",
        "某市总商会会长张三出席。",
        "张三（某市工商联主席）出席。",
        "某市工商联党组书记、常务副主席李四出席。",
        "常务副主席李四出席。",
        "原副主席李四出席。",
        "时任某市工商联副主席李四出席。",
        "张三出席。",
        "张三、某市工商联党组书记、常务副主席李四出席。",
        "张三，某市工商联主席。",
        "主席王五出席。",
        "张三会长单位代表出席。",
    ] {
        assert_eq!(roster(fine, "2026-11-23"), [], "{fine}");
    }
    assert_eq!(roster("某市工商联副主席李四出席。", "2026-11-23"), [("roster-outdated", true)]);
    assert_eq!(roster("届时某市工商联副主席李四出席。", "2026-11-23"), [("roster-outdated", true)]);
    assert_eq!(roster("某市工商联副主席李四出席。", "2026-06-30"), []);
    assert_eq!(roster("某市工商联副主席张三出席。", "2026-11-23"), [("roster-post", true)]);
    assert_eq!(roster("副主席张三出席。", "2026-11-23"), [("roster-post", false)]);
    assert_eq!(roster("张三副主席出席。", "2026-11-23"), [("roster-post", false)]);
    assert_eq!(roster("某市工商联主席张三出席。", "2025-11-23"), [("roster-outdated", true)]);
    let found = proofread("某市工商联副主席李四出席。", "2026-11-23");
    assert!(found[0].zh.contains("2026-06-30"), "{}", found[0].zh);
    assert!(found[0].words.contains("副主席李四"));
}

#[test]
fn names_stand_in_the_order_of_the_roster() {
    for (text, wanted) in [
        ("李四、张三等出席。", true),
        ("李四和张三出席。", true),
        ("出席的有李四，张三。", true),
        ("张三、李四等出席。", false),
        ("李四出席。张三讲话。", false),
        ("李四陪同张三调研。", false),
        ("李四、张三等出席（以姓氏笔画为序）。", false),
    ] {
        let found = codes(&proofread(text, "2026-11-23"));
        assert_eq!(found.contains(&"roster-order"), wanted, "{text}: {found:?}");
    }
    let long = Tables::parse("[[person]]\nname = \"张三\"\npost = \"主席\"\nrank = 1\n[[person]]\nname = \"张三丰\"\npost = \"会长\"\nrank = 2\n").unwrap();
    let mut notes = Notes::default();
    person::check("会长张三丰出席。", day("2026-11-23"), &long, &mut notes);
    assert_eq!(notes.remarks, []);
}

#[test]
fn phrases_pairs_and_words_are_those_of_the_tables() {
    let codes = |text: &str| codes(&proofread(text, "2026-11-23"));
    for (code, wrong, right) in [
        ("phrase-broken", "学习习近平新时代思想", "学习习近平新时代中国特色社会主义思想"),
        ("phrase-broken", "以新时代中国特色社会主义思想为指导", "新时代中国特色的商会"),
        ("phrase-broken", "促进两个健康", "促进“两个健康”"),
        ("word-pair", "请登陆网站", "台风登陆，网站停运"),
        ("word-pair", "截止目前", "报名截止日期"),
        ("word-pair", "截止11月20日", "11月20日截止"),
        ("word-pair", "公众号帐号", "公众号账号"),
        ("word-unwanted", "国家级新区第一", "国家级新区"),
    ] {
        assert!(codes(wrong).contains(&code), "{code} in {wrong}: {:?}", codes(wrong));
        assert!(!codes(right).contains(&code), "{code} in {right}");
    }
    let broken = proofread("学习习近平新时代思想", "2026-11-23");
    assert!(broken[0].severe && broken[0].zh.contains("习近平新时代中国特色社会主义思想"));
}

#[test]
fn faults_of_tables_are_named_with_their_lines() {
    let text = "[[person]]\nname = \"张三\"\n\n[[phrase]]\nwhole = \"甲乙\"\nsigns = [\"丙\"]\n\
        [[pair]]\nwrong = \"a\"\nright = 3\nnear = \"(\"\nnearby = \"x\"\n[[word]]\nword = \"\"\nwhy = \"x\"\n\
        [[person]]\nname = \"李四\"\npost = \"主席\"\nfrom = 2026-02-01\nuntil = \"2026-01-01\"\nrank = \"一\"\n[other]\n";
    let faults = Tables::parse(text).unwrap_err();
    let lines: BTreeSet<usize> = faults.iter().map(|(line, _)| *line).collect();
    for line in [1, 4, 9, 10, 11, 13, 15, 20, 21] {
        assert!(lines.contains(&line), "line {line}: {faults:?}");
    }
    let said: Vec<String> = faults.iter().map(|(_, what)| what.text(Lang::Zh).to_owned()).collect();
    assert!(
        said.iter().any(|what| what.contains("nearby"))
            && said.iter().any(|w| w.contains("缺少 post"))
    );
    let syntax = Tables::parse("[[word]\n").unwrap_err();
    assert_eq!(syntax[0].0, 1);
    assert!(Tables::parse("").unwrap().is_empty());
    let both = example().and(Tables::parse("[[word]]\nword = \"绝对\"\nwhy = \"不宜\"\n").unwrap());
    let mut notes = Notes::default();
    word::check("绝对，请登陆网站", &both, &mut notes);
    assert_eq!(codes(&notes.remarks), ["word-unwanted", "word-pair"]);
}

#[test]
fn every_flaw_has_sentences_and_a_code_of_its_own() {
    let codes: BTreeSet<&str> = Flaw::ALL.iter().map(|flaw| flaw.code()).collect();
    assert_eq!(codes.len(), Flaw::ALL.len());
    let tests = include_str!("tests.rs");
    for code in codes {
        assert!(tests.contains(&format!("\"{code}\"")), "no test provokes `{code}`");
    }
}

#[test]
fn hostile_sizes_are_bounded() {
    let nasty = [
        "（“《".repeat(200_000),
        "的".repeat(400_000),
        "张三、".repeat(100_000),
        "1 ".repeat(300_000),
        "（".repeat(60_000) + &"》".repeat(60_000),
    ];
    for text in nasty {
        let found = proofread(&text, "2026-11-23");
        assert!(found.len() <= MOST_REMARKS);
        assert!(found.iter().all(|remark| remark.words.chars().count() <= MOST_WORDS + 1));
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(张三|李四|主席|副主席|，|。|“|”|（|的|[0-9]{1,12}|本网|\\PC|\n){0,60}") {
        let _ = proofread(&text, "2026-11-23");
    }
}
