//! `[retention]`: what goes by age and by the budget, what never goes, and what is told of the disk.

use std::fmt::Write as _;
use std::process::Command;

use chrono::TimeDelta;
use image::ImageFormat;
use lianbo::model::{ProblemCode, UsageKind};
use lianbo::pipeline::Pipeline;
use rusqlite::Connection;

use crate::ground::{Ground, items, list_html, once, page, problems};
use crate::kills::{self, End};
use crate::pictures::{article, image, picture, place};

/// Articles whose page stays as a sample, of each column.
const SAMPLES: usize = 30;
/// Articles of the site.
const ARTICLES: usize = 45;

fn name(n: usize) -> String {
    format!("市商会第{n}期会员企业服务简报")
}

/// An article whose page takes up some 50 KB, compressed.
fn heavy(n: usize) -> String {
    let mut state = n as u64 * 0x9E37_79B9 + 1;
    let mut noise = String::new();
    for _ in 0..6_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let _ = write!(noise, "{state:016x}");
    }
    let html = crate::ground::article_html(&name(n));
    html.replace("</body>", &format!("<!-- {noise} --></body>"))
}

/// A site with more articles than samples, all of them stored; its settings end with `retention`.
async fn site(retention: &str) -> Ground {
    let ground = Ground::new();
    set_retention(&ground, retention);
    for n in 0..ARTICLES {
        ground.site.set(&format!("/long/{n}.html"), page(&heavy(n)));
    }
    let rows: Vec<(String, String)> =
        (0..ARTICLES).rev().map(|n| (format!("/long/{n}.html"), name(n))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(u, t)| (u.as_str(), t.as_str())).collect();
    ground.site.set("/yw/", page(&list_html(&rows, None)));
    ground.site.set("/zt/", page(&list_html(&rows[..3], None)));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(items(&pipeline.store).await.len(), ARTICLES);
    ground
}

fn set_retention(ground: &Ground, retention: &str) {
    ground.configure("");
    ground.reconfigure("articles_per_run = 40", "articles_per_run = 100");
    ground.reconfigure("[withdraw]", &format!("[retention]\n{retention}\n[withdraw]"));
}

