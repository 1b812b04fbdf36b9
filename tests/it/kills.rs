//! The program is killed at any moment: nothing that was stored is lost or doubled, no document is
//! torn, and in the end all is as if nothing had happened.
//!
//! `LIANBO_KILL_SEED` repeats a course of kills, `LIANBO_KILL_ROUNDS` changes their number.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use lianbo::model::AssetHash;
use lianbo::publish::etag;
use rusqlite::{Connection, OpenFlags};

use crate::ground::folder;

/// What the program says at each point where it is worth dying.
const PROGRESS: &str = "lianbo::progress=trace";

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// A small generator (xorshift64*), so that a printed seed repeats the course.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}

pub(crate) fn seed() -> u64 {
    let fresh = u64::from(std::process::id()) ^ 0x9E37_79B9_7F4A_7C15;
    number("LIANBO_KILL_SEED", fresh).max(1)
}

#[expect(clippy::print_stdout, reason = "the seed repeats a course of kills")]
pub(crate) fn announce(seed: u64, rounds: u64) {
    println!("LIANBO_KILL_SEED={seed} LIANBO_KILL_ROUNDS={rounds}");
}

/// How a process ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, after so many events.
    Itself(u64),
    /// By us.
    Killed,
}

/// Runs the program until its `deadly`th progress event, or to its end.
pub(crate) fn run(mut command: Command, deadly: Option<u64>) -> End {
    command.env("LIANBO_LOG", PROGRESS).env("NO_COLOR", "1").stdin(Stdio::null());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut events = 0;
    let mut told = Vec::new();
    for line in lines.map_while(Result::ok) {
        let is_event = line.contains(" TRACE ");
        events += u64::from(is_event);
        if !is_event {
            told.push(line);
        }
        if Some(events) == deadly && is_event {
            kill(&mut child);
            return End::Killed;
        }
    }
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}: {}", told.join("\n"));
    End::Itself(events)
}

/// SIGKILL: no handler runs, no buffer is written.
fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

pub(crate) fn frozen(data: &Path) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("lianbo"));
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    command.arg("--data").arg(data).args(["demo", "--once", "--folder"]).arg(demo);
    command
}

/// What the records say, read beside whoever works on them.
struct Records {
    /// Id → (revision, hash, columns).
    items: BTreeMap<String, (u32, String, String)>,
    documents: BTreeMap<String, String>,
    unsure: BTreeSet<String>,
}

fn records(data: &Path) -> Option<Records> {
    let file = data.join("lianbo.db");
    if !file.exists() {
        return None;
    }
    // Recovery of the log writes, so this is no read-only connection.
    let connection = Connection::open_with_flags(&file, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let sound: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok", "the database is damaged");
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_master WHERE name = 'item'", [], |r| r.get(0))
        .unwrap();
    if tables == 0 {
        return None;
    }
    let dangling: u32 = connection
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(dangling, 0, "records lead nowhere");
    let all = |sql: &str| -> Vec<[String; 2]> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok([row.get(0)?, row.get(1)?])).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let mut items = BTreeMap::new();
    let hashes = all("SELECT id, revision || ' ' || hash FROM item");
    let columns: BTreeMap<String, String> =
        all("SELECT id, (SELECT group_concat(column_id, ' ') FROM
           (SELECT column_id FROM listed WHERE ordinal = item.ordinal ORDER BY place)) FROM item")
        .into_iter()
        .map(|[id, columns]| (id, columns))
        .collect();
    for [id, both] in hashes {
        let (revision, hash) = both.split_once(' ').unwrap();
        let columns = columns[&id].clone();
        items.insert(id, (revision.parse().unwrap(), hash.to_owned(), columns));
    }
    let documents =
        all("SELECT path, etag FROM document").into_iter().map(|[p, e]| (p, e)).collect();
    let unsure = all("SELECT path, '' FROM unsure").into_iter().map(|[path, _]| path).collect();
    Some(Records { items, documents, unsure })
}

