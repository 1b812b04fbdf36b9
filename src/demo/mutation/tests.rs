use std::path::Path;

use chrono::{DateTime, Utc};
use encoding_rs::GBK;

use super::super::scene::{Course, Moment};
use super::super::variation::Variation;
use super::*;

/// The three sites that redesigns are measured on: host, list, the other column's list, an article.
const SITES: [(&str, &str, &str, &str); 3] = [
    ("sheng.test", "/yw/", "/sxdt/", "/yw/202611/t20261118_700101.html"),
    (
        "ding.test",
        "/index.php?m=content&c=index&a=lists&catid=12",
        "/index.php?m=content&c=index&a=lists&catid=13",
        "/html/2026/shanghuidongtai_1106/10908.html",
    ),
    ("wu.test", "/list.asp?page=1", "/gg.asp?page=1", "/show.asp?NewsID=3101"),
];
/// Further sites whose lists are pages.
const OTHERS: [&str; 3] = ["bing.test", "ren.test", "geng.test"];

fn table(host: &str) -> Table {
    Table::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/network").join(host)).unwrap()
}

fn moment(course: Course) -> Moment {
    let started: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
    Moment { started, course }
}

fn frozen(table: &Table) -> Scene<'_> {
    Scene { table, moment: moment(Course::Frozen) }
}

fn before(scene: Scene<'_>, path: &str) -> Answer {
    scene.answer(Asked { path, form: None }).unwrap()
}

fn after(mutation: Mutation, scene: Scene<'_>, path: &str) -> Answer {
    mutation.answer(scene, Asked { path, form: None }, before(scene, path))
}

fn text(answer: &Answer) -> String {
    match &answer.body {
        Body::Text(text) => text.clone(),
        Body::Bytes(_) => panic!("a page was wanted"),
    }
}

/// What a reader sees of a page, without spaces.
fn seen(answer: &Answer) -> String {
    let page = dom_query::Document::from(text(answer));
    page.select("script, style, title").remove();
    page.body().unwrap().text().split_whitespace().collect()
}

/// The titles and addresses of all links with a title that is long enough for an article's.
fn links(answer: &Answer) -> Vec<String> {
    let page = dom_query::Document::from(text(answer));
    let all = page.select("a").nodes().to_vec();
    let long = all.into_iter().filter(|link| link.text().chars().count() > 9);
    long.map(|link| format!("{} {}", link.attr_or("href", ""), link.text())).collect()
}

#[test]
fn each_changes_the_pages_that_it_is_about_and_no_other() {
    use Mutation::*;
    for (host, list, _, article) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        for mutation in Mutation::ALL {
            let changes = |path: &str| {
                let (before, after) = (before(scene, path), after(mutation, scene, path));
                let told =
                    |answer: &Answer| (answer.status, answer.content_type.clone(), answer.bytes());
                told(&before) != told(&after)
            };
            let found = [changes("/"), changes(list), changes(article)];
            let wanted = match mutation {
                RenamedClasses | LoginPage | CharsetFlip | ScriptShell => [true, true, true],
                RedirectHome | DateFormat => [false, true, true],
                EmptyList | ErrorPage | SwappedColumns | NavigationOnly | StaleCache => {
                    [false, true, false]
                }
                TruncatedBody => [false, false, true],
            };
            assert_eq!(found, wanted, "{host} {}", mutation.as_str());
        }
    }
}

#[test]
fn pictures_and_pages_that_are_not_there_stay_as_they_are() {
    let table = table("sheng.test");
    let scene = frozen(&table);
    for mutation in Mutation::ALL {
        let picture = "/yw/202611/W02026a1.jpg";
        assert_eq!(after(mutation, scene, picture).bytes(), before(scene, picture).bytes());
        assert!(scene.answer(Asked { path: "/yw/none.html", form: None }).is_none());
    }
}

#[test]
fn a_new_template_says_the_same_with_other_names() {
    for (host, list, _, article) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        for path in [list, article] {
            let (old, new) = (before(scene, path), after(Mutation::RenamedClasses, scene, path));
            let sorted = |text: String| {
                let mut all: Vec<char> = text.chars().collect();
                all.sort_unstable();
                all
            };
            assert_eq!(sorted(seen(&old)), sorted(seen(&new)), "{host}{path}");
            assert_eq!(links(&old), links(&new), "{host}{path}");
            let names = regex(r#"(?:class|id)=["']?([\w-]+)"#);
            let (old, new) = (text(&old), text(&new));
            let old: Vec<_> = names.captures_iter(&old).map(|name| name[1].to_owned()).collect();
            assert!(!old.is_empty(), "{host}{path} has names");
            for name in &old {
                assert!(!new.contains(&format!("=\"{name}\"")), "{host}{path} keeps {name}");
            }
        }
        let new = text(&after(Mutation::RenamedClasses, scene, list));
        let row = table.row.as_ref().unwrap();
        assert!(!row.is_match(&new), "{host}: a row is no more what it was");
    }
    // The same name is the same on every page.
    let table = table("sheng.test");
    let scene = frozen(&table);
    let footer = page_name(&table, "footer");
    for path in ["/", "/yw/", "/sxdt/", "/yw/202611/t20261118_700101.html"] {
        let new = text(&after(Mutation::RenamedClasses, scene, path));
        assert!(new.contains(&footer) || path == "/", "{path}");
    }
}

