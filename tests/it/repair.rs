//! Sites are redesigned: rules are proposed by what is known, and nothing of a page that is none.

mod auto;
mod case;
mod moved;
mod redesigns;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use lianbo::daemon;
use lianbo::demo::{Demo, Mutation, Pace};
use lianbo::pipeline::{Repaired, Repairer, Source, guest_manners};
use serde_json::Value;

use crate::ground::{Ground, Told, list_html, once, page, redirect, reply, title};

fn config(ground: &Ground) -> String {
    fs::read_to_string(ground.config_file()).unwrap()
}

fn told(told: &Told) -> Value {
    serde_json::from_str(&told.out).unwrap_or_else(|error| panic!("{error}: {told:?}"))
}

fn proposes_nothing(ground: &Ground, what: &str) -> Told {
    let before = config(ground);
    let told = ground.lianbo(&["repair", "xin/yw", "--write"]);
    assert_eq!((told.code, told.out.as_str()), (Some(1), ""), "{what}: {told:?}");
    assert!(told.err.contains("no rules are proposed"), "{what}: {told:?}");
    assert_eq!(config(ground), before, "{what}");
    told
}

/// A ground whose column `yw` has six items and a rule that fits.
async fn six() -> Ground {
    let ground = Ground::new();
    ground.reconfigure("url = \"/yw/\"", "url = \"/yw/\"\nlist.item = [\".list li\"]");
    ground.list("/yw/", &[6, 5, 4, 3, 2, 1]);
    once(&ground.open().await).await;
    ground
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_no_list_gives_no_proposal() {
    let ground = six().await;
    let others: Vec<(String, String)> = (1..=9)
        .map(|n| (format!("/other/{n}.html"), format!("另一个栏目的第{n}篇文章标题")))
        .collect();
    let others: Vec<(&str, &str)> = others.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    for (what, html) in [
        ("error page", "<html><h1>404 Not Found</h1><a href='/'>首页</a></html>".to_owned()),
        (
            "login page",
            "<form action='/login'><input name=u><input type=password name=p>登录</form>"
                .to_owned(),
        ),
        ("empty", " \n".to_owned()),
        ("script shell", "<div id=app></div><script src='/app.js'></script>".to_owned()),
        ("another list", list_html(&others, None)),
        ("a front page with one old article", list_html(&[("/art/1.html", &title(1))], None)),
    ] {
        ground.site.set("/yw/", page(&html));
        proposes_nothing(&ground, what);
    }
    let rows: Vec<(String, String)> =
        (1..=6).rev().map(|n| (format!("/art/{n}.html"), title(n))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    ground
        .site
        .set("/", page(&list_html(&rows, None).replace("class=\"list\"", "class=\"zuixin\"")));
    ground.site.set("/yw/", redirect("http://xin.test/"));
    let told = proposes_nothing(&ground, "the front page");
    assert!(told.err.contains("leads to the front page"), "{told:?}");
    ground.site.set("/yw/", reply("503 Service Unavailable", "", b""));
    let told = proposes_nothing(&ground, "an error");
    assert!(told.err.contains("http-status"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_under_other_addresses_are_told_and_not_proposed() {
    let ground = six().await;
    let rows: Vec<(String, String)> =
        (1..=6).rev().map(|n| (format!("/neu/{n}"), title(n))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let html = list_html(&rows, None).replace("class=\"list\"", "class=\"xin\"");
    ground.site.set("/yw/", page(&html));
    let told = proposes_nothing(&ground, "other addresses");
    assert!(told.err.contains("under another address") && told.err.contains("/neu/6"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn saved_pages_do_in_place_of_the_network() {
    let ground = six().await;
    let rows: Vec<(String, String)> =
        (1..=6).rev().map(|n| (format!("/art/{n}.html"), title(n))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let html = list_html(&rows, None).replace("class=\"list\"", "class=\"xinwen\"");
    let file = ground.folder.path().join("saved.html");
    fs::write(&file, html).unwrap();
    ground.site.seen();
    let told = ground.lianbo(&["repair", "xin/yw", "--from", file.to_str().unwrap()]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.out.contains("\n-list.item = [\".list li\"]\n+list.item = "), "{told:?}");
    assert!(ground.site.seen().is_empty(), "nobody was asked");

    let none = ground.lianbo(&["repair", "xin/nix"]);
    assert_eq!(none.code, Some(2), "{none:?}");
}

/// What a repair of every column of the demo network finds after each of the twelve changes.
#[tokio::test(flavor = "multi_thread")]
async fn of_twelve_changes_what_is_there_is_found_and_what_is_not_is_not_made_up() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let data = tempfile::tempdir().unwrap();
    let clock = Demo::frozen_clock();
    let demo = Demo::start(&folder, Some(data.path()), Pace::Frozen, clock()).await.unwrap();
    let pipeline = daemon::open(Arc::new(demo.config().clone()), Arc::clone(&clock)).await.unwrap();
    once(&pipeline).await;
    let config = Arc::clone(&pipeline.config);
    let mut wrong = Vec::new();
    for change in Mutation::ALL {
        for host in ["sheng", "ding", "wu"] {
            let whole = format!("{host}.test");
            demo.network().redesign(&whole, Some(change)).unwrap();
            let site = config.sites.iter().find(|site| site.id.as_str() == host).unwrap();
            for (at, column) in site.columns.iter().enumerate() {
                let manners = Box::new(guest_manners(&config, Some(site)));
                let source = Source::Network { fetcher: pipeline.fetcher.clone(), manners };
                let (store, now) = (&pipeline.store, clock());
                let repairer = Repairer { config: &config, store, source, now, articles: 3 };
                let repaired = repairer.column(site, column).await.unwrap();
                let told = format!("{} {}: {}", change.as_str(), column.id, summary(&repaired));
                let before = (at + site.columns.len() - 1) % site.columns.len();
                let rows = store.observations(&column.id).await.unwrap()[0].rows;
                if !is_right(change, &repaired, &site.columns[before].url, rows) {
                    wrong.push(told);
                }
            }
            demo.network().redesign(&whole, None).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn summary(repaired: &Repaired) -> String {
    let settings = repaired.proposal.as_ref().map(|proposal| &proposal.settings);
    match &repaired.list {
        Ok(list) => format!(
            "{:?} → {:?}, articles {:?} → {:?}, {settings:?}",
            list.before, list.better, repaired.article.before, repaired.article.better
        ),
        Err(fault) => format!("{}: {}, {settings:?}", fault.code.as_str(), fault.detail),
    }
}

/// Whether `repaired` is as it should be after `change`; `before` is the address of the column
/// before this one, which shows this one's list of so many `rows` where columns are swapped.
fn is_right(change: Mutation, repaired: &Repaired, before: &url::Url, rows: usize) -> bool {
    match change {
        // The list stands at a sister's address; of fewer than three rows nothing is said.
        Mutation::SwappedColumns => match &repaired.proposal {
            Some(proposal) => {
                let found = repaired.moved.as_ref().map_or(0.0, |moved| moved.list.after().share());
                proposal.url == *before && found >= 0.95 && repaired.beyond_doubt().is_none()
            }
            None => rows < 3,
        },
        // The known items are there, in another dress.
        Mutation::RenamedClasses | Mutation::DateFormat | Mutation::CharsetFlip => {
            repaired.list.as_ref().is_ok_and(|list| list.after().share() >= 0.95)
        }
        // The rows are as they were, and no rule brings what is cut off.
        Mutation::TruncatedBody => {
            let found = repaired.list.as_ref().is_ok_and(|list| list.before.share() >= 0.95);
            found && repaired.proposal.is_none()
        }
        // They are not there, or old, so nothing is made up.
        _ => repaired.proposal.is_none(),
    }
}