/// Staging files have names such as `all.rss#1`.
fn is_staged(path: &str) -> bool {
    path.rsplit_once('#').is_some_and(|(_, number)| number.bytes().all(|b| b.is_ascii_digit()))
}

/// No document is torn: each is the recorded one, or whole and announced as coming.
fn check_documents(data: &Path, records: Option<&Records>) {
    for (path, bytes) in folder(&data.join("public")) {
        if is_staged(&path) {
            continue;
        }
        let records = records.unwrap_or_else(|| panic!("`{path}` stands there without a record"));
        let recorded = records.documents.get(&path).is_some_and(|tag| *tag == etag(&bytes));
        assert!(recorded || records.unsure.contains(&path), "`{path}` is not what was recorded");
        assert_whole(&path, &bytes);
    }
    for path in records.iter().flat_map(|records| records.documents.keys()) {
        assert!(data.join("public").join(path).exists(), "`{path}` is recorded and not there");
    }
}

fn assert_whole(path: &str, bytes: &[u8]) {
    if path.starts_with("assets/") {
        // Its name is the hash of all its bytes.
        assert!(path.contains(AssetHash::of(bytes).as_str()), "`{path}` is torn");
        return;
    }
    let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("`{path}` is no UTF-8"));
    let end = text.trim_end();
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("rss" | "atom") => {
            feed_rs::parser::parse(bytes).unwrap_or_else(|error| panic!("`{path}`: {error}"));
        }
        Some("json") => {
            let parsed: Result<serde_json::Value, _> = serde_json::from_slice(bytes);
            parsed.unwrap_or_else(|error| panic!("`{path}`: {error}"));
        }
        Some("html") => assert!(end.ends_with("</html>"), "`{path}` has no end"),
        _ => assert!(!end.is_empty(), "`{path}` is empty"),
    }
}

/// What was there before is there still; a full text never falls back to a row.
fn check_items(before: &Records, after: &Records) {
    for (id, (revision, hash, columns)) in &before.items {
        let (revision_now, hash_now, columns_now) =
            after.items.get(id).unwrap_or_else(|| panic!("`{id}` is lost"));
        assert_eq!((revision, hash), (revision_now, hash_now), "`{id}` changed");
        assert!(columns_now.starts_with(columns), "`{id}` left a column");
    }
}

/// One folder from its first run, through kills, to a run that ends by itself. Gives the kills.
fn course(data: &Path, dice: &mut Dice, events: u64, most: u64) -> u64 {
    let mut kills = 0;
    let mut before: Option<Records> = None;
    loop {
        let deadly = (kills < most).then(|| 1 + dice.below(events));
        let end = run(frozen(data), deadly);
        let now = records(data);
        check_documents(data, now.as_ref());
        if let (Some(before), Some(now)) = (&before, &now) {
            check_items(before, now);
        }
        if end != End::Killed {
            return kills;
        }
        kills += 1;
        before = now.or(before);
    }
}

#[test]
fn fifty_kills_lose_nothing_and_tear_nothing() {
    let seed = seed();
    let rounds = number("LIANBO_KILL_ROUNDS", 50);
    announce(seed, rounds);
    let reference = tempfile::tempdir().unwrap();
    let End::Itself(events) = run(frozen(reference.path()), None) else { unreachable!() };
    assert!(events > 100, "only {events} events");
    let public = folder(&reference.path().join("public"));
    let wanted = records(reference.path()).unwrap();
    assert!(wanted.items.len() > 30 && wanted.unsure.is_empty());

    let compare = |data: &Path| {
        let after = records(data).unwrap();
        assert_eq!(after.items, wanted.items, "items are lost, doubled or revised");
        assert_eq!(after.documents, wanted.documents);
        assert!(after.unsure.is_empty());
        let now = folder(&data.join("public"));
        assert_eq!(now.keys().collect::<Vec<_>>(), public.keys().collect::<Vec<_>>());
        assert!(now == public, "the published bytes differ from those of an undisturbed run");
    };
    // Two courses at a time: a process that syncs its files mostly waits.
    std::thread::scope(|scope| {
        for (seed, rounds) in [(seed, rounds / 2), (seed + 1, rounds - rounds / 2)] {
            scope.spawn(move || {
                let (mut dice, mut kills) = (Dice(seed), 0);
                while kills < rounds {
                    let data = tempfile::tempdir().unwrap();
                    kills += course(data.path(), &mut dice, events, rounds - kills);
                    compare(data.path());
                }
            });
        }
    });
}

