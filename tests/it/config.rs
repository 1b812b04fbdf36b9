//! What `lianbo check` says of configurations, good and bad.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use lianbo::config::Config;

fn nasty() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/nasty")
}

/// What `check` prints of the folder's configuration, and its exit code.
fn check(folder: &Path, lang: &str) -> (String, Option<i32>) {
    let output = Command::cargo_bin("lianbo")
        .unwrap()
        .current_dir(folder)
        .args(["check", "--lang", lang])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

/// The faults of a main file with this text.
fn faults(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, text).unwrap();
    let place = format!("{}/", folder.path().display());
    match Config::load(&file) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.to_string().lines().map(|line| line.replace(&place, "")).collect(),
    }
}

#[test]
fn all_faults_are_told_at_once_in_english() {
    let (text, code) = check(&nasty(), "en");
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(text);
}

#[test]
fn all_faults_are_told_at_once_in_chinese() {
    let (text, code) = check(&nasty(), "zh");
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(text);
}

#[test]
fn both_languages_tell_the_same_places() {
    let places = |lang: &str| -> Vec<String> {
        let (text, _) = check(&nasty(), lang);
        let place = |line: &str| match line.split(':').collect::<Vec<_>>()[..] {
            [file, number, ..] if number.parse::<u32>().is_ok() => format!("{file}:{number}"),
            [file, ..] => file.to_owned(),
            [] => String::new(),
        };
        text.lines().skip(1).map(place).collect()
    };
    let (zh, en) = (places("zh"), places("en"));
    assert!(zh.len() > 80);
    for place in &en {
        let count = |all: &[String]| all.iter().filter(|other| *other == place).count();
        assert_eq!(count(&zh), count(&en), "{place}");
    }
}

/// The keys of a site definition, and the table each stands in.
const FIELDS: &[(&str, &str)] = &[
    (
        "site",
        "id name short_name level region publisher self_names source_aliases default_source home \
         mirrors allowed_hosts retired_hosts icp site_id_code identity family enabled licence \
         attribution timezone charset https headers referer prime_url cookies concurrency \
         no_fetch_hours robots consent allow_private cron jitter hold publish pictures attachments",
    ),
    ("site.fetch", "gap timeout max_bytes retries articles_per_run"),
    ("site.column", "id name url urls breadcrumb cron jitter tags hold publish"),
    (
        "site.column.list",
        "kind item link title date date_formats date_parts date_year summary thumb exclude \
         include_url exclude_url pinned title_include title_exclude external paging pointers request",
    ),
    ("site.column.list.paging", "template next second step descending max_pages"),
    ("site.column.list.pointers", "rows html"),
    ("site.column.list.request", "url form scrape first size"),
    (
        "site.column.article",
        "title subtitle credit author editor photographer posted breadcrumb keywords summary body \
         drop drop_text cut_after image_attributes image_drop captions attachments \
         attachment_extensions next_page iframe min_body_chars",
    ),
    ("site.column.post", "title_rewrite masks dedupe_group dedupe_priority max_age hold publish"),
    ("site.post", "title_rewrite masks dedupe_group dedupe_priority max_age hold publish"),
    (
        "site.column.health",
        "expect_items_min expect_dates max_silence_days contract repair fixture",
    ),
    ("site.health", "expect_items_min expect_dates max_silence_days contract repair fixture"),
];

/// A configuration in which `key` of `table` has a value of no use.
fn with(table: &str, key: &str) -> String {
    let path = table.strip_prefix("site").unwrap().trim_start_matches('.');
    let inner = path.strip_prefix("column").map(|rest| rest.trim_start_matches('.'));
    let table = |path: &str| match path {
        "" => String::new(),
        path => format!("{path}."),
    };
    let (site, column) = match inner {
        None => (format!("{}{key} = 1.5\n", table(path)), String::new()),
        Some(path) => (String::new(), format!("{}{key} = 1.5\n", table(path))),
    };
    format!("[[site]]\n{site}[[site.column]]\n{column}")
}

