use proptest::prelude::*;

use super::*;

const ALL: Mask = Mask { id_cards: true, bank_cards: true, mobiles: true };
const USUAL: Mask = Mask { mobiles: false, ..ALL };

/// A valid number of 18 digits from its first 17.
fn id_card(first: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    format!("{first}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][sum as usize % 11])
}

/// A valid card number from all but its last digit.
fn bank_card(first: &str) -> String {
    let sum: u32 = first
        .chars()
        .rev()
        .enumerate()
        .map(|(at, c)| {
            let digit = c.to_digit(10).unwrap() * if at % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{first}{}", (10 - sum % 10) % 10)
}

/// 统一社会信用代码 from its first 17 signs.
fn credit_code(first: &str) -> String {
    let signs = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let sum: usize = first.chars().zip(weights).map(|(c, w)| signs.find(c).unwrap() * w).sum();
    format!("{first}{}", signs.chars().nth((31 - sum % 31) % 31).unwrap())
}

#[test]
fn cards_keep_their_ends() {
    let card = id_card("32010619900101123");
    let tail = &card[14..];
    for (written, shown) in [
        (format!("身份证号：{card}。"), format!("身份证号：3201**********{tail}。")),
        (
            format!("（{} {} {tail}）", &card[..6], &card[6..14]),
            format!("（3201** ******** {tail}）"),
        ),
        ("old 320106650101123".to_owned(), "old 3201*******1123".to_owned()),
        (
            format!("卡号 {}", bank_card("622202123456789012")),
            format!("卡号 6222***********{}", &bank_card("622202123456789012")[15..]),
        ),
    ] {
        assert_eq!(text(&written, USUAL), shown);
        assert_eq!(text(&written, Mask::default()), written);
    }
    let wide: String = card.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
    assert_eq!(text(&wide, USUAL).matches('*').count(), 10);
}

#[test]
fn cards_are_found_however_they_are_written() {
    let card = "32010619850301002X";
    assert_eq!(id_card(&card[..17]), card);
    for written in [
        "32010619850301002 X",
        "32010619850301002\u{a0}-x",
        "320106.19850301.002X",
        "320106_19850301_002X",
        "320106·19850301·002Ｘ",
        "3201061985030100\n2X",
    ] {
        let shown = text(written, USUAL);
        assert_eq!(shown.matches('*').count(), 10, "{shown}");
        let broken = written.replace('\n', "<br>");
        let shown = html(&format!("<td>{broken}</td>"), USUAL);
        assert_eq!(shown.matches('*').count(), 10, "{shown}");
    }
    for kept in ["32010619850301002<br>工", "32010619850301002 工X", "12.5 3.14 2026.11.20"] {
        assert_eq!(html(kept, ALL), kept);
    }
}

#[test]
fn markup_stays_whole() {
    let card = id_card("32010619900101123");
    let (a, b, c) = (&card[..3], &card[3..9], &card[9..]);
    let written = format!(
        "<p>姓名：甲，<strong>{a}</strong>{b}<em>{c}</em></p><p><a href=\"http://a.test/{card}\" rel=\"x\">附件</a></p>"
    );
    let shown = html(&written, USUAL);
    let tags = |html: &str| {
        let tags = regex::Regex::new("<[^>]*>").unwrap();
        tags.find_iter(html).map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tags(&shown), tags(&written), "addresses are no text");
    assert!(shown.contains("<strong>320</strong>1*****<em>*****"), "{shown}");
    let cells = format!("<td>{}</td><td>{}</td>", &card[..9], &card[9..]);
    assert_eq!(html(&cells, USUAL), cells, "two cells are two numbers");
    let cell = format!("<td>{card}</td><td>1&nbsp;</td>");
    assert!(!html(&cell, USUAL).contains(&card));
    let alt = format!("<img src=\"http://a.test/1.jpg\" alt=\"{card}\">");
    assert!(!html(&alt, USUAL).contains(&card));
}

#[test]
fn numbers_of_organisations_and_papers_stay() {
    for kept in [
        "苏工商联〔2026〕12号",
        "统一社会信用代码：91320000MA1W3X5T6P",
        "统一社会信用代码 12320000466007XXXX",
        "许可证编号：6222021234567890128",
        "电话：025-83210000，邮编210024",
        "2026年11月20日 10:30，共 123456789012345678901234 次",
        "项目代码2026-320106-04-01-123456",
        "网址 http://a.test/art/2026/11/20/art_12345_678901234567.html",
        "13912345678",
    ] {
        assert_eq!(text(kept, USUAL), kept);
        assert_eq!(html(kept, USUAL), kept);
    }
    let code = id_card("11110019990101123");
    let labelled = format!("统一社会信用代码：{code}");
    assert_eq!(text(&labelled, USUAL), labelled);
}

#[test]
fn mobiles_are_masked_where_that_is_switched_on() {
    for (written, shown) in [
        ("联系人：甲 13912345678", "联系人：甲 139****5678"),
        ("139 1234 5678", "139 **** 5678"),
        ("+8613912345678", "+86139****5678"),
        ("025-83210000", "025-83210000"),
    ] {
        assert_eq!(text(written, ALL), shown);
    }
}

proptest! {
    #[test]
    fn every_card_is_masked_however_it_is_broken(
        region in prop::sample::select(vec!["110105", "320106", "440304", "510107", "650102"]),
        year in 1930..2020u32, month in 1..=12u32, day in 1..=28u32, serial in 100..999u32,
        cuts in prop::collection::vec((1..17usize, prop::sample::select(
            vec!["<strong>", "</em>", "<a href=\"http://a.test/1234567890123456\">"])), 0..4),
    ) {
        let card = id_card(&format!("{region}{year}{month:02}{day:02}{serial}"));
        let mut broken = card.clone();
        let mut cuts = cuts;
        cuts.sort_by_key(|cut| std::cmp::Reverse(cut.0));
        cuts.dedup_by_key(|cut| cut.0);
        for (at, tag) in cuts {
            broken.insert_str(at, tag);
        }
        let shown = html(&format!("<p>{broken}，</p>"), USUAL);
        let seen = regex::Regex::new("<[^>]*>").unwrap().replace_all(&shown, "").into_owned();
        prop_assert_eq!(seen, format!("{}**********{}，", &card[..4], &card[14..]));
        prop_assert_eq!(html(&shown, USUAL), shown);
    }

    #[test]
    fn no_credit_code_is_masked(
        kind in prop::sample::select(vec!["91", "92", "93", "12", "51", "52", "53"]),
        region in prop::sample::select(vec!["320000", "320106", "110000", "440300"]),
        organ in "[0-9A-HJ-NPQRTUWXY]{9}",
    ) {
        let code = credit_code(&format!("{kind}{region}{organ}"));
        let written = format!("信息：{code}，");
        prop_assert_eq!(text(&written, USUAL), written);
    }

    #[test]
    fn lengths_and_tags_never_change(dirty in "(<p>|</p>|<em>|[0-9 X-]{1,20}|&nbsp;|&amp;|\\PC){0,30}") {
        let shown = html(&dirty, ALL);
        prop_assert_eq!(shown.chars().count(), dirty.chars().count());
        let same = shown.chars().zip(dirty.chars()).all(|(a, b)| a == b || (a == '*' && !"<>&;".contains(b)));
        prop_assert!(same, "{} became {}", dirty, shown);
    }
}
