//! `lianbo backup` and `lianbo restore FILE`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::ImageFormat;
use lianbo::backup::{self, Counts, DATABASE, Head, Packer};
use rusqlite::Connection;

use crate::ground::{Ground, Told, folder, items, once};
use crate::kills::{self, End};
use crate::pictures::{article, image, picture, place};
use crate::running::Running;

fn lianbo(at: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("lianbo"));
    command.current_dir(at).env_remove("LIANBO_LOG").env("NO_COLOR", "1");
    command.args(["--lang", "en"]).args(arguments).output().unwrap()
}

#[track_caller]
fn fine(output: &Output) -> String {
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {err}", output.status.code());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Path → validator of everything that is published, and the ids of all items.
fn records(data: &Path) -> (BTreeMap<String, String>, Vec<String>) {
    let database = Connection::open(data.join("lianbo.db")).unwrap();
    let mut statement = database.prepare("SELECT path, etag FROM document").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let documents = rows.map(Result::unwrap).collect();
    let mut statement = database.prepare("SELECT id FROM item ORDER BY ordinal").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    (documents, rows.map(Result::unwrap).collect())
}

#[test]
fn what_is_restored_elsewhere_publishes_the_same_bytes_under_the_same_ids() {
    let ground = tempfile::tempdir().unwrap();
    let (first, second) = (ground.path().join("first"), ground.path().join("there/second"));
    assert!(matches!(kills::run(kills::frozen(&first), None), End::Itself(_)));
    let file = ground.path().join("all.tar.zst");
    let (data, name) = (first.to_str().unwrap(), file.to_str().unwrap());
    let told = fine(&lianbo(ground.path(), &["--data", data, "backup", name]));
    assert!(told.contains("items") && told.contains(name), "{told}");
    let to = second.to_str().unwrap();
    fine(&lianbo(ground.path(), &["--data", to, "restore", name]));
    // Only what cannot be made again came along.
    let restored = folder(&second.join("public"));
    assert!(restored.len() > 2 && restored.keys().all(|path| path.starts_with("assets/")));
    assert!(matches!(kills::run(kills::frozen(&second), None), End::Itself(_)));
    let (before, after) = (folder(&first.join("public")), folder(&second.join("public")));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (path, bytes) in &before {
        assert!(after[path] == *bytes, "`{path}` is published otherwise");
    }
    assert_eq!(records(&first), records(&second));
}

/// A service with an article that shows a picture, and a backup of it.
async fn service() -> (Ground, Vec<u8>, PathBuf) {
    let ground = Ground::new();
    let bytes = picture(ImageFormat::Jpeg, 1);
    ground.site.set("/pic/1.jpg", image(&bytes));
    ground
        .site
        .set("/art/1.html", article("市商会召开第一次会员企业服务工作会议", &["/pic/1.jpg"]));
    let pipeline = ground.open().await;
    once(&pipeline).await;
    pipeline.store.close().await.unwrap();
    assert!(ground.data().join("public").join(place(&bytes, "jpg")).exists());
    let file = ground.folder.path().join("one.tar.zst");
    (ground, bytes, file)
}

#[track_caller]
fn told(told: &Told, code: i32, words: &[&str]) {
    assert_eq!(told.code, Some(code), "{told:?}");
    for word in words {
        assert!(told.err.contains(word) || told.out.contains(word), "no `{word}` in {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_the_configuration_and_no_secret_file_and_replaces_nothing() {
    let (ground, bytes, file) = service().await;
    let here = ground.folder.path();
    fs::write(here.join("secret.txt"), "hush-hush").unwrap();
    fs::create_dir(here.join("calendar")).unwrap();
    fs::write(here.join("calendar/2031.toml"), "[[calendar]]\nyear = 2031\n").unwrap();
    let name = file.to_str().unwrap();
    told(&ground.lianbo(&["backup", name]), 0, &["2 configuration files", "1 pictures"]);
    told(&ground.lianbo(&["backup", name]), 2, &["exists", "--force"]);
    told(&ground.lianbo(&["backup", name, "--force"]), 0, &[]);
    let into = tempfile::tempdir().unwrap();
    let all = backup::unpack(&file, into.path(), |_| {}).unwrap();
    let names: Vec<&str> = all.manifest.members.iter().map(|m| m.path.as_str()).collect();
    let asset = format!("data/public/{}", place(&bytes, "jpg"));
    assert_eq!(names.len(), 4, "{names:?}");
    for wanted in ["config/config.toml", "config/calendar/2031.toml", DATABASE, &asset] {
        assert!(names.contains(&wanted), "{wanted} in {names:?}");
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "only its owner reads it");
    // On a machine with nothing, all of it comes back, and where nothing else was said the
    // configuration tells where to.
    let there = tempfile::tempdir().unwrap();
    fine(&lianbo(there.path(), &["restore", name]));
    let restored = folder(there.path());
    for wanted in ["config.toml", "calendar/2031.toml", "data/lianbo.db"] {
        assert!(restored.contains_key(wanted), "{wanted} in {:?}", restored.keys());
    }
    assert_eq!(restored["config.toml"], fs::read(ground.config_file()).unwrap());
    assert!(!restored.keys().any(|path| path.contains(".part")), "{:?}", restored.keys());
}

#[tokio::test(flavor = "multi_thread")]
async fn small_backups_lack_what_can_be_had_again() {
    let (ground, bytes, file) = service().await;
    let name = file.to_str().unwrap();
    let small = ["backup", name, "--without-pictures", "--without-pages"];
    told(&ground.lianbo(&small), 0, &["0 pictures"]);
    let pages = |data: &Path| -> i64 {
        let database = Connection::open(data.join("lianbo.db")).unwrap();
        let sql = "SELECT count(*) FROM page WHERE kind = 'article'";
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert!(pages(&ground.data()) > 0);
    told(&ground.lianbo(&["restore", name, "--force"]), 0, &["fetched again"]);
    assert_eq!(pages(&ground.data()), 0);
    let asset = ground.data().join("public").join(place(&bytes, "jpg"));
    assert!(!asset.exists());
    // And it is had again.
    let pipeline = ground.open().await;
    once(&pipeline).await;
    assert_eq!(fs::read(asset).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_not_there_is_named_and_the_backup_made() {
    let (ground, bytes, file) = service().await;
    let asset = ground.data().join("public").join(place(&bytes, "jpg"));
    fs::write(&asset, b"other bytes").unwrap();
    let name = file.to_str().unwrap();
    told(&ground.lianbo(&["backup", name]), 1, &[&place(&bytes, "jpg"), "0 pictures"]);
    let into = tempfile::tempdir().unwrap();
    let all = backup::unpack(&file, into.path(), |_| {}).unwrap();
    assert_eq!(all.manifest.missing.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_file_that_is_not_in_the_backup_is_to_be_put_back_by_hand() {
    let (ground, _, file) = service().await;
    let outside = tempfile::tempdir().unwrap();
    let shared = outside.path().join("shared.toml");
    fs::write(&shared, "").unwrap();
    let (name, shared) = (file.to_str().unwrap(), shared.to_str().unwrap());
    ground.reconfigure("\n[daemon]", &format!("\n[daemon]\ninclude = [{shared:?}]"));
    told(&ground.lianbo(&["backup", name]), 1, &[shared]);
    let there = tempfile::tempdir().unwrap();
    let restored = fine(&lianbo(there.path(), &["restore", name]));
    assert!(restored.contains(&format!("{shared}; put them back by hand")), "{restored}");
    assert!(!restored.contains("fetched again"), "{restored}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_is_said_and_nothing_is_changed() {
    let (ground, _, file) = service().await;
    let name = file.to_str().unwrap();
    told(&ground.lianbo(&["backup", name]), 0, &[]);
    let whole = fs::read(&file).unwrap();
    let before = folder(ground.folder.path());
    let restore = ["restore", name, "--force"];
    let refused = |bytes: &[u8], words: &[&str]| {
        fs::write(&file, bytes).unwrap();
        told(&ground.lianbo(&restore), 2, words);
        fs::write(&file, &whole).unwrap();
        assert!(before == folder(ground.folder.path()), "{words:?}: something changed");
    };
    refused(&whole[..whole.len() / 2], &["cut short", "copy the file again"]);
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0x20;
    refused(&flipped, &["damaged"]);
    refused(b"just a text", &["is no backup"]);
    let head = |schema| Head::new(schema, "2026-11-20T00:00:00Z".parse().unwrap(), true, true);
    let packed = |head: &Head, database: &[u8]| {
        let mut packer = Packer::new(Vec::new(), head).unwrap();
        packer.add(DATABASE, database).unwrap();
        packer.finish(Counts::default()).unwrap().1
    };
    refused(&packed(&head(900), b"x"), &["newer", "schema 900", "upgrade"]);
    let later = Head { format: 9, version: "8.0.0".to_owned(), ..head(1) };
    refused(&packed(&later, b"x"), &["8.0.0", "upgrade"]);
    refused(&packed(&head(1), b"no database at all"), &["damaged", "lianbo.db"]);
    // A folder with something in it is not touched without being asked.
    told(&ground.lianbo(&["restore", name]), 2, &["not empty", "--force"]);
    assert!(before == folder(ground.folder.path()));
    // Asked, it is kept beside.
    told(&ground.lianbo(&restore), 0, &["what was there is now"]);
    let now = folder(ground.folder.path());
    let aside = now.keys().find(|path| path.starts_with("data.2")).unwrap();
    let aside = aside.split('/').next().unwrap();
    assert_eq!(now[&format!("{aside}/public/index.html")], before["data/public/index.html"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_daemon_is_backed_up_while_it_stores_and_never_replaced() {
    let ground = Ground::new();
    ground.reconfigure("jitter = \"0s\"", "jitter = \"0s\"\nrefresh = \"* * * * * *\"");
    let mut pictures = Vec::new();
    for n in 1..=9 {
        let bytes = picture(ImageFormat::Jpeg, n * 20);
        let path = format!("/pic/{n}.jpg");
        ground.site.set(&path, image(&bytes));
        let title = crate::ground::title(u32::from(n));
        ground.site.set(&format!("/art/{n}.html"), article(&title, &[&path]));
        pictures.push(bytes);
    }
    let mut daemon = Running::start(&ground.config_file());
    daemon.wait_for(&["column refreshed"]);
    for n in 4..=9 {
        let listed: Vec<u32> = (1..=n).rev().collect();
        ground.list("/yw/", &listed);
        let file = ground.folder.path().join(format!("{n}.tar.zst"));
        let backed_up = ground.lianbo(&["backup", file.to_str().unwrap()]);
        told(&backed_up, 0, &["items"]);
        let into = tempfile::tempdir().unwrap();
        let all = backup::unpack(&file, into.path(), |_| {}).unwrap();
        let copy = lianbo::store::inspect(&into.path().join(DATABASE)).unwrap();
        assert_eq!(all.manifest.missing, []);
        for asset in copy.assets {
            let path = into.path().join("data/public").join(asset.path());
            assert!(path.exists(), "what the copy says is held is in the archive");
        }
        daemon.wait_for(&["column refreshed"]);
    }
    let file = ground.folder.path().join("9.tar.zst");
    let refused = ground.lianbo(&["restore", file.to_str().unwrap(), "--force"]);
    told(&refused, 3, &["in use"]);
    daemon.wait_for(&["column refreshed"]);
    daemon.signal("TERM");
    assert!(daemon.end().success());
    let pipeline = ground.open().await;
    assert_eq!(items(&pipeline.store).await.len(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_killed_leaves_the_old_or_the_new_and_goes_on() {
    let (ground, _, file) = service().await;
    let name = file.to_str().unwrap().to_owned();
    told(&ground.lianbo(&["backup", &name]), 0, &[]);
    let old = folder(&ground.data());
    let restore = || {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("lianbo"));
        command.arg("--config").arg(ground.config_file()).args(["restore", &name, "--force"]);
        command
    };
    let mut deadly = 1;
    loop {
        let end = kills::run(restore(), Some(deadly));
        let data = ground.data();
        if data.exists() {
            // One or the other, whole.
            let is_old = folder(&data) == old;
            assert!(is_old || records(&data).1 == records_of(&old), "killed at {deadly}");
            lianbo::store::inspect(&data.join("lianbo.db")).unwrap();
        } else {
            let beside = fs::read_dir(ground.folder.path()).unwrap().map(Result::unwrap);
            let kept =
                beside.filter(|entry| entry.file_name().to_string_lossy().starts_with("data."));
            assert!(kept.count() > 0, "killed at {deadly}: what was there is lost");
        }
        if end != End::Killed {
            break;
        }
        deadly += 1;
    }
    assert!(deadly > 3, "{deadly} places to be killed at");
    let left = ground.folder.path().join(".data.part");
    assert!(!left.exists(), "what kills left is gone");
}

/// The ids in the database among these files.
fn records_of(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lianbo.db"), &files["lianbo.db"]).unwrap();
    records(folder.path()).1
}
