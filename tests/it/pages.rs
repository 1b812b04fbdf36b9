//! Pages at hand through `lianbo extract --jsonl`: every folder of `tests/pages`, in several charsets.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

/// What the program says of each of `pages`, run in an empty folder.
pub(crate) fn extract(pages: &[Value]) -> Vec<Value> {
    told("extract", None, pages)
}

/// What `lianbo COMMAND --jsonl` says of each of `pages`, with the sites of `config` or its own.
pub(crate) fn told(command: &str, config: Option<&Path>, pages: &[Value]) -> Vec<Value> {
    let empty = tempfile::tempdir().unwrap();
    let input: String = pages.iter().map(|page| format!("{page}\n")).collect();
    let mut lianbo = Command::cargo_bin("lianbo").unwrap();
    lianbo.args([command, "--jsonl"]).current_dir(empty.path()).write_stdin(input);
    if let Some(config) = config {
        lianbo.arg("--config").arg(config);
    }
    let output = lianbo.assert().success();
    let stdout = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let found: Vec<_> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found.len(), pages.len(), "a line a page");
    found
}

/// The folders of `tests/KIND`, one a page.
pub(crate) fn folders(kind: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(kind);
    let mut folders: Vec<_> = fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The file `page.…` of a folder.
pub(crate) fn page_file(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pages = files.filter(|file| file.file_stem().is_some_and(|stem| stem == "page"));
    pages.next().unwrap_or_else(|| panic!("no page in {}", folder.display()))
}

/// The page of a folder and what is expected of it.
pub(crate) fn fixture(folder: &Path) -> (String, Value) {
    let page = String::from_utf8_lossy(&fs::read(page_file(folder)).unwrap()).into_owned();
    let expected = fs::read_to_string(folder.join("expected.json")).unwrap();
    (page, serde_json::from_str(&expected).unwrap())
}

/// A configuration with one site a family, whose id is the family's.
pub(crate) fn families() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/families/config.toml")
}

/// The page as it is kept; and where that is UTF-8 that says so, as GBK that says gb2312, and as GBK
/// that says nothing.
fn dressings(page: &[u8]) -> Vec<Vec<u8>> {
    let Some(page) = std::str::from_utf8(page).ok().filter(|page| page.contains("charset=utf-8"))
    else {
        return vec![page.to_vec()];
    };
    let gb = |text: &str| encoding_rs::GBK.encode(&text.replace('\u{a0}', "&nbsp;")).0.into_owned();
    let declared = page.replace("charset=utf-8", "charset=gb2312");
    let silent = page.replace("charset=utf-8", "");
    vec![page.as_bytes().to_vec(), gb(&declared), gb(&silent)]
}

#[test]
fn each_page_is_read_whole_with_its_rules_and_without() {
    for folder in folders("pages") {
        let page = fs::read(page_file(&folder)).unwrap();
        let (_, expected) = fixture(&folder);
        // Either a site that the program brings, or a family and nothing else.
        let (site, config) = match &expected["family"] {
            Value::Null => (&expected["site"], None),
            family => (family, Some(families())),
        };
        let work = tempfile::tempdir().unwrap();
        let mut inputs = Vec::new();
        for (number, bytes) in dressings(&page).iter().enumerate() {
            let file = work.path().join(format!("{number}.html"));
            fs::write(&file, bytes).unwrap();
            for site in [Value::Null, site.clone()] {
                let (url, fetched) = (&expected["url"], &expected["fetched"]);
                inputs.push(
                    json!({"file": file, "url": url, "site": site, "fetched": fetched, "more": 1}),
                );
            }
        }
        let found = told("extract", config.as_deref(), &inputs);
        for (input, found) in inputs.iter().zip(&found) {
            let which = format!(
                "{}/{} with the rules of {}",
                folder.display(),
                input["file"],
                input["site"]
            );
            check(&expected, found, &which);
        }
    }
}

