use std::io::Cursor;

use super::*;

/// A font whose every glyph is a full square, for the characters from `first` to `last`.
fn squares(first: char, last: char) -> Vec<u8> {
    let be = |words: &[u16]| words.iter().flat_map(|w| w.to_be_bytes()).collect::<Vec<u8>>();
    let mut head = be(&[1, 0, 0, 0, 0, 0, 0x5F0F, 0x3CF5, 0, 1000]);
    head.extend([0; 16]);
    head.extend(be(&[0, 0, 1000, 1000, 0, 8, 2, 0, 0]));
    let mut hhea = be(&[1, 0, 800, 200_u16.wrapping_neg(), 0, 1000]);
    hhea.extend([0; 22]);
    hhea.extend(be(&[1]));
    let mut cmap = be(&[0, 1, 3, 10, 0, 12, 13, 0]);
    for word in [28, 0, 1, u32::from(first), u32::from(last), 1] {
        cmap.extend(word.to_be_bytes());
    }
    // One contour of four points on the curve: 50,0 to 950,800.
    let mut glyf = be(&[1, 50, 0, 950, 800, 3, 0]);
    glyf.extend([1, 1, 1, 1]);
    glyf.extend(be(&[50, 0, 900, 0, 0, 800, 0, 800_u16.wrapping_neg()]));
    glyf.extend([0; 2]);
    let length = glyf.len() as u16 / 2;
    let tables: [(&[u8; 4], Vec<u8>); 7] = [
        (b"cmap", cmap),
        (b"glyf", glyf),
        (b"head", head),
        (b"hhea", hhea),
        (b"hmtx", be(&[1000, 0, 50])),
        (b"loca", be(&[0, 0, length])),
        (b"maxp", be(&[0, 0x5000, 2])),
    ];
    let mut font = be(&[1, 0, 7, 0, 0, 0]);
    let mut data = Vec::new();
    for (name, table) in &tables {
        font.extend(*name);
        font.extend([0; 4]);
        font.extend((12 + 7 * 16 + data.len() as u32).to_be_bytes());
        font.extend((table.len() as u32).to_be_bytes());
        data.extend(table);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    font.extend(data);
    font
}

const RED: Rgb = Rgb(0xB0, 0x13, 0x18);

/// Latin, marks and the usual Han.
fn fonts() -> Fonts {
    let ranges = [(' ', '~'), ('À', 'ſ'), ('\u{2010}', '\u{9FFF}'), ('！', '～')];
    Fonts::load(ranges.map(|(first, last)| squares(first, last)))
}

/// Where there is ink: the smallest box around pixels lighter than the paper within the frame.
fn ink(fitted: &Fitted, inset: u32) -> (u32, u32, u32, u32) {
    let picture = image::load(Cursor::new(&fitted.bytes), image::ImageFormat::Jpeg).unwrap();
    let picture = picture.into_rgb8();
    assert_eq!(picture.dimensions(), (fitted.width, fitted.height));
    let within = |x: u32, y: u32| {
        (inset..fitted.width - inset).contains(&x) && (inset..fitted.height - inset).contains(&y)
    };
    let drawn = picture.enumerate_pixels().filter(|(x, y, p)| within(*x, *y) && p.0[1] > 150);
    drawn.fold((u32::MAX, u32::MAX, 0, 0), |(left, top, right, bottom), (x, y, _)| {
        (left.min(x), top.min(y), right.max(x), bottom.max(y))
    })
}

const TITLES: [&str; 6] = [
    "苏商一周",
    "江苏省工商联召开十三届二次执委会议暨民营经济高质量发展大会并发布年度调研报告（全文）",
    "《民营经济促进法》实施一周年：2026年1—10月全省新增民营企业38.6万家，同比增长12.5%",
    "AI + Manufacturing 产业对接会 in Nanjing",
    "W",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
];

#[test]
fn all_that_matters_stands_in_the_middle_square() {
    for title in TITLES {
        let covers = cover(title, "第3期（总第12期）", RED, &fonts()).unwrap();
        let (left, top, right, bottom) = ink(&covers.wide, 20);
        assert!(left > 258 && right < 642, "{title}: {left} to {right}");
        assert!(top > 24 && bottom < 360, "{title}: {top} to {bottom}");
        assert!(left.abs_diff(900 - right) < 12, "{title}: in the middle");
        let (left, top, right, bottom) = ink(&covers.square, 24);
        assert!(left > 30 && right < 470 && top > 30 && bottom < 470, "{title}");
        for fitted in [&covers.wide, &covers.square] {
            assert!(fitted.bytes.len() < 200_000, "{} bytes", fitted.bytes.len());
        }
    }
}

#[test]
fn short_titles_are_large_and_long_ones_smaller() {
    let room = WIDE.title;
    let size = |title: &str| Block::set(&[title.to_owned()], &room, &fonts()).size;
    assert_eq!(size("苏商一周"), room.largest);
    assert!(size(TITLES[1]) < room.largest);
    let endless = Block::set(&["工商联".repeat(200)], &room, &fonts());
    assert_eq!(endless.lines.len(), 5);
    assert!(endless.lines.last().unwrap().ends_with('…'));
    assert!(endless.height() <= room.height);
    let two = Block::set(&["苏商一周".to_owned(), "第3期".to_owned()], &room, &fonts());
    assert_eq!(two.lines, ["苏商一周", "第3期"], "breaks of the editor's are kept");
}

#[test]
fn lines_break_where_chinese_may_be_broken() {
    let room = Room { width: 100.0, height: 1000.0, largest: 10.0, smallest: 10.0, most_lines: 99 };
    let lines = |text: &str| Block::set(&[text.to_owned()], &room, &fonts()).lines;
    let lines_of_ten = lines("一二三四五六七八九十，一二三四五六七八（九）十");
    assert!(
        lines_of_ten.iter().all(|line| !line.starts_with(['，', '）']) && !line.ends_with('（'))
    );
    assert_eq!(lines_of_ten.concat(), "一二三四五六七八九十，一二三四五六七八（九）十");
    let dated = lines("全省工商联系统共有2026年会议");
    assert!(dated.iter().any(|line| line.contains("2026年")), "{dated:?}");
    let english = lines("一二三四五六七八Nanjing九");
    assert!(english.iter().any(|line| line.contains("Nanjing")), "{english:?}");
    // No last line of a single character where the lines can be of a length.
    assert_eq!(lines("一二三四五六七八九十一"), ["一二三四五六", "七八九十一"]);
    assert_eq!(lines("，，，，，，，，，，，，，，，").concat().chars().count(), 15);
}

#[test]
fn there_is_never_an_empty_box() {
    let latin = Fonts::load([squares(' ', '~')]);
    let none = Fonts::load([b"no font".to_vec(), Vec::new()]);
    for fonts in [&latin, &none] {
        let error = cover("苏商一周", "", RED, fonts).unwrap_err();
        assert_eq!(error.code(), "no-cjk-font");
        assert!(
            error.to_string().contains("fonts-noto-cjk")
                && error.to_string().contains("issues.font")
        );
    }
    let error = cover("苏商😀一周", "", RED, &fonts()).unwrap_err();
    assert!(matches!(&error, CoverError::NoGlyph { character: '😀', .. }), "{error}");
    assert!(error.to_string().contains("U+1F600"));
    let rare = cover("苏商", "𠮷期", RED, &fonts()).unwrap_err();
    assert!(matches!(rare, CoverError::NoGlyph { character: '𠮷', .. }));
    assert_eq!(cover(" \u{200B}\n", "第1期", RED, &fonts()), Err(CoverError::NoTitle));
    // What shows nothing needs no glyph, and a later font helps an earlier one.
    assert!(cover("苏商\u{FE0F}\u{200D}Weekly", "", RED, &fonts()).is_ok());
}

#[test]
fn ink_can_be_read_on_any_paper() {
    let brightness = |brand: Rgb| {
        let covers = cover("苏商", "", brand, &fonts()).unwrap();
        let picture = image::load_from_memory(&covers.square.bytes).unwrap().into_luma8();
        picture.pixels().fold((255, 0), |(dark, light), p| (p.0[0].min(dark), p.0[0].max(light)))
    };
    for brand in [RED, Rgb(255, 255, 255), Rgb(0, 0, 0), Rgb(0xF5, 0xE6, 0x30)] {
        let (dark, light) = brightness(brand);
        assert!(light - dark > 100, "{brand}: {dark} to {light}");
    }
}

#[test]
fn the_same_words_give_the_same_bytes() {
    let drawn = || cover("苏商一周", "第3期", RED, &fonts());
    assert!(drawn() == drawn());
}