#[test]
fn every_field_of_a_site_definition_has_a_place() {
    let mut later = Vec::new();
    for (table, keys) in FIELDS {
        for key in keys.split_whitespace() {
            let path = format!("{table}.{key}: ");
            let all = faults(&with(table, key));
            let about: Vec<&String> = all.iter().filter(|fault| fault.contains(&path)).collect();
            assert!(!about.is_empty(), "{path} is ignored: {all:?}");
            assert!(about.iter().all(|fault| !fault.contains("unknown key")), "{about:?}");
            if about.iter().any(|fault| fault.contains("is not supported yet")) {
                later.push(format!("{table}.{key}"));
            }
        }
    }
    let later = later.join("\n");
    insta::assert_snapshot!(later);
}

#[test]
fn the_defaults_load_and_are_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let (bare, printed) = (folder.path().join("bare.toml"), folder.path().join("printed.toml"));
    fs::write(&bare, "").unwrap();
    let output = Command::cargo_bin("lianbo").unwrap().arg("config").output().unwrap();
    fs::write(&printed, output.stdout).unwrap();
    let settings = |file: &Path| {
        let config = Config::load(file).unwrap();
        let Config { daemon, admin, public, id, fetch, custody, schedule, families, .. } = config;
        assert!(config.sites.is_empty() && config.feeds.is_empty());
        let ours = format!("{daemon:#?}{admin:#?}{public:#?}{id:#?}{fetch:#?}{custody:#?}");
        format!("{ours}{schedule:#?}{families:#?}")
    };
    assert_eq!(settings(&bare), settings(&printed));
}

#[test]
fn every_default_can_be_changed() {
    // A default that no longer acts would change nothing.
    let text = Config::defaults();
    let first = format!("{:?}", load(text));
    let mut seen = 0;
    for line in text.lines().filter(|line| !line.starts_with('#') && line.contains(" = ")) {
        let (key, value) = line.split_once(" = ").unwrap();
        let other = match (key, value) {
            ("include", _) => continue,
            ("token", _) => "\"0123456789abcdef\"".to_owned(),
            ("icp", _) => "\"苏ICP备12345678号\"".to_owned(),
            ("police", _) => "\"苏公网安备32010602010001号\"".to_owned(),
            ("site_id_code", _) => "\"3200000012\"".to_owned(),
            ("contact", _) => "\"desk@lianbo.example\"".to_owned(),
            ("icon" | "favicon" | "logo", _) => "\"https://lianbo.example/x.png\"".to_owned(),
            ("authority", _) => "\"lianbo.example\"".to_owned(),
            ("date", _) => "\"2025\"".to_owned(),
            ("zone", _) => "\"Asia/Urumqi\"".to_owned(),
            ("lang", _) => "\"en\"".to_owned(),
            ("max_bytes", _) => "\"1MB\"".to_owned(),
            ("pages" | "revisions" | "records", _) | ("pictures", "\"90d\"") => {
                "\"100d\"".to_owned()
            }
            ("at", _) => "\"@daily\"".to_owned(),
            ("disk_budget" | "disk_free", _) => "\"2GB\"".to_owned(),
            ("pictures", _) => "\"original\"".to_owned(),
            ("attachments", _) => "\"custody\"".to_owned(),
            (key, _) if key.ends_with("_max_bytes") => "\"2MB\"".to_owned(),
            ("refresh" | "publish", _) => "\"@daily\"".to_owned(),
            ("formats", _) => "[\"rss\"]".to_owned(),
            ("listen", _) => "\"127.0.0.1:9\"".to_owned(),
            ("hub", _) => "\"off\"".to_owned(),
            ("hubs", _) => "[\"https://hub.example/\"]".to_owned(),
            ("lease", _) => "\"9d\"".to_owned(),
            ("lease_min", _) => "\"2h\"".to_owned(),
            ("lease_max", _) => "\"20d\"".to_owned(),
            ("allow_private", _) => "true".to_owned(),
            ("base_url", _) => "\"https://lianbo.example/\"".to_owned(),
            ("looks", _) => "[\"7s\"]".to_owned(),
            ("trusted_proxies", _) => "[\"10.0.0.0/8\"]".to_owned(),
            ("retired", _) => "[\"old\"]".to_owned(),
            ("days", _) => "\"workdays\"".to_owned(),
            ("quiet_hours", _) => "\"23:00-06:00\"".to_owned(),
            ("urgent" | "except", _) => "[\"timeout\"]".to_owned(),
            ("catch_up", _) => "\"all\"".to_owned(),
            ("late_after", _) => "\"20m\"".to_owned(),
            ("ledger_days", _) => "30".to_owned(),
            ("proof", _) => {
                format!("[{:?}]", concat!(env!("CARGO_MANIFEST_DIR"), "/proof/example.toml"))
            }
            (_, "true") => "false".to_owned(),
            (_, "false") => "true".to_owned(),
            (_, "3") => "4".to_owned(),
            (_, value) if value.parse::<u64>().is_ok() => "3".to_owned(),
            (_, value) if value.trim_matches('"').ends_with(['s', 'm']) => "\"7s\"".to_owned(),
            _ => "\"other\"".to_owned(),
        };
        let changed = text.replace(line, &format!("{key} = {other}"));
        let changed = changed.replacen("127.0.0.1:9\"", "127.0.0.1:10\"", 1);
        assert_ne!(format!("{:?}", load(&changed)), first, "{line} acts on nothing");
        seen += 1;
    }
    assert!(seen > 20);
}