pub(crate) fn check(expected: &Value, found: &Value, which: &str) {
    for key in ["url", "title", "posted", "posted_precision", "credit", "author", "editor"] {
        assert_eq!(found[key], expected[key], "`{key}` of {which}");
    }
    for key in ["breadcrumb", "attachments"] {
        assert_eq!(found[key], expected[key], "`{key}` of {which}");
    }
    assert_eq!(found["rejected"], Value::Null);
    let lines: Vec<&str> = found["text"].as_str().unwrap().lines().collect();
    assert_eq!(json!(lines), expected["text"], "text of {which}");
    let images = found["images"].as_array().unwrap();
    let images: Vec<Value> = images
        .iter()
        .map(|image| json!({"url": image["url"], "caption": image["caption"]}))
        .collect();
    assert_eq!(json!(images), expected["images"], "images of {which}");
}

#[test]
fn what_cannot_be_read_has_its_line_and_its_reason() {
    let work = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = work.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let good = "<title>市工商联召开会议</title><h1>市工商联召开会议</h1>\
                <p>11月17日下午，市工商联召开民营企业座谈会，听取意见建议。</p>";
    let url = "http://a.test/1.html";
    let inputs = [
        (json!({"file": work.path().join("none.html"), "url": url}), "unreadable"),
        (json!({"file": write("empty.html", b" \r\n"), "url": url}), "page-empty"),
        (
            json!({"file": write("deep.html", "<div>".repeat(100_000).as_bytes()), "url": url}),
            "too-deep",
        ),
        (json!({"file": write("big.html", &vec![b'x'; 30 << 20]), "url": url}), "too-large"),
        (
            json!({"file": write("links.html", b"<title>x</title><a href=1>y</a>"), "url": url}),
            "missing",
        ),
        (json!({"file": write("good.html", good.as_bytes()), "url": "no address"}), "bad-url"),
        (
            json!({"file": write("a.html", good.as_bytes()), "url": url, "site": "nobody"}),
            "unknown-site",
        ),
        (
            json!({"file": write("b.html", good.as_bytes()), "url": url, "fetched": "today"}),
            "bad-fetched",
        ),
    ];
    let mut lines: Vec<Value> = inputs.iter().map(|input| input.0.clone()).collect();
    lines.push(json!({"file": write("last.html", good.as_bytes()), "url": url}));
    let found = extract(&lines);
    assert_eq!(found.len(), lines.len());
    for ((input, code), found) in inputs.iter().zip(&found) {
        assert_eq!(found["file"], input["file"]);
        let reason = found["rejected"].as_str().unwrap_or("nothing");
        assert!(reason.contains(code), "wanted `{code}` for {input}, found `{reason}`");
    }
    assert_eq!(found.last().unwrap()["title"], "市工商联召开会议");
}

#[test]
fn a_line_that_cannot_be_read_costs_only_itself() {
    let input = [
        b"{\"file\": 7, \"url\": \"http://a.test/\"}\n".as_slice(),
        b"nonsense\n",
        b"\n",
        b"{\"file\": \"\xff.html\"}\n",
        b"[\"a.html\"]\n",
        b"{\"url\": \"http://a.test/\"}\n",
        b"{\"file\": \"a.html\", \"site\": 3}\n",
        b"{\"file\": \"/dev/zero\"}\n",
        b"{\"file\": \"/nowhere.html\"}",
    ]
    .concat();
    let output = Command::cargo_bin("lianbo")
        .unwrap()
        .args(["extract", "--jsonl", "--lang", "en"])
        .write_stdin(input)
        .assert()
        .code(2);
    let stdout = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let lines: Vec<Value> =
        stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let reasons: Vec<&str> = lines
        .iter()
        .map(|line| line["rejected"].as_str().unwrap().split(':').next().unwrap())
        .collect();
    let bad = "bad-input";
    assert_eq!(reasons, [bad, bad, bad, bad, bad, bad, "unreadable", "unreadable"]);
    assert_eq!(lines[0]["url"], "http://a.test/");
    assert_eq!(lines[5]["file"], "a.html");
    let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(stderr.contains("line 2 of stdin") && stderr.contains("line 7 of stdin"), "{stderr}");
}