/// The addresses of kept article pages.
fn kept(ground: &Ground) -> Vec<String> {
    let database = Connection::open(ground.data().join("lianbo.db")).unwrap();
    let sql = "SELECT url FROM page WHERE kind = 'article' ORDER BY rowid";
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

async fn disk_problems(pipeline: &Pipeline) -> Vec<ProblemCode> {
    let problems = problems(&pipeline.store).await.into_iter();
    problems.filter(|(subject, _)| subject == "disk").map(|(_, code)| code).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_pages_go_and_samples_of_every_column_stay() {
    let ground = site("pages = \"400d\"\ndisk_free = \"0\"").await;
    ground.later(TimeDelta::days(399));
    let pipeline = ground.open().await;
    assert_eq!(pipeline.survey().await.unwrap().pages.count, 0);
    ground.later(TimeDelta::days(2));
    let survey = pipeline.survey().await.unwrap();
    assert_eq!(survey.pages.count, ARTICLES - SAMPLES);
    assert_eq!(kept(&ground).len(), ARTICLES, "a survey changes nothing");
    // A year later archives are closed, pruned or not.
    once(&pipeline).await;
    let before = ground.public();
    let pruned = pipeline.prune().await.unwrap();
    assert!(pruned.faults.is_empty());
    let left = kept(&ground);
    assert_eq!(left.len(), SAMPLES);
    assert!(left.iter().any(|url| url.ends_with("/long/44.html")), "{left:?}");
    assert!(!left.iter().any(|url| url.ends_with("/long/0.html")), "{left:?}");
    // The room is given back, and is what was promised, about.
    assert!(pruned.given_back > 500_000, "{} bytes", pruned.given_back);
    assert!(survey.pages.bytes > 500_000, "{} bytes", survey.pages.bytes);
    assert_eq!(pruned.usage.of(UsageKind::Free), 0);
    // Items, feeds and reading on are as before.
    once(&pipeline).await;
    assert_eq!(items(&pipeline.store).await.len(), ARTICLES);
    assert!(ground.public() == before);
    assert_eq!(pipeline.prune().await.unwrap().before.pages.count, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_warns_then_takes_the_oldest_and_then_says_what_uses_how_much() {
    let ground = site("pages = \"unlimited\"\ndisk_free = \"0\"").await;
    let pipeline = ground.open().await;
    pipeline.prune().await.unwrap();
    let live = pipeline.usage().await.unwrap().live();
    let under = |budget: u64| {
        set_retention(&ground, &format!("disk_budget = \"{budget}\"\ndisk_free = \"0\""));
        let config = lianbo::config::Config::load(&ground.config_file()).unwrap();
        pipeline.with_config(config.into())
    };
    // Room enough; nearly used up; too little, but all is young.
    let roomy = under(live * 2);
    roomy.prune().await.unwrap();
    assert_eq!(disk_problems(&roomy).await, []);
    let near = under(live + live / 50);
    near.prune().await.unwrap();
    assert_eq!(disk_problems(&near).await, [ProblemCode::DiskBudgetNear]);
    let tight = under(live - 200_000);
    tight.prune().await.unwrap();
    assert_eq!(disk_problems(&tight).await, [ProblemCode::DiskBudgetOver]);
    assert_eq!(kept(&ground).len(), ARTICLES);
    // A week later what is too much goes, the oldest first and no more than that.
    ground.later(TimeDelta::days(8));
    let pruned = tight.prune().await.unwrap();
    let left = kept(&ground);
    assert!((SAMPLES..ARTICLES).contains(&left.len()), "{} pages", left.len());
    let gone = ARTICLES - left.len();
    assert!((2..9).contains(&gone), "{gone} pages of 50 KB went for 200 KB");
    assert!(pruned.usage.live() <= live - 200_000);
    assert_eq!(disk_problems(&tight).await, [ProblemCode::DiskBudgetNear]);
    // Far too little: all that may go does, items never, and the operator hears what is left.
    let tiny = under(1 << 20);
    tiny.prune().await.unwrap();
    assert_eq!(kept(&ground).len(), SAMPLES);
    assert_eq!(items(&tiny.store).await.len(), ARTICLES);
    let told = tiny.store.problems().await.unwrap();
    let over = told.iter().find(|problem| problem.code == ProblemCode::DiskBudgetOver).unwrap();
    for part in ["pages ", "documents ", "items ", "of 1.0 MB"] {
        assert!(over.detail.contains(part), "`{part}` in {}", over.detail);
    }
    roomy.prune().await.unwrap();
    assert_eq!(disk_problems(&roomy).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_is_told_before_it_is() {
    let ground = Ground::new();
    set_retention(&ground, "disk_free = \"9000000GB\"");
    let pipeline = ground.open().await;
    pipeline.tell_disk(&pipeline.usage().await.unwrap()).await.unwrap();
    assert_eq!(disk_problems(&pipeline).await, [ProblemCode::DiskLow]);
    set_retention(&ground, "disk_free = \"0\"");
    let config = lianbo::config::Config::load(&ground.config_file()).unwrap();
    let pipeline = pipeline.with_config(config.into());
    pipeline.tell_disk(&pipeline.usage().await.unwrap()).await.unwrap();
    assert_eq!(disk_problems(&pipeline).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_old_revisions_the_first_and_the_last_stay() {
    let ground = Ground::new();
    set_retention(&ground, "revisions = \"3y\"\ndisk_free = \"0\"");
    let pipeline = ground.open().await;
    for n in 1..=4_usize {
        ground.site.set("/art/1.html", page(&crate::ground::article_html(&name(n))));
        ground.site.set("/yw/", page(&list_html(&[("/art/1.html", &name(n))], None)));
        ground.site.set("/zt/", page(&list_html(&[("/art/1.html", &name(n))], None)));
        once(&pipeline).await;
        ground.later(TimeDelta::days(1));
    }
    let id = items(&pipeline.store).await.remove(0).id;
    let versions = pipeline.store.versions(&id).await.unwrap();
    assert_eq!(versions.len(), 4);
    ground.later(TimeDelta::days(3 * 365 - 1));
    // The second came to its end 3 years ago, the third a day later.
    let pruned = pipeline.prune().await.unwrap();
    assert_eq!(pruned.before.revisions.count, 1);
    ground.later(TimeDelta::days(10));
    pipeline.prune().await.unwrap();
    let left = pipeline.store.versions(&id).await.unwrap();
    let numbers: Vec<u32> = left.iter().map(|item| item.revision).collect();
    assert_eq!(numbers, [1, 4]);
    assert_eq!(left[0].title, name(1));
    // When the last one began is still known, though the one before has no text any more.
    assert_eq!(left[1].revised, versions[3].revised);
    assert!(pipeline.store.mentions("第2期").await.unwrap().is_empty());
    once(&pipeline).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_no_item_names_go_and_come_back_when_one_does() {
    let ground = Ground::new();
    set_retention(&ground, "pictures = \"90d\"\ndisk_free = \"0\"");
    let (stays, goes) = (picture(ImageFormat::Jpeg, 1), picture(ImageFormat::Jpeg, 200));
    ground.site.set("/pic/1.jpg", image(&stays));
    ground.site.set("/pic/2.jpg", image(&goes));
    let show = |title: &str, pictures: &[&str]| {
        ground.site.set("/art/1.html", article(title, pictures));
        ground.site.set("/yw/", page(&list_html(&[("/art/1.html", title)], None)));
        ground.site.set("/zt/", page(&list_html(&[("/art/1.html", title)], None)));
    };
    let file = |bytes: &[u8]| ground.data().join("public").join(place(bytes, "jpg"));
    let pipeline = ground.open().await;
    show("市商会召开会员企业服务工作会议", &["/pic/1.jpg", "/pic/2.jpg"]);
    once(&pipeline).await;
    assert!(file(&stays).exists() && file(&goes).exists());
    show("市商会召开会员企业服务工作会议（更正）", &["/pic/1.jpg"]);
    once(&pipeline).await;
    pipeline.prune().await.unwrap();
    ground.later(TimeDelta::days(89));
    assert_eq!(pipeline.prune().await.unwrap().before.files.count, 0);
    ground.later(TimeDelta::days(2));
    once(&pipeline).await;
    assert_eq!(pipeline.prune().await.unwrap().before.files.count, 1);
    assert!(file(&stays).exists() && !file(&goes).exists());
    let before = ground.public();
    once(&pipeline).await;
    assert!(ground.public() == before, "nobody showed it");
    show("市商会召开会员企业服务工作会议（再更正）", &["/pic/1.jpg", "/pic/2.jpg"]);
    once(&pipeline).await;
    assert_eq!(std::fs::read(file(&goes)).unwrap(), goes);
}

/// Makes everything look as if it had been fetched long ago.
fn age(ground: &Ground) {
    let database = Connection::open(ground.data().join("lianbo.db")).unwrap();
    database.execute("UPDATE page SET fetched = 1000 + rowid", []).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_shows_first_and_then_does_it() {
    let ground = site("pages = \"30d\"\ndisk_free = \"0\"").await;
    age(&ground);
    let shown = ground.lianbo(&["prune", "--dry-run"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for words in ["kept pages: 15, ", "would go", "in all, budget none"] {
        assert!(shown.out.contains(words), "`{words}` in {}", shown.out);
    }
    assert_eq!(kept(&ground).len(), ARTICLES);
    let done = ground.lianbo(&["prune"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.out.contains("kept pages: 15, ") && done.out.contains("gone:"), "{}", done.out);
    assert_eq!(kept(&ground).len(), SAMPLES);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prune_that_is_killed_is_finished_by_the_next_one() {
    let ground = site("pages = \"30d\"\ndisk_free = \"0\"").await;
    age(&ground);
    let prune = || {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("lianbo"));
        command.arg("--config").arg(ground.config_file()).arg("prune");
        command
    };
    let before = ground.public();
    let mut deadly = 1;
    while kills::run(prune(), Some(deadly)) == End::Killed {
        let database = Connection::open(ground.data().join("lianbo.db")).unwrap();
        let sound: String =
            database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok", "killed at {deadly}");
        deadly += 1;
    }
    assert!(deadly > 1, "it was never killed");
    assert_eq!(kept(&ground).len(), SAMPLES);
    assert!(ground.public() == before);
    let pipeline = ground.open().await;
    assert_eq!(items(&pipeline.store).await.len(), ARTICLES);
}