/// The settings of a file with this text and one site.
fn load(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let site = "[[site]]\nid = \"a\"\nname = \"甲\"\nhome = \"http://a.test/\"\n\
                [[site.column]]\nid = \"b\"\nname = \"乙\"\nurl = \"/b/\"\n\
                [[alert]]\nid = \"c\"\nkind = \"webhook\"\nurl = \"http://c.test/\"\n";
    fs::write(&file, format!("{text}\n{site}")).unwrap();
    let mut config = Config::load(&file).unwrap();
    config.daemon.data = config.daemon.data.strip_prefix(folder.path()).unwrap().to_owned();
    (config.file, config.files) = Default::default();
    // What the files say is another thing than what acts.
    config.written = lianbo::config::Written::default();
    config
}

#[test]
fn what_is_included_is_found_and_what_is_not_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("config.toml");
    let include = |pattern: &str| {
        fs::write(&main, format!("[daemon]\ninclude = [\n  \"{pattern}\",\n]\n")).unwrap();
        Config::load(&main).map(|config| config.sites.len()).map_err(|faults| {
            faults.to_string().replace(&format!("{}/", folder.path().display()), "")
        })
    };
    let site = |id: &str| format!("[[site]]\nid = \"{id}\"\nname = \"甲\"\nenabled = false\n");
    fs::create_dir_all(folder.path().join("sites/deep")).unwrap();
    fs::write(folder.path().join("sites/a.toml"), site("a")).unwrap();
    fs::write(folder.path().join("sites/deep/b.toml"), site("b")).unwrap();
    assert_eq!(include("sites/*.toml"), Ok(1));
    assert_eq!(include("sites/**/*.toml"), Ok(2));
    assert_eq!(include("sites/a.toml"), Ok(1));
    // The main file is not read twice, however wide the pattern.
    assert_eq!(include("**/*.toml"), Ok(2));
    assert_eq!(include("sites/none-*.toml"), Ok(0));
    assert_eq!(
        include("sites/c.toml"),
        Err("config.toml:3: daemon.include: no file `sites/c.toml`".to_owned())
    );
    assert_eq!(
        include("sties/*.toml"),
        Err("config.toml:3: daemon.include: no folder `sties`".to_owned())
    );
}