/// A copy of the demo whose daemon listens on any free port, so that tests do not meet there.
fn lively_demo(folder: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let to = folder.join("demo");
    for (path, bytes) in crate::ground::folder(&from) {
        let target = to.join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, bytes).unwrap();
    }
    let file = to.join("config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (public, admin) = ("listen = \"127.0.0.1:8700\"", "listen = \"127.0.0.1:8701\"");
    assert!(text.contains(public) && text.contains(admin), "the demo listens elsewhere");
    let any = "listen = \"127.0.0.1:0\"";
    let text = text.replace(public, any).replace(admin, any);
    std::fs::write(&file, text).unwrap();
    to
}

#[test]
fn a_daemon_asked_to_end_leaves_nothing_undone() {
    let folder = tempfile::tempdir().unwrap();
    let demo = lively_demo(folder.path());
    let data = folder.path().join("data");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("lianbo"));
    command.arg("--data").arg(&data).args(["demo", "--folder"]).arg(&demo);
    command.env("LIANBO_LOG", PROGRESS).env("NO_COLOR", "1").stdin(Stdio::null());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut asked = false;
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    for (number, _) in
        lines.map_while(Result::ok).filter(|line| line.contains(" TRACE ")).enumerate()
    {
        if number == 60 && !asked {
            let id = child.id().to_string();
            assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
            asked = true;
        }
    }
    assert!(asked && child.wait().unwrap().success());
    let records = records(&data).unwrap();
    check_documents(&data, Some(&records));
    assert!(records.unsure.is_empty(), "{:?}", records.unsure);
    let files = crate::ground::folder(&data);
    assert!(!files.keys().any(|path| is_staged(path)), "{:?}", files.keys());
    // What was stored is published too.
    let connection = Connection::open(data.join("lianbo.db")).unwrap();
    let unpublished: u32 = connection
        .query_row(
            "SELECT count(*) FROM item WHERE 'items/' || site || '/' || key || '.html' NOT IN
               (SELECT path FROM document)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(unpublished, 0);
    let open_runs: u32 = connection
        .query_row("SELECT count(*) FROM run WHERE ended IS NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(open_runs, 0, "a run was cut off");
}

#[test]
fn a_daemon_at_work_is_killed_and_goes_on_where_it_was() {
    let (seed, rounds) = (seed(), 4);
    announce(seed, rounds);
    let mut dice = Dice(seed);
    let folder = tempfile::tempdir().unwrap();
    let demo = lively_demo(folder.path());
    let data = folder.path().join("data");
    let mut before: Option<Records> = None;
    let many = |records: &Option<Records>| records.as_ref().is_some_and(|r| r.items.len() > 10);
    // Where each kill comes early, a few more.
    for round in 0..4 * rounds {
        if round >= rounds && many(&before) {
            break;
        }
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("lianbo"));
        command.arg("--data").arg(&data).args(["demo", "--folder"]).arg(&demo);
        assert_eq!(run(command, Some(20 + dice.below(200))), End::Killed);
        let now = records(&data);
        check_documents(&data, now.as_ref());
        if let (Some(before), Some(now)) = (&before, &now) {
            for id in before.items.keys() {
                assert!(now.items.contains_key(id), "`{id}` is lost");
            }
        }
        before = now.or(before);
    }
    assert!(many(&before), "{:?}", before.map(|records| records.items.len()));
}