#[test]
fn people_read_the_same_at_a_terminal() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/seed/page.html");
    let url = "http://www.jssh.org.cn/zt/SSJL/GSLJC/202004/t20200410_196544.html";
    let output = Command::cargo_bin("lianbo")
        .unwrap()
        .env_remove("LC_ALL")
        .env_remove("LANG")
        .args(["extract", "--url", url])
        .arg(page)
        .assert()
        .success();
    let stdout = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    for line in ["标题：无锡市总商会党委提出“三加强”理念", "日期：2020-04-10", "来源：苏商天下"]
    {
        assert!(stdout.contains(line), "{stdout}");
    }
    assert!(stdout.contains("位置：首页 > 专题 > 苏商聚力共抗疫情 > 工商联举措"), "{stdout}");
}

/// `lianbo evaluate` with `arguments` in the repository.
fn evaluate(arguments: &[&str]) -> std::process::Output {
    Command::cargo_bin("lianbo")
        .unwrap()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["evaluate", "--lang", "en"])
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_quality_of_these_pages_holds_its_floors() {
    let csv = tempfile::NamedTempFile::new().unwrap();
    let output = evaluate(&["tests/pages", "--csv", csv.path().to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let table = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> =
        table.lines().filter_map(|line| line.split("  ").next()).map(str::trim).collect();
    assert_eq!(names, ["", "pages", "total"], "{table}");
    let csv = fs::read_to_string(csv.path()).unwrap();
    assert!(csv.starts_with("file,kind,field,score,wanted,found\r\n"), "{csv}");
    let line = "pages/seed/page.html,,posted,1.0000,2020-04-10,2020-04-10\r\n";
    assert!(csv.contains(line), "{csv}");
}

#[test]
fn a_figure_below_its_floor_is_named_and_floors_sink_only_when_told_loudly() {
    let folder = tempfile::tempdir().unwrap();
    let floors = folder.path().join("floors.toml");
    let page = folder.path().join("set/a");
    fs::create_dir_all(&page).unwrap();
    let html = "<title>市工商联召开会议</title><h1>市工商联召开会议</h1><p>2026-01-02 来源：商会</p>\
                <div id=zoom><p>会议指出，要把企业家的建议梳理成清单，实行销号管理。</p></div>";
    fs::write(page.join("page.html"), html).unwrap();
    let wanted = json!({"title": "市工商联召开会议", "posted": "2026-01-02", "author": "张三"});
    fs::write(page.join("expected.json"), wanted.to_string()).unwrap();
    fs::write(&floors, "# 底线\n[set]\nauthor = 0.5\ntitle = 0.5\n").unwrap();
    let set = folder.path().join("set").display().to_string();
    let run = |more: &[&str]| {
        let output =
            evaluate(&[&[set.as_str(), "--floors", floors.to_str().unwrap()], more].concat());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let below = "below the floor: set author 0.0000, floor 0.500\n";
    assert_eq!(run(&[]), (Some(1), below.to_owned()));
    assert_eq!(run(&["--raise"]), (Some(1), below.to_owned()));
    let raised = fs::read_to_string(&floors).unwrap();
    assert!(raised.starts_with("# 底线\n\n[set]\ndigest = "), "{raised}");
    assert!(raised.contains("title = 1.0") && raised.contains("author = 0.5"), "{raised}");
    fs::write(page.join("page.html"), html.replace("商会", "总商会")).unwrap();
    let (code, said) = run(&["--lower-floors"]);
    assert_eq!(code, Some(0));
    assert!(said.starts_with("set: the pages or their expected results are not those"), "{said}");
    assert_eq!(run(&[]), (Some(0), String::new()));
    fs::write(&floors, "[set]\nauthro = 1\n").unwrap();
    assert_eq!(run(&[]).0, Some(2));
    assert_eq!(evaluate(&[folder.path().join("none").to_str().unwrap()]).status.code(), Some(2));
}

/// A page of the set with this name, and what is wanted of it.
fn judged_page(folder: &Path, name: &str, expected: &str) {
    let page = folder.join(name);
    fs::create_dir_all(&page).unwrap();
    let html = "<title>市工商联召开会议</title><h1>市工商联召开会议</h1><p>2026-01-02 来源：商会</p>\
                <div id=zoom><p>会议指出，要把企业家的建议梳理成清单，实行销号管理。</p></div>";
    fs::write(page.join("page.html"), html).unwrap();
    fs::write(page.join("expected.json"), expected).unwrap();
}

#[test]
fn pages_that_are_missing_or_damaged_are_named_and_the_rest_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("set");
    let wanted = json!({"title": "市工商联召开会议"}).to_string();
    judged_page(&set, "good", &wanted);
    let floors = folder.path().join("floors.toml");
    fs::write(&floors, "[set]\ntitle = 1\n").unwrap();
    let run = |more: &[&str]| {
        let usual = [set.to_str().unwrap(), "--floors", floors.to_str().unwrap()];
        let output = evaluate(&[&usual, more].concat());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, fine, said) = run(&[]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(fine.contains("1.000 (1)"), "{fine}");
    judged_page(&set, "damaged", "{\"title\": ");
    judged_page(&set, "lost", &wanted);
    fs::remove_file(set.join("lost/page.html")).unwrap();
    let gold = set.join("gold");
    fs::create_dir_all(&gold).unwrap();
    fs::copy(set.join("good/page.html"), gold.join("a.html")).unwrap();
    let line = |file: &str| json!({"file": file, "title": "市工商联召开会议"}).to_string();
    let lines = [line("a.html"), line("none.html"), "{\"file\"".to_owned(), "{}".to_owned()];
    fs::write(gold.join("gold.jsonl"), lines.join("\n")).unwrap();
    let (code, table, said) = run(&["--raise"]);
    assert_eq!(code, Some(2), "{said}");
    let named = ["damaged/expected.json: ", "lost/page.html: ", "gold.jsonl:2: ", "gold.jsonl:3: "];
    for named in named.iter().chain(&["gold.jsonl:4: `file` is missing"]) {
        let line = said.lines().find(|line| line.starts_with("left out: ") && line.contains(named));
        assert!(line.is_some(), "{named}: {said}");
    }
    assert_eq!(said.lines().count(), 5, "{said}");
    let rows: Vec<Vec<&str>> =
        table.lines().skip(1).map(|line| line.split_whitespace().take(2).collect()).collect();
    assert_eq!(rows, [["gold", "1"], ["set", "1"], ["total", "2"]], "{table}");
    assert_eq!(fs::read_to_string(&floors).unwrap(), "[set]\ntitle = 1\n", "not on some pages");
}

#[test]
fn lists_are_no_pages_and_floors_that_match_nothing_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("set");
    judged_page(&set, "good", &json!({"title": "市工商联召开会议"}).to_string());
    judged_page(&set, "list", &json!({"links": [], "next": []}).to_string());
    judged_page(&folder.path().join("set/lists"), "only", &json!({"links": []}).to_string());
    let floors = folder.path().join("floors.toml");
    // No page is judged by its author.
    fs::write(&floors, "[set]\ntitle = 1\nauthor = 1\n[sett]\ntitle = 1\n").unwrap();
    let output = evaluate(&[set.to_str().unwrap(), "--floors", floors.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(said, "the floors of [sett] match no folder of pages\n");
    let table = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> =
        table.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["set", "total"], "{table}");
    assert!(table.lines().nth(1).unwrap().split_whitespace().nth(1) == Some("1"), "{table}");
}
