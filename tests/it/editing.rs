//! What editors do: withdraw, restore, purge, hold, release, give summaries only.

use serde_json::Value;

use super::ground::{self, Ground, Told, article_html, page, title};
use super::running::{Running, get};

/// The published files that hold `text`.
fn naming(ground: &Ground, text: &str) -> Vec<String> {
    let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(text);
    let files = ground::folder(&ground.data().join("public"));
    files.into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

fn fine(told: Told) -> String {
    assert_eq!(told.code, Some(0), "{told:?}");
    told.out
}

/// The column's name for article `n`, as commands take it: `xin/KEY`.
fn name(ground: &Ground, n: u32) -> String {
    let feed = std::fs::read_to_string(ground.data().join("public/feeds/xin.json")).unwrap();
    let feed: Value = serde_json::from_str(&feed).unwrap();
    let items = feed["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["title"] == title(n).as_str()).unwrap();
    item["_lianbo"]["page"].as_str().unwrap().split("/items/").nth(1).unwrap().to_owned()
}

/// Article 2 names a person in its body, 3 in a caption.
fn with_names() -> Ground {
    let ground = Ground::new();
    let named = article_html(&title(2)).replace("参加，", "参加，会员王 某某发言，");
    ground.site.set("/art/2.html", page(&named));
    let pictured = article_html(&title(3))
        .replace("</div></body>", "<p><img src=\"/1.jpg\"></p><p>图为王某某发言</p></div></body>");
    ground.site.set("/art/3.html", page(&pictured));
    ground.lianbo(&["once"]);
    ground
}

#[test]
fn every_mention_of_a_name_is_listed_and_the_chosen_ones_go_together() {
    let ground = with_names();
    let listed = ground.lianbo(&["withdraw", "--search", "王某某"]);
    assert_eq!(listed.code, Some(1), "nothing was chosen: {listed:?}");
    assert!(listed.out.contains("[1]") && listed.out.contains("[2]"), "{listed:?}");
    assert!(!listed.out.contains("[3]"), "{listed:?}");
    assert!(listed.out.contains("body"), "{listed:?}");
    assert!(naming(&ground, &title(2)).len() > 5);
    assert_eq!(ground.lianbo(&["withdraw", "--search", "无此人"]).code, Some(1));
    let wrong = ground.lianbo(&["withdraw", "--search", "王某某", "--only", "3"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    let arguments =
        ["withdraw", "--search", "王某某", "--yes", "--reason", "本人要求", "--by", "甲"];
    let done = fine(ground.lianbo(&arguments));
    assert_eq!(done.matches("withdrawn: ").count(), 2, "{done}");
    for gone in
        [title(2), title(3), "王某某".to_owned(), "王 某某".to_owned(), "本人要求".to_owned()]
    {
        assert_eq!(naming(&ground, &gone), [""; 0], "{gone}");
    }
    assert!(!naming(&ground, &title(1)).is_empty());
    let told = ground.lianbo(&["explain", "http://xin.test/art/2.html", "--offline"]);
    assert!(told.out.contains("本人要求") && told.out.contains("甲"), "{told:?}");
}

#[test]
fn a_withdrawn_item_is_restored_and_a_purged_one_is_not() {
    let ground = with_names();
    let (two, three) = (name(&ground, 2), name(&ground, 3));
    let before = naming(&ground, &title(2));
    fine(ground.lianbo(&["withdraw", &two, "http://xin.test/art/3.html"]));
    fine(ground.lianbo(&["restore", &two]));
    assert_eq!(naming(&ground, &title(2)), before);
    fine(ground.lianbo(&["purge", &three, "--yes"]));
    assert_eq!(naming(&ground, &title(3)), [""; 0]);
    let told = ground.lianbo(&["explain", &three, "--offline"]);
    assert!(told.code == Some(1) && told.err.contains("is not kept"), "{told:?}");
    assert!(told.out.contains("by hand, purged") && !told.out.contains("reads today"), "{told:?}");
    let json: Value =
        serde_json::from_str(&ground.lianbo(&["explain", &three, "--offline", "--json"]).out)
            .unwrap();
    assert!(json["from"].is_null() && json["stored"]["revision"] == 1, "{json}");
    let refused = ground.lianbo(&["restore", &three]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let unsure = ground.lianbo(&["purge", &two]);
    assert_eq!(unsure.code, Some(1), "nobody confirmed: {unsure:?}");
    assert!(unsure.err.contains("--yes") && !unsure.err.contains("--only"), "{unsure:?}");
    assert_eq!(naming(&ground, &title(2)), before);
    assert_eq!(ground.lianbo(&["withdraw", "xin/none"]).code, Some(2));
    // Its site lists it on; it stays gone.
    ground.lianbo(&["once"]);
    assert_eq!(naming(&ground, &title(3)), [""; 0]);
}

#[test]
fn what_was_taken_back_before_is_no_change() {
    let ground = with_names();
    let two = name(&ground, 2);
    for command in [&["withdraw", &two][..], &["purge", &two, "--yes"]] {
        let done = ground.lianbo(command);
        assert!(done.code == Some(0) && done.err.contains("Published."), "{done:?}");
        let again = ground.lianbo(command);
        assert!(again.code == Some(1) && again.out.contains("already"), "{again:?}");
        assert!(!again.err.contains("Published."), "{again:?}");
    }
    let refused = ground.lianbo(&["restore", &two]);
    assert!(refused.code == Some(1) && !refused.err.contains("Published."), "{refused:?}");
}

#[test]
fn beside_a_running_daemon_a_withdrawal_is_public_at_once() {
    let ground = Ground::new();
    // A feed that waits for its time does not wait with this.
    ground.reconfigure("id = \"all\"", "id = \"all\"\ncron = \"0 0 1 1 *\"");
    let mut running = Running::start(&ground.config_file());
    let address = running.address();
    running.answered(&address, "/feeds/all.rss", 200);
    while !get(&address, "/feeds/all.rss").1.contains(&title(2))
        || !get(&address, "/feeds/xin/zt.rss").1.contains(&title(1))
    {
        running.wait_for(&["published", "rendered="]);
    }
    let two = name(&ground, 2);
    let path = format!("/items/{two}");
    assert_eq!(get(&address, &path).0, 200);
    fine(ground.lianbo(&["withdraw", &two]));
    let (status, notice) = get(&address, &path);
    assert_eq!(status, 410);
    assert!(notice.contains("本文已撤下") && !notice.contains(&title(2)), "{notice}");
    for feed in ["all.rss", "xin.atom", "xin/yw.json", "xin.html"] {
        let (status, text) = get(&address, &format!("/feeds/{feed}"));
        assert!(status == 200 && !text.contains(&title(2)), "{feed}");
    }
    assert!(!get(&address, "/").1.contains(&title(2)));
    assert_eq!(naming(&ground, &title(2)), [""; 0]);
    fine(ground.lianbo(&["restore", &two]));
    assert_eq!(get(&address, &path).0, 200);
    assert!(get(&address, "/feeds/all.rss").1.contains(&title(2)));
    assert!(running.end().success());
}

#[test]
fn what_a_site_holds_is_nowhere_before_it_is_released() {
    let ground = Ground::new();
    ground.reconfigure("family = \"generic\"", "family = \"generic\"\nhold = true");
    ground.lianbo(&["once"]);
    for n in 1..=3 {
        assert_eq!(naming(&ground, &title(n)), [""; 0]);
    }
    let held = fine(ground.lianbo(&["held"]));
    assert_eq!(held.lines().count(), 3, "{held}");
    let line = held.lines().find(|line| line.contains(&title(2))).unwrap();
    let two = line.split('\t').nth(3).unwrap().to_owned();
    assert!(line.contains("new") && line.contains("under 1 h"), "{line}");
    fine(ground.lianbo(&["release", &two]));
    assert!(naming(&ground, &title(2)).len() > 5);
    assert_eq!(naming(&ground, &title(1)), [""; 0]);
    // A revision waits too, while the earlier one stays as it is.
    let public = ground.public();
    let corrected = format!("{}（更正）", title(2));
    ground.site.set("/art/2.html", page(&article_html(&corrected)));
    let rows =
        [("/art/3.html", title(3)), ("/art/2.html", corrected.clone()), ("/art/1.html", title(1))];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(url, title)| (*url, title.as_str())).collect();
    ground.site.set("/yw/", page(&ground::list_html(&rows, None)));
    ground.lianbo(&["once"]);
    assert!(ground.public() == public);
    let held = fine(ground.lianbo(&["held"]));
    assert!(
        held.lines().any(|line| line.contains("revision") && line.contains(&corrected)),
        "{held}"
    );
    for unknown in ["nope", "xin/nope"] {
        let refused = ground.lianbo(&["release", "--site", unknown]);
        assert!(refused.code == Some(2) && refused.err.contains(unknown), "{refused:?}");
    }
    let done = fine(ground.lianbo(&["release", "--site", "xin/yw"]));
    assert_eq!(done.lines().count(), 3, "{done}");
    assert!(naming(&ground, &corrected).len() > 5);
    assert!(!naming(&ground, &title(3)).is_empty());
    assert!(fine(ground.lianbo(&["held"])).contains("Nothing waits"));
    assert_eq!(ground.lianbo(&["release", "--all"]).code, Some(1));
    let told = ground.lianbo(&["explain", &two, "--offline"]);
    assert!(
        told.out.contains("revision 1") && told.out.contains(&format!("+ {corrected}")),
        "{told:?}"
    );
}

#[test]
fn a_feed_that_holds_holds_for_itself_alone() {
    let ground = Ground::new();
    ground.reconfigure("id = \"all\"", "id = \"all\"\nhold = true");
    ground.lianbo(&["once"]);
    let all = |text: &str| {
        let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(text);
        ground.public().get("feeds/all.rss").is_some_and(holds)
    };
    assert!(all(&title(1)), "what was public when it began to hold stays");
    ground.list("/yw/", &[4, 3, 2, 1]);
    ground.lianbo(&["once"]);
    assert!(!all(&title(4)));
    assert!(naming(&ground, &title(4)).iter().any(|name| name == "feeds/xin.rss"));
    let held = fine(ground.lianbo(&["held"]));
    assert!(held.contains("for feed all") && held.contains(&title(4)), "{held}");
    assert_eq!(held.lines().count(), 1, "{held}");
    assert_eq!(ground.lianbo(&["release", "--feed", "xin"]).code, Some(2));
    fine(ground.lianbo(&["release", "--feed", "all"]));
    assert!(all(&title(4)));
    // A correction waits for this feed only.
    let corrected = format!("{}（更正）", title(4));
    ground.site.set("/art/4.html", page(&article_html(&corrected)));
    let rows = [("/art/4.html", corrected.as_str()), ("/art/3.html", &title(3))];
    ground.site.set("/yw/", page(&ground::list_html(&rows, None)));
    ground.lianbo(&["once"]);
    assert!(all(&title(4)) && !all(&corrected));
    assert!(naming(&ground, &corrected).iter().any(|name| name == "feeds/xin.rss"));
    fine(ground.lianbo(&["release", "--all"]));
    assert!(all(&corrected));
}

#[test]
fn where_a_site_permits_no_more_the_summary_is_all_there_is() {
    let ground = Ground::new();
    let (first, last) = ("组织座谈", "切实办实事");
    ground.lianbo(&["once"]);
    assert!(naming(&ground, last).len() > 5);
    ground.reconfigure("family = \"generic\"", "family = \"generic\"\npublish = \"summary\"");
    ground.lianbo(&["once"]);
    assert_eq!(naming(&ground, last), [""; 0]);
    assert!(naming(&ground, first).len() > 5);
    let pages = naming(&ground, "本站只提供摘要");
    assert_eq!(pages.len(), 3, "{pages:?}");
    let extents = || {
        let feed: Value = serde_json::from_slice(&ground.public()["feeds/all.json"]).unwrap();
        let items = feed["items"].as_array().unwrap().iter();
        items.map(|item| item["_lianbo"]["extent"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(extents(), vec![Value::from("summary"); 3], "programs hear of it too");
    ground.reconfigure("publish = \"summary\"", "publish = \"full\"");
    ground.lianbo(&["once"]);
    assert!(naming(&ground, last).len() > 5);
    assert_eq!(extents(), vec![Value::Null; 3]);
}