fn page_name(table: &Table, name: &str) -> String {
    let pages = page::renamed(&format!("<p class={name}></p>"), table, false);
    regex("class=\"[^\"]*\"").find(&pages).unwrap().as_str().to_owned()
}

#[test]
fn lists_without_rows_keep_their_frame() {
    for (host, list, _, _) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        let old = before(scene, list);
        let titles = regex(r#"title="([^"]+)""#);
        for mutation in [Mutation::EmptyList, Mutation::ErrorPage, Mutation::NavigationOnly] {
            let new = after(mutation, scene, list);
            assert_eq!(new.status, 200);
            for title in titles.captures_iter(&text(&old)) {
                assert!(!seen(&new).contains(&title[1]), "{host} {}", mutation.as_str());
            }
            assert!(seen(&new).contains("首页") && seen(&new).contains("苏ICP备"), "{host}");
            assert_eq!(seen(&new).contains("系统错误"), mutation == Mutation::ErrorPage);
        }
        let bare = seen(&after(Mutation::NavigationOnly, scene, list));
        assert!(!bare.contains("热点推荐") && !bare.contains("下一页"), "{host}: {bare}");
        // Only the rows went.
        let rows = text(&old).len() - text(&after(Mutation::EmptyList, scene, list)).len();
        let row = table.row.as_ref().unwrap();
        assert_eq!(rows, row.find_iter(&text(&old)).map(|row| row.len()).sum::<usize>());
    }
}

#[test]
fn columns_change_places_and_their_links_still_lead_somewhere() {
    for (host, list, other, _) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        let new = after(Mutation::SwappedColumns, scene, list);
        assert_eq!(seen(&new), seen(&before(scene, other)), "{host}");
        let base = Url::parse(&format!("http://{host}{list}")).unwrap();
        let hrefs = regex(r#"href=["']?([^"'\s>]+)"#);
        for row in rows(&text(&new), &table) {
            let url = base.join(&hrefs.captures(row).unwrap()[1]).unwrap();
            let path = match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            };
            assert!(scene.answer(Asked { path: &path, form: None }).is_some(), "{host}{path}");
        }
    }
}

#[test]
fn another_system_answers_in_its_own_charset() {
    for (host, list, _, article) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        for path in ["/", list, article] {
            for (mutation, mark) in
                [(Mutation::LoginPage, "统一身份认证"), (Mutation::ScriptShell, "id=\"app\"")]
            {
                let new = after(mutation, scene, path);
                let bytes = new.bytes();
                let page = std::str::from_utf8(&bytes).unwrap();
                assert!(new.status == 200 && page.contains(mark), "{host}{path}: {page}");
                assert!(new.content_type.ends_with("charset=utf-8"));
            }
        }
        let home = after(Mutation::RedirectHome, scene, article);
        assert_eq!((home.status, home.location.as_deref()), (302, Some("/")));
        assert!(home.bytes().is_empty());
    }
}

#[test]
fn an_article_ends_after_its_first_sentence() {
    for (host, _, _, article) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        let (old, new) = (before(scene, article), after(Mutation::TruncatedBody, scene, article));
        let (old, new) = (seen(&old), seen(&new));
        let end = old.find('。').unwrap() + '。'.len_utf8();
        assert!(new.starts_with(&old[..end]), "{host}: {new}");
        assert_eq!(new.matches('。').count(), 1, "{host}: {new}");
        assert!(new.contains("苏ICP备"), "{host} keeps its footer: {new}");
    }
}

