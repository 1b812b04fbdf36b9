use super::super::block::{Run, text_of};
use super::*;

fn shown(html: &str) -> Vec<String> {
    blocks(html).unwrap().iter().map(show).collect()
}

fn show(block: &Block) -> String {
    match block {
        Block::Text(p) => {
            let indent = ">".repeat(usize::from(p.quoted)) + &"-".repeat(p.depth);
            format!("{indent}{}{}", p.marker, marked(&p.runs))
        }
        Block::Picture(picture) => format!("[{}|{}]", picture.address, text_of(&picture.caption)),
        Block::Table(table) => table
            .rows
            .iter()
            .map(|row| {
                let cells = row
                    .iter()
                    .map(|cell| cell.blocks.iter().map(show).collect::<Vec<_>>().join("/"));
                cells.collect::<Vec<_>>().join("|")
            })
            .collect::<Vec<_>>()
            .join("||"),
    }
}

fn marked(runs: &[Run]) -> String {
    runs.iter()
        .map(|run| match (run.look.strong, &run.link) {
            (true, _) => format!("*{}*", run.text),
            (_, Some(link)) => format!("({}→{link})", run.text),
            _ => run.text.replace('\n', "⏎"),
        })
        .collect()
}

#[test]
fn paragraphs_lose_their_indents_and_nothing_else() {
    for (html, expected) in [
        ("<p>\u{3000}\u{3000}市工商联 <b>召开</b>。会议</p>", vec!["市工商联 *召开。*会议"]),
        ("<p>一<br>\u{3000}\u{3000}二<br><br>三<br>四</p>", vec!["一", "二", "三⏎四"]),
        ("<p>中\n文</p>\n\n<p>a\nb</p><p> &nbsp; </p>", vec!["中文", "a b"]),
        ("散\u{200b}字<div>块</div>尾", vec!["散字", "块", "尾"]),
        (
            "<p>前<img src=\"http://a.test/1.jpg\">后</p>",
            vec!["前", "[http://a.test/1.jpg|]", "后"],
        ),
        ("<p><b></b></p><p></p>", vec![]),
        ("<pre>a\n  b</pre>", vec!["a⏎  b"]),
        ("<p><a href=\"http://a.test/\">字</a></p>", vec!["(字→http://a.test/)"]),
        ("<script>x</script><style>y</style>", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(shown(html), expected, "{html}");
    }
}

#[test]
fn lists_become_paragraphs_with_markers() {
    let html = "<ol><li>一<ul><li>甲<li><p>乙</p><p>丙</p></ul><li>二</ol><ol start=\"9\"><li>九</ol>\
                <ul><li></li></ul><p>后</p>";
    let expected = ["-1. 一", "--• 甲", "--• 乙", "--丙", "-2. 二", "-9. 九", "后"];
    assert_eq!(shown(html), expected);
    assert_eq!(shown("<blockquote><p>引</p></blockquote>文"), [">引", "文"]);
}

#[test]
fn captions_belong_to_their_pictures() {
    let html =
        "<figure><img src=\"http://a.test/1.jpg\"><figcaption>图为会场</figcaption></figure>";
    assert_eq!(shown(html), ["[http://a.test/1.jpg|图为会场]"]);
    let before =
        "<figure><figcaption>图为会场</figcaption><img src=\"http://a.test/1.jpg\"></figure>";
    assert_eq!(shown(before), ["图为会场", "[http://a.test/1.jpg|]"]);
}

#[test]
fn punctuation_stays_with_what_it_follows() {
    for (html, expected) in [
        ("<p><b>要点</b>。后</p>", "*要点。*后"),
        ("<p>x<sup>2</sup>，后</p>", "x2，后"),
        (
            "<p><a href=\"https://mp.weixin.qq.com/s/1\">文</a>。后</p>",
            "(文。→https://mp.weixin.qq.com/s/1)后",
        ),
        ("<p><b><a href=\"http://a.test/\">文</a></b>。后</p>", "*文*。后"),
    ] {
        assert_eq!(shown(html), [expected]);
    }
    let table = "<img src=\"http://a.test/1.jpg\"><table><caption>表一<tr><td>甲<td>乙</table>";
    assert_eq!(shown(table), ["[http://a.test/1.jpg|]", "表一", "甲|乙"]);
}

#[test]
fn tables_are_tables_and_layout_is_not() {
    let html = "<table><caption>表一</caption><tr><th>甲<td colspan=\"2\"><p>乙</p><p>丙</p>\
                <tr><td>丁<td><table><tr><td>戊<td>己</table><td></table>";
    assert_eq!(shown(html), ["表一", "甲|乙/丙||丁|戊/己|"]);
    assert_eq!(shown("<table><tr><td><p>一</p><p>二</p></table>"), ["一", "二"]);
    let spans = blocks("<table><tr><td rowspan=\"60000\">a<td colspan=0>b</table>").unwrap();
    let Block::Table(table) = &spans[0] else { panic!("a table") };
    assert_eq!((table.rows[0][0].rows, table.rows[0][1].columns), (100, 1));
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    assert!(blocks(&"<div>".repeat(600)).is_none());
}
