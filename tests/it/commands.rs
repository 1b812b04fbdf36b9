//! The command line: names, exit codes, languages.

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

/// `lianbo` with `arguments` in `folder`, in no particular locale.
fn lianbo(folder: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin("lianbo")
        .unwrap()
        .current_dir(folder)
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env_remove("LANG")
        .args(arguments)
        .output()
        .unwrap()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A configuration with one site at an address that nobody answers.
fn configured(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = format!(
        "{settings}\n[[site]]\nid = \"a\"\nname = \"甲工商联\"\nhome = \"http://{nobody}/\"\n\
         allow_private = true\nfetch = {{ retries = 0 }}\n\
         [[site.column]]\nid = \"news\"\nname = \"要闻\"\nurl = \"/news/\"\n\
         [[site]]\nid = \"b\"\nname = \"乙工商联\"\nenabled = false\n"
    );
    fs::write(folder.path().join("config.toml"), text).unwrap();
    folder
}

#[test]
fn the_shipped_configuration_is_fine_and_warns_twice() {
    let output = lianbo(repository(), &["check", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(0));
    let warnings = err(&output);
    let lines: Vec<&str> = warnings.lines().collect();
    assert_eq!(lines.len(), 2, "{warnings}");
    assert!(lines[0].starts_with("warning: config.toml: fetch.contact: "));
    assert!(lines[1].starts_with("warning: config.toml: id.authority: "));
    let text = out(&output);
    assert!(text.contains("Asia/Shanghai, UTC+08:00"), "{text}");
    for column in ["acfic/qlyw", "acfic/js", "jiangsu/zt", "lianyungang/gsldt"] {
        let line = text.lines().find(|line| line.contains(column)).unwrap();
        assert!(line.starts_with("refresh "), "{line}");
        let clocks = line.split_whitespace().filter(|word| word.len() == 5 && word.contains(':'));
        assert_eq!(clocks.count(), 5, "{line}");
    }
}

#[test]
fn warnings_end_when_both_keys_are_set() {
    let set = "[id]\nauthority = \"lianbo.example\"\n[fetch]\ncontact = \"desk@lianbo.example\"\n";
    let folder = configured(set);
    let output = lianbo(folder.path(), &["check"]);
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
}

#[test]
fn chinese_is_spoken_unless_english_is_asked_for() {
    let folder = configured("");
    assert!(out(&lianbo(folder.path(), &["check"])).starts_with("配置无误"));
    assert!(
        out(&lianbo(folder.path(), &["--lang", "en", "check"])).starts_with("the configuration")
    );
}

#[test]
fn jobs_are_told_with_their_own_crons() {
    let folder = configured(
        "[schedule]\nrefresh = \"15 9 * * 1\"\nzone = \"Europe/Berlin\"\n\
         [[feed]]\nid = \"weekly\"\ntitle = \"每周\"\nsites = [\"*\"]\ncron = \"@weekly\"\n\
         [[feed]]\nid = \"past\"\ntitle = \"过去\"\nsites = [\"*\"]\ncron = \"0 0 0 1 1 * 2020\"\n",
    );
    let output = lianbo(folder.path(), &["next", "-n", "2"]);
    let text = out(&output);
    let line = |name: &str| text.lines().find(|line| line.contains(name)).unwrap().to_owned();
    assert_eq!(line("a/news").matches("周一 09:15").count(), 2, "{text}");
    assert_eq!(line("weekly").matches("周日 00:00").count(), 2, "{text}");
    assert!(line("past").contains("不再到来   过去"), "{text}");
    // The data folder is pruned at night, here.
    assert_eq!(line("清理 data").matches("03:30").count(), 2, "{text}");
    let output = lianbo(folder.path(), &["check", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("Europe/Berlin"));
    assert!(out(&output).contains("2 more feeds are published on change"), "{}", out(&output));
    assert!(err(&output).contains("publish past: all its times have passed"));
}

#[test]
fn jobs_that_come_only_later_are_not_told_to_be_over() {
    let folder = configured("[schedule]\nrefresh = \"0 0 9 1 1 * 2093\"\n");
    let told = |lang: &str, until: &str| {
        lianbo(folder.path(), &["--lang", lang, "next", "-n", "1", "--until", until])
    };
    for (lang, until, words) in [
        ("zh", "2092-12-31", "a/news  到 2092-12-31 为止没有，下一次 2093-01-01 周四 09:00 "),
        ("en", "2092-12-31", "a/news  none until 2092-12-31, next 2093-01-01 Thu 09:00 "),
        ("en", "2093-01-01", "a/news  2093-01-01 Thu 09:00 "),
    ] {
        let text = out(&told(lang, until));
        assert!(text.contains(words), "{text}");
    }
    let past = told("en", "2026-11-01");
    assert_eq!((past.status.code(), out(&past).as_str()), (Some(2), ""));
    assert!(err(&past).contains("--until 2026-11-01 has passed"), "{}", err(&past));
}

#[test]
fn without_a_configuration_the_way_on_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["run", "check", "once", "next", "problems"] {
        let output = lianbo(folder.path(), &[command]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        let text = err(&output);
        assert!(text.starts_with("找不到配置文件：config.toml\n"), "{text}");
        assert!(text.contains("lianbo config") && text.contains("lianbo demo"), "{text}");
    }
    let output = lianbo(folder.path(), &["--config", "other.toml", "--lang", "en", "check"]);
    assert!(err(&output).starts_with("no configuration file: other.toml\n"));
}

#[test]
fn once_takes_sites_and_columns_that_are_read() {
    let folder = configured("");
    let refused = |target: &str| {
        let output = lianbo(folder.path(), &["once", "--lang", "en", target]);
        assert_eq!(output.status.code(), Some(2), "{target}");
        err(&output)
    };
    assert_eq!(refused("x"), "no site or column `x`; enabled sites: a\n");
    assert_eq!(refused("a/x"), "no column `a/x`; columns of that site: a/news\n");
    assert!(refused("b").starts_with("`b` is not read: site `b` is disabled\nhint: "));
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

#[test]
fn a_failed_column_gives_1_and_stands_among_the_problems() {
    let folder = configured("");
    let before = lianbo(folder.path(), &["problems"]);
    assert_eq!((before.status.code(), out(&before).as_str()), (Some(3), ""));
    assert!(err(&before).starts_with("还没有运行过：“data”"), "{}", err(&before));
    let output = lianbo(folder.path(), &["once", "a/news"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let output = lianbo(folder.path(), &["problems", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).starts_with("a/news\t"), "{}", out(&output));
}

#[test]
fn faults_of_the_configuration_do_not_hide_stored_problems() {
    let folder = configured("[daemon]\ndata = \"here\"\n");
    lianbo(folder.path(), &["once"]);
    let file = folder.path().join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    let faulty = text.replace("url = \"/news/\"", "url = \"/news/\"\ncolour = 1");
    fs::write(&file, faulty).unwrap();
    let output = lianbo(folder.path(), &["problems"]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    assert!(out(&output).starts_with("a/news\tunreachable\t"), "{}", out(&output));
    assert!(err(&output).starts_with("配置有 1 处错误：\n"), "{}", err(&output));
    let output = lianbo(folder.path(), &["problems", "--data", "nowhere"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""));
    assert!(err(&output).contains("“nowhere”中没有数据库"), "{}", err(&output));
    fs::remove_file(&file).unwrap();
    let output = lianbo(folder.path(), &["problems", "--data", "here"]);
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(1), ""));
    assert!(out(&output).starts_with("a/news\t"), "{}", out(&output));
}

#[test]
fn a_data_folder_without_a_database_is_no_good_news() {
    let folder = configured("");
    fs::create_dir(folder.path().join("empty")).unwrap();
    for data in ["typo", "empty", "config.toml"] {
        let output = lianbo(folder.path(), &["problems", "--data", data]);
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(3), ""), "{data}");
        assert!(err(&output).starts_with(&format!("“{data}”中没有数据库")), "{}", err(&output));
    }
}

#[test]
fn a_data_folder_that_cannot_be_made_has_a_code_and_a_sentence() {
    let folder = configured("");
    let output = lianbo(folder.path(), &["once", "--data", "config.toml/in"]);
    assert_eq!(output.status.code(), Some(3));
    let text = err(&output);
    assert!(text.contains("store-failed: 数据库无法读写\n  `config.toml/in`: "), "{text}");
}

#[test]
fn a_database_of_a_later_program_wants_that_program() {
    let folder = configured("");
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let database = rusqlite::Connection::open(data.join("lianbo.db")).unwrap();
    database.pragma_update(None, "user_version", 900).unwrap();
    let output = lianbo(folder.path(), &["once"]);
    assert_eq!(output.status.code(), Some(3));
    let text = err(&output);
    assert!(text.contains("store-newer: ") && text.contains("升级 lianbo"), "{text}");
    assert!(!text.contains("权限"), "{text}");
}

#[test]
fn what_is_no_backup_file_is_said_with_what_to_do() {
    let folder = configured("");
    fs::create_dir_all(folder.path().join("data/old")).unwrap();
    fs::write(folder.path().join("data/lianbo.db"), "").unwrap();
    for (arguments, zh, en) in [
        (&["restore", "no/such.tar.zst"][..], "没有备份文件", "there is no backup `no/such"),
        (&["restore", "config.toml/such.tar.zst"], "没有备份文件", "there is no backup"),
        (&["backup", "data/old"], "是目录", "is a folder"),
        (&["backup", "data/old", "--force"], "data/old/lianbo.tar.zst", "name a file within it"),
    ] {
        for (lang, said, hint) in [("zh", zh, "建议："), ("en", en, "hint: ")] {
            let output = lianbo(folder.path(), &[&["--lang", lang], arguments].concat());
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            let text = err(&output);
            assert!(text.contains(said) && text.contains(hint), "{text}");
            assert!(!text.contains("--force") && !text.contains("os error"), "{text}");
        }
    }
}

#[test]
fn a_machine_without_network_is_told_once_and_hints_are_not_repeated() {
    let hint = "请核对域名与网络";
    let lonely = configured("");
    let output = lianbo(lonely.path(), &["once"]);
    assert!(!err(&output).contains("似乎没有联网"), "of one site: {}", err(&output));
    assert_eq!(err(&output).matches(hint).count(), 1);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = configured(&format!(
        "[[site]]\nid = \"c\"\nname = \"丙工商联\"\nhome = \"http://{nobody}/\"\n\
         allow_private = true\nfetch = {{ retries = 0 }}\n\
         [[site.column]]\nid = \"news\"\nname = \"要闻\"\nurl = \"/news/\"\n"
    ));
    let output = lianbo(folder.path(), &["once"]);
    let text = err(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.matches("似乎没有联网").count(), 1, "{text}");
    assert_eq!(text.matches("unreachable: ").count(), 2, "{text}");
    assert_eq!(text.matches(hint).count(), 1, "{text}");
}

#[test]
fn warnings_are_chinese_sentences() {
    let text = err(&lianbo(configured("").path(), &["check"]));
    assert!(text.starts_with("提醒：config.toml 的 fetch.contact 尚未设置："), "{text}");
}

#[test]
fn the_data_folder_can_be_named() {
    let folder = configured("[daemon]\ndata = \"here\"\n");
    lianbo(folder.path(), &["once", "--data", "there"]);
    assert!(folder.path().join("there/lianbo.db").is_file());
    assert!(!folder.path().join("here").exists());
}

#[test]
fn exit_codes_stand_in_the_help() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [["--help"], ["help"]] {
        let output = lianbo(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0));
        let text = out(&output);
        let codes = text.split("Exit codes:").nth(1).unwrap();
        for line in ["  0  正常", "  1  部分栏目失败", "  2  用法或配置有误", "  3  无法工作"]
        {
            assert!(codes.contains(line), "{codes}");
        }
    }
    assert_eq!(lianbo(folder.path(), &["frobnicate"]).status.code(), Some(2));
    assert_eq!(lianbo(folder.path(), &["next", "-n", "0"]).status.code(), Some(2));
}

#[test]
fn the_names_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let help = out(&lianbo(folder.path(), &["--help"]));
    for name in [
        "run",
        "once",
        "check",
        "demo",
        "extract",
        "discover",
        "next",
        "problems",
        "probe",
        "config",
        "completions",
    ] {
        assert!(help.lines().any(|line| line.starts_with(&format!("  {name} "))), "{name}: {help}");
    }
    for option in ["--config <FILE>", "--data <DIR>", "--lang <LANG>"] {
        assert!(help.contains(option), "{option}");
    }
}

#[test]
fn completions_name_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, mark) in
        [("bash", "complete -F"), ("zsh", "#compdef lianbo"), ("fish", "complete -c lianbo")]
    {
        let output = lianbo(folder.path(), &["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        let script = out(&output);
        assert!(script.contains(mark) && script.contains("problems"), "{shell}");
    }
}
