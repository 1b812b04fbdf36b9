//! Numbers of persons: masked in all that is public, and only they.

use super::ground::{self, Ground, page};

const CARD: &str = "11010519491231002X";
const CODE: &str = "91320000MA1W3X5T6P";

fn article() -> String {
    let rows: String = (0..3)
        .map(|n| format!("<tr><td>企业家{n}</td><td>{}</td><td>{CODE}</td></tr>", &CARD))
        .collect();
    format!(
        "<html><head><title>拟表彰名单公示 {CARD}</title></head><body><h1>拟表彰名单公示 {CARD}</h1>\
         <div class=\"info\">发布时间:2026-11-01 来源:新新商会</div><div class=\"content\">\
         <p>根据苏工商联〔2026〕12号文件要求，经评审委员会研究，现将拟表彰人员名单予以公示，公示期五天。</p>\
         <p>第一位同志的证件为<b>110105</b>19491231<span>002X</span>，卡号 6222 0212 3456 7890 128 用于发放奖金。</p>\
         <table>{rows}</table>\
         <p>公示期内如有异议，请与联系人13912345678联系，以单位名义反映情况的须加盖公章，以个人名义反映的须署真实姓名。</p>\
         <p><img src=\"/1.jpg\" alt=\"证件{CARD}\"></p>\
         </div></body></html>"
    )
}

/// How often `text` stands in what is published.
fn count(ground: &Ground, text: &str) -> usize {
    let files = ground::folder(&ground.data().join("public"));
    files.values().map(|bytes| String::from_utf8_lossy(bytes).matches(text).count()).sum()
}

fn published(more: &str, switch: &str) -> Ground {
    let ground = Ground::new();
    ground.configure(more);
    if !switch.is_empty() {
        ground.reconfigure("[withdraw]", &format!("[mask]\n{switch}\n[withdraw]"));
    }
    ground.site.set("/art/3.html", page(&article()));
    ground.site.set("/1.jpg", ground::reply("404 Not Found", "", b""));
    let told = ground.lianbo(&["once"]);
    assert!(told.out.contains("published"), "{told:?}");
    ground
}

#[test]
fn cards_are_masked_everywhere_and_other_numbers_stay() {
    let ground = published("", "");
    for hidden in [CARD, "19491231", "6222 0212 3456", "34567890"] {
        assert_eq!(count(&ground, hidden), 0, "{hidden}");
    }
    for kept in [CODE, "〔2026〕12号", "13912345678", "1101**********002X"] {
        assert!(count(&ground, kept) >= 3, "{kept}");
    }
}

#[test]
fn switches_say_what_is_masked_and_a_site_has_the_last_word() {
    let ground = published("", "mobiles = true\nbank_cards = false");
    assert_eq!(count(&ground, "13912345678"), 0);
    assert!(count(&ground, "139****5678") >= 3);
    assert!(count(&ground, "6222 0212 3456 7890 128") >= 3);
    assert_eq!(count(&ground, CARD), 0);
    let ground = published("[site.mask]\nid_cards = false\n", "");
    assert!(count(&ground, CARD) >= 3);
    assert_eq!(count(&ground, "34567890"), 0);
}
