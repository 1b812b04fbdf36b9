//! A running daemon takes over what changes in its files, and only what is without fault.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use lianbo::demo::{Demo, Network};

use crate::running::{DEADLINE, Running, addresses, configure, configure_at, copy, get};

/// The demo's sites, standing still.
async fn network() -> Network {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    Network::start(&folder, None, Demo::frozen_clock()()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn new_files_are_taken_over_and_removed_feeds_taken_back() {
    let network = network().await;
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &network);
    let mut daemon = Running::start(&folder.path().join("config.toml"));
    let address = daemon.address();
    daemon.answered(&address, "/feeds/ren.rss", 200);
    assert_eq!(get(&address, "/feeds/later.rss").0, 404);

    // A new file in a new folder below the pattern's.
    let later = folder.path().join("feeds/later");
    fs::create_dir(&later).unwrap();
    let feed = "[[feed]]\nid = \"later\"\ntitle = \"后来的\"\ncontains = [\"工商联\"]\n";
    fs::write(later.join("feed.toml"), feed).unwrap();
    daemon.wait_for(&["added feed later"]);
    let body = daemon.answered(&address, "/feeds/later.rss", 200);
    assert!(body.contains("后来的") && body.contains("<item>"), "{body}");

    // A site goes, and with it its feeds; the others stay.
    fs::remove_file(folder.path().join("feeds/sites/ren.toml")).unwrap();
    daemon.wait_for(&["removed feed ren"]);
    for path in ["feeds/ren.atom", "feeds/ren.rss", "feeds/ren/gsl.rss"] {
        daemon.wait_for(&["no longer published", path]);
    }
    daemon.wait_for(&["published", "rendered="]);
    assert_eq!(get(&address, "/feeds/ren.rss").0, 404);
    assert_eq!(get(&address, "/feeds/ren/gsl.json").0, 404);
    assert_eq!(get(&address, "/feeds/jia.rss").0, 200);
    assert!(!get(&address, "/opml").1.contains("feeds/ren"));
    assert!(daemon.end().success());
    assert!(!folder.path().join("data/public/feeds/ren.rss").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_file_changes_nothing_and_is_told_until_mended() {
    let network = network().await;
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &network);
    let mut daemon = Running::start(&folder.path().join("config.toml"));
    let address = daemon.address();
    daemon.answered(&address, "/feeds/jia.rss", 200);

    let site = folder.path().join("feeds/sites/jia.toml");
    let good = fs::read_to_string(&site).unwrap();
    fs::write(&site, good.replace("level = \"city\"", "level = \"town\"\nenabeld = false"))
        .unwrap();
    let told = daemon.wait_for(&["problem opened", "config-fault"]);
    assert!(
        told.contains("jia.toml:6: site.enabeld: unknown key; did you mean `enabled`?"),
        "{told}"
    );
    assert!(told.contains("jia.toml:5: site.level: `town` is none of"), "{told}");
    assert_eq!(get(&address, "/feeds/jia.rss").0, 200);
    daemon.wait_for(&["column refreshed", "jia/gzdt"]);

    fs::write(&site, good).unwrap();
    daemon.wait_for(&["problem healed", "config-fault"]);
    daemon.signal("HUP");
    daemon.wait_for(&["nothing changed"]);

    // A folder that a faulty configuration names is watched too, so that it can be mended there.
    let more = folder.path().join("more");
    fs::create_dir(&more).unwrap();
    fs::write(more.join("feed.toml"), "[[feed]]\nid = \"more\"\n").unwrap();
    let main = folder.path().join("config.toml");
    let text = fs::read_to_string(&main).unwrap();
    let text = text.replace("\"feeds/**/*.toml\"", "\"feeds/**/*.toml\", \"more/*.toml\"");
    fs::write(&main, text).unwrap();
    daemon.wait_for(&["problem opened", "config-fault", "`title` is missing"]);
    let feed = "[[feed]]\nid = \"more\"\ntitle = \"又一个\"\nsites = [\"*\"]\n";
    fs::write(more.join("feed.toml"), feed).unwrap();
    daemon.wait_for(&["added feed more"]);
    daemon.wait_for(&["problem healed", "config-fault"]);
    assert!(daemon.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_comes_back_is_noticed() {
    let network = network().await;
    let ground = tempfile::tempdir().unwrap();
    let (folder, outside) = (ground.path().join("here"), ground.path().join("out/side"));
    fs::create_dir_all(&outside).unwrap();
    configure(&folder, &network);
    let main = folder.join("config.toml");
    let text = fs::read_to_string(&main).unwrap();
    let both = text.replace("\"feeds/**/*.toml\"", "\"feeds/**/*.toml\", \"../out/side/*.toml\"");
    fs::write(&main, both).unwrap();
    let mut daemon = Running::start(&main);
    let address = daemon.address();
    daemon.answered(&address, "/feeds/jia.rss", 200);
    fs::remove_dir_all(ground.path().join("out")).unwrap();
    daemon.wait_for(&["problem opened", "config-fault", "out/side"]);
    fs::create_dir_all(&outside).unwrap();
    daemon.wait_for(&["problem healed", "config-fault"]);
    let feed = "[[feed]]\nid = \"later\"\ntitle = \"后来的\"\nsites = [\"*\"]\n";
    fs::write(outside.join("feed.toml"), feed).unwrap();
    daemon.wait_for(&["added feed later"]);
    assert!(daemon.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_ids_than_those_of_the_items_are_told_before_a_restart() {
    let network = network().await;
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &network);
    let main = folder.path().join("config.toml");
    let check = || {
        let mut command = assert_cmd::Command::cargo_bin("lianbo").unwrap();
        let output = command.args(["--lang", "en", "check", "--config"]).arg(&main);
        let output = output.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let change = |from: &str, to: &str| {
        let text = fs::read_to_string(&main).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&main, text.replace(from, to)).unwrap();
    };
    let (own, other) = ("authority = \"lianbo.example\"", "authority = \"other.example\"");
    change(own, other);
    assert_eq!(check().0, Some(0), "there are no items");
    change(other, own);
    let mut daemon = Running::start(&main);
    let address = daemon.address();
    daemon.answered(&address, "/feeds/jia.rss", 200);
    change(own, other);
    let told = daemon.wait_for(&["`id` changed", "a restart will be refused"]);
    assert!(told.contains("tag:lianbo.example,2026"), "{told}");
    let (code, text) = check();
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("id-frozen: ") && text.contains("`tag:lianbo.example,2026,…`"), "{text}");
    change(other, own);
    assert_eq!(check().0, Some(0));
    assert!(daemon.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_lead_where_the_changed_configuration_says() {
    let network = network().await;
    let folder = tempfile::tempdir().unwrap();
    let right = addresses(&network);
    // A port that nobody listens on.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let wrong: Vec<_> = right.iter().map(|(host, _)| (host.clone(), nobody.clone())).collect();
    configure_at(folder.path(), &wrong);
    let mut daemon = Running::start(&folder.path().join("config.toml"));
    daemon.wait_for(&["problem opened", "wu/dt"]);

    configure_at(folder.path(), &right);
    daemon.wait_for(&["changed [fetch]"]);
    daemon.wait_for(&["problem healed", "wu/dt"]);
    assert!(daemon.end().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_hears_of_begin_reload_and_end() {
    let network = network().await;
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), &network);
    let socket = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    systemd.set_read_timeout(Some(DEADLINE)).unwrap();
    let hear = || {
        let mut message = [0; 256];
        let length = systemd.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..length]).into_owned()
    };
    let daemon =
        Running::start_under(&folder.path().join("config.toml"), &[("NOTIFY_SOCKET", &socket)]);
    assert_eq!(hear().trim(), "READY=1");
    daemon.signal("HUP");
    let reloading = hear();
    assert!(reloading.contains("RELOADING=1") && reloading.contains("MONOTONIC_USEC="));
    assert_eq!(hear().trim(), "READY=1");
    daemon.signal("TERM");
    assert_eq!(hear().trim(), "STOPPING=1");
    assert!(daemon.end().success());
}

#[test]
fn the_demo_keeps_its_sites_through_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("demo"), &demo);
    let file = demo.join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    let text = text.replace("listen = \"127.0.0.1:8700\"", "listen = \"127.0.0.1:0\"");
    fs::write(&file, text.replace("listen = \"127.0.0.1:8701\"", "listen = \"127.0.0.1:0\""))
        .unwrap();
    let mut daemon = Running::start_demo(&demo, &folder.path().join("data"));
    let address = daemon.address();
    daemon.answered(&address, "/feeds/sheng.rss", 200);
    let feed = "[[feed]]\nid = \"later\"\ntitle = \"后来的\"\nsites = [\"sheng\"]\n";
    fs::write(demo.join("feeds/later.toml"), feed).unwrap();
    daemon.wait_for(&["added feed later"]);
    // The first of two runs may have begun before; the second has lost its way if the sites did.
    for _ in 0..2 {
        daemon.wait_for(&["column refreshed", "wu/dt", "outcome=\"fine\""]);
    }
    daemon.answered(&address, "/feeds/later.rss", 200);
    assert!(daemon.end().success());
}