#[test]
fn dates_are_printed_otherwise_and_nothing_else_is() {
    let mut forms = Vec::new();
    for (host, list, _, article) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        for path in [list, article] {
            let old = before(scene, path);
            let new = text(&after(Mutation::DateFormat, scene, path));
            let (mut changed, mut all) = (0, 0);
            for (old, new) in text(&old).lines().zip(new.lines()) {
                all += 1;
                changed += usize::from(old != new);
            }
            assert!(changed > 0 && changed <= all, "{host}{path}");
            assert_eq!(hrefs(&text(&old)), hrefs(&new), "{host}{path}: addresses have dates too");
            assert_eq!(text(&old).matches('。').count(), new.matches('。').count());
        }
        let form = date::Form::of(host);
        let printed = seen(&after(Mutation::DateFormat, scene, article));
        let wanted = match (host, form) {
            ("ding.test", date::Form::MonthFirst) => "11/06/2026",
            ("ding.test", date::Form::DayFirst) => "06/11/2026",
            ("ding.test", date::Form::Relative) => "14天前",
            (_, date::Form::MonthFirst) => "11/18/2026",
            (_, date::Form::DayFirst) => "18/11/2026",
            (_, date::Form::Relative) => "2天前",
        };
        assert!(printed.contains(wanted), "{host}: {wanted} in {printed}");
        forms.push(format!("{form:?}"));
    }
    // A signature in the text is no work of the template.
    let table = table("sheng.test");
    let notice =
        seen(&after(Mutation::DateFormat, frozen(&table), "/yw/202611/t20261116_700102.html"));
    assert!(notice.contains("2026年11月16日") && !notice.contains("2026-11-16"), "{notice}");
    forms.sort_unstable();
    forms.dedup();
    assert_eq!(forms.len(), 3, "the three sites have the three forms");
}

fn hrefs(text: &str) -> Vec<String> {
    let found = regex(r#"href=["']?([^"'\s>]+)"#);
    found.captures_iter(text).map(|href| href[1].to_owned()).collect()
}

#[test]
fn a_page_says_another_charset_than_it_has() {
    for (host, list, _, _) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        let (old, new) = (before(scene, list), after(Mutation::CharsetFlip, scene, list));
        let label = new.content_type.rsplit('=').next().unwrap();
        let is_gbk = table.charset == GBK;
        assert_eq!(label == "utf-8", is_gbk, "{host} says {label}");
        assert!(text(&new).contains(&format!("charset={label}")), "{host}");
        let body = |answer: &Answer| {
            let bytes = answer.bytes();
            let at = bytes.windows(5).position(|tag| tag == b"<body").unwrap();
            bytes.slice(at..)
        };
        assert_eq!(body(&old), body(&new), "{host}: the bytes are the same");
        assert_eq!(std::str::from_utf8(&body(&new)).is_err(), is_gbk, "{host}");
    }
}

#[test]
fn a_stale_list_lacks_the_newest_rows_and_has_older_ones_again() {
    for (host, list, _, _) in SITES {
        let table = table(host);
        let scene = frozen(&table);
        let (old, new) =
            (text(&before(scene, list)), text(&after(Mutation::StaleCache, scene, list)));
        let hrefs = |text: &str| hrefs(&rows(text, &table).concat());
        let (old, new) = (hrefs(&old), hrefs(&new));
        assert!(!new.contains(&old[0]), "{host}: {new:?}");
        assert!(new.contains(old.last().unwrap()), "{host}: {new:?}");
        assert!(new.iter().any(|href| !old.contains(href)), "{host}: {new:?}");
    }
    // Where articles appear, it is the list of some of them ago.
    let table = table("wu.test");
    let every = std::time::Duration::from_secs(3600);
    for course in
        [Course::Even { every, step: 40 }, Course::Varied(Variation { seed: 7, poll: 200, every })]
    {
        let scene = Scene { table: &table, moment: moment(course) };
        let (old, new) = (
            hrefs(&text(&before(scene, "/list.asp?page=1"))),
            hrefs(&text(&after(Mutation::StaleCache, scene, "/list.asp?page=1"))),
        );
        let newest = old.iter().find(|href| href.contains("=9")).unwrap();
        assert!(!new.contains(newest), "{new:?}");
        assert!(new.iter().any(|href| href.contains("=9") && !old.contains(href)), "{new:?}");
    }
}

#[test]
fn every_site_with_columns_can_be_redesigned() {
    for host in OTHERS {
        let table = table(host);
        let scene = frozen(&table);
        let list = table.columns[0][0].clone();
        assert!(rows(&text(&before(scene, &list)), &table).len() > 2, "{host} has rows");
        for mutation in Mutation::ALL {
            let (old, new) = (before(scene, &list), after(mutation, scene, &list));
            let told = |answer: &Answer| (answer.status, answer.content_type.clone(), text(answer));
            let is_alone = mutation == Mutation::SwappedColumns && table.columns.len() == 1;
            let is_about_lists = mutation != Mutation::TruncatedBody && !is_alone;
            assert_eq!(told(&old) != told(&new), is_about_lists, "{host} {}", mutation.as_str());
        }
    }
}

#[test]
fn names_are_different() {
    let mut names: Vec<_> = Mutation::ALL.map(Mutation::as_str).to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 12);
}