#[test]
fn a_feed_is_selected_by_all_that_its_definition_says() {
    let selected = |feed: &str| {
        let sites = "[[site]]\nid = \"s\"\nname = \"省\"\nlevel = \"province\"\nregion = \"320000\"\nenabled = false\n\
             [[site]]\nid = \"w\"\nname = \"市\"\nregion = \"320200\"\nhome = \"http://w.test/\"\n\
             [[site.column]]\nid = \"a\"\nname = \"要闻\"\nurl = \"/a/\"\ntags = [\"x\"]\n\
             [[site.column]]\nid = \"b\"\nname = \"通知\"\nurl = \"/b/\"\n\
             [[site]]\nid = \"z\"\nname = \"浙\"\nlevel = \"province\"\nregion = \"330000\"\nenabled = false\n";
        let config = load(&format!("{sites}[[feed]]\nid = \"f\"\ntitle = \"f\"\n{feed}"));
        let feed = config.feeds.iter().find(|feed| feed.spec.slug == "f").unwrap();
        format!("{:?}", feed.spec.selection).replace("SiteId", "").replace("ColumnId", "")
    };
    let feeds = [
        "sites = [\"*\"]",
        "contains = [\"无锡\"]",
        "regions = [\"32\"]",
        "regions = [\"3202\", \"33\"]",
        "levels = [\"province\"]\nregions = [\"32\"]",
        "tags = [\"x\"]",
        "sites = [\"z\"]\ncolumns = [\"w/b\"]",
        "sites = [\"s\", \"w\", \"z\"]\nregions = [\"32\"]\nbreadcrumb = [\"专题\"]",
        "tags = [\"x\"]\nlevels = [\"city\"]\ncontains = [\"商会\", \"协会\"]",
    ];
    let lines = feeds.map(|feed| format!("{}\n  {}", feed.replace('\n', "; "), selected(feed)));
    let selections = lines.join("\n");
    insta::assert_snapshot!(selections);
}

#[test]
fn a_former_address_is_used_by_nobody() {
    let feeds = |former: &str, retired: &str| {
        format!(
            "[serve]\ntrusted_proxies = [\"10.0.0.0/8\", \"192.0.2.1\", \"::1\"]\nretired = {retired}\n\
             [[site]]\nid = \"s\"\nname = \"省\"\nhome = \"http://s.test/\"\n\
             [[site.column]]\nid = \"a\"\nname = \"要闻\"\nurl = \"/a/\"\n\
             [[feed]]\nid = \"f\"\ntitle = \"f\"\nsites = [\"*\"]\nformer = {former}\n"
        )
    };
    let config = load(&feeds("[\"old\", \"s/b\"]", "[\"older\"]"));
    let feed = config.feeds.iter().find(|feed| feed.spec.slug == "f").unwrap();
    assert_eq!(feed.former, ["old", "s/b"]);
    assert_eq!(config.serve.retired, ["older"]);
    assert_eq!(config.serve.trusted_proxies.len(), 3);
    for (former, retired, at) in [
        ("[\"s\"]", "[]", "feed.former"),
        ("[\"s/a\"]", "[]", "feed.former"),
        ("[\"f\"]", "[]", "feed.former"),
        ("[\"Old\"]", "[]", "feed.former"),
        ("[\"old\"]", "[\"old\"]", "serve.retired"),
        ("[]", "[\"s/a\"]", "serve.retired"),
    ] {
        let all = faults(&feeds(former, retired));
        assert_eq!(all.len(), 1, "{all:?}");
        assert!(all[0].contains(at), "{all:?}");
    }
    let twice = feeds("[\"old\"]", "[]")
        + "[[feed]]\nid = \"g\"\ntitle = \"g\"\nsites = [\"*\"]\nformer = [\"old\"]\n";
    assert_eq!(faults(&twice).len(), 1);
    let network = faults("[serve]\ntrusted_proxies = [\"10.0.0.0/64\"]\n");
    assert!(network[0].contains("serve.trusted_proxies"), "{network:?}");
}
