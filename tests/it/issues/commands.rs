//! Issues through the program, as an editor works with them.

use std::path::Path;

use assert_cmd::Command;

/// What `lianbo` says to `arguments` on the data folder of a demo; standard output and exit code.
fn lianbo(data: &Path, arguments: &[&str]) -> (String, i32) {
    let mut command = Command::cargo_bin("lianbo").unwrap();
    command.args(["--lang", "en", "--config", "demo/config.toml", "--data"]).arg(data);
    let output = command.args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code().unwrap())
}

#[test]
fn an_editor_works_through_an_issue_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let mut demo = Command::cargo_bin("lianbo").unwrap();
    let built = demo.args(["--lang", "en", "demo", "--once", "--data"]).arg(data).output().unwrap();
    let said = String::from_utf8(built.stderr).unwrap();
    assert!(said.contains("weekly/1: built"), "{said}");

    let (list, code) = lianbo(data, &["issue", "list", "weekly"]);
    assert_eq!((list.as_str(), code), ("weekly/1\t2026-11-20\tbuilt\t24 pieces\n", 0));
    let (shown, code) = lianbo(data, &["issue", "show", "weekly/1"]);
    assert!(
        code == 0 && shown.contains("【市县动态】") && shown.contains("next: first review"),
        "{shown}"
    );
    let (unknown, code) = lianbo(data, &["issue", "show", "weekly/9"]);
    assert!(code == 1 && unknown.contains("there is no issue weekly/9"), "{unknown}");
    let (wrong, code) = lianbo(data, &["issue", "show", "weekly"]);
    assert!(code == 2 && wrong.contains("names no issue"), "{wrong}");

    let note =
        ["issue", "edit", "weekly/1", "--note", "编者按一句。", "--drop", "a3", "--by", "甲"];
    let (edited, code) = lianbo(data, &note);
    assert!(code == 0 && edited.contains("version 2"), "{edited}");
    let file = data.join("稿.md");
    std::fs::write(&file, "# 来稿\n\n来源：外地商会\n\n正文。\n").unwrap();
    let file = file.to_str().unwrap();
    let (added, code) = lianbo(data, &["issue", "add", "weekly/1", "--file", file]);
    assert!(code == 0 && added.contains("version 3"), "{added}");

    for (name, step) in [("甲", "first"), ("乙", "second"), ("丙", "final")] {
        let arguments = ["issue", "approve", "weekly/1", "--by", name, "--step", step];
        let (approved, code) = lianbo(data, &arguments);
        assert_eq!(code, 0, "{approved}");
    }
    let review =
        std::fs::read_to_string(data.join("issues/weekly/2026-11-20-no001/review.html")).unwrap();
    assert!(review.contains("已终审") && review.contains("丙"));
    // There is no secret here, and the program says which variable it wants.
    let (pushed, code) = lianbo(data, &["issue", "push", "weekly/1"]);
    assert!(code == 1 && pushed.contains("LIANBO_DEMO_SECRET"), "{pushed}");
    let (closed, code) = lianbo(data, &["issue", "close", "weekly/1", "--by", "甲"]);
    assert_eq!(code, 0, "{closed}");
    let (list, _) = lianbo(data, &["issue", "list", "weekly"]);
    assert!(list.contains("closed"), "{list}");
}

#[test]
fn a_name_is_searched_in_issues_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    Command::cargo_bin("lianbo").unwrap().args(["demo", "--once", "--data"]).arg(data).unwrap();
    let note = ["issue", "edit", "weekly/1", "--note", "赵某某的按语", "--by", "甲"];
    assert_eq!(lianbo(data, &note).1, 0);
    let (found, code) = lianbo(data, &["withdraw", "--search", "赵某某"]);
    assert!(code == 1 && found.contains("[1] weekly/1"), "{found}");
    let (taken, code) = lianbo(data, &["withdraw", "--search", "赵某某", "--yes"]);
    assert!(code == 0 && taken.contains("were cleared"), "{taken}");
    assert!(lianbo(data, &["withdraw", "--search", "赵某某"]).0.contains("no item mentions"));
}
