//! Twelve ways in which a site changes so that its column is read wrongly or not at all.
//!
//! In: a site at one moment, what is asked, what it would answer; out: what it answers after the
//! change. Pure, and made of the site's own pages, so that it works for any site whose table says
//! which pages are lists and what a row looks like.

mod date;
mod page;

use encoding_rs::UTF_8;
use regex::Regex;
use url::Url;

use super::scene::{Answer, Body, LIVELY_ROWS, Scene};
use super::table::{Asked, Role, Table};

/// A change of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutation {
    /// A new template: every class and id has another name, lists and headings are other elements.
    RenamedClasses,
    /// Lists keep their frame and have no rows.
    EmptyList,
    /// Lists answer 200 with a page of the site that speaks of an error.
    ErrorPage,
    /// Lists and articles lead to the front page.
    RedirectHome,
    /// A column's address shows the list of the next column.
    SwappedColumns,
    /// Every page answers 200 with a form that wants a name and a password.
    LoginPage,
    /// Articles end after their first sentence.
    TruncatedBody,
    /// Lists and articles print their dates in another form; which, depends on the host.
    DateFormat,
    /// Every page says that it is in another charset than it is.
    CharsetFlip,
    /// Lists show the frame of the site and nothing in it.
    NavigationOnly,
    /// Every page is a shell that a script fills.
    ScriptShell,
    /// Lists are those of some time ago.
    StaleCache,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::RenamedClasses,
        Self::EmptyList,
        Self::ErrorPage,
        Self::RedirectHome,
        Self::SwappedColumns,
        Self::LoginPage,
        Self::TruncatedBody,
        Self::DateFormat,
        Self::CharsetFlip,
        Self::NavigationOnly,
        Self::ScriptShell,
        Self::StaleCache,
    ];

    /// Its name in reports of tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RenamedClasses => "renamed-classes",
            Self::EmptyList => "empty-list",
            Self::ErrorPage => "error-page",
            Self::RedirectHome => "redirect-home",
            Self::SwappedColumns => "swapped-columns",
            Self::LoginPage => "login-page",
            Self::TruncatedBody => "truncated-body",
            Self::DateFormat => "date-format",
            Self::CharsetFlip => "charset-flip",
            Self::NavigationOnly => "navigation-only",
            Self::ScriptShell => "script-shell",
            Self::StaleCache => "stale-cache",
        }
    }

    /// What `scene` answers after the change, where it would answer `plain`.
    pub(super) fn answer(self, scene: Scene<'_>, asked: Asked<'_>, plain: Answer) -> Answer {
        let Some(text) = plain.page() else { return plain };
        let (table, role) = (scene.table, plain.role);
        let is_list = matches!(role, Role::List { .. });
        let of_list = |change: &dyn Fn(&str) -> Option<String>| match is_list {
            true => change(text),
            false => None,
        };
        let changed = match self {
            Self::RenamedClasses => Some(page::renamed(text, table, is_list)),
            Self::EmptyList => of_list(&|text| Some(without_rows(text, table))),
            Self::ErrorPage => of_list(&|text| page::framed(text, table, page::ERROR)),
            Self::NavigationOnly => of_list(&|text| page::framed(text, table, "")),
            Self::SwappedColumns => return swapped(scene, asked, plain),
            Self::StaleCache => of_list(&|text| stale(scene, asked, text)),
            Self::TruncatedBody if role == Role::Article => page::truncated(text),
            Self::DateFormat if role != Role::Home => {
                let form = date::Form::of(&table.host);
                Some(date::printed(text, table, is_list, form, scene.moment.now()))
            }
            Self::CharsetFlip => return flipped(plain, &table.host),
            Self::LoginPage => return foreign(plain, page::login(&table.host)),
            Self::ScriptShell => return foreign(plain, page::shell(&title_of_home(scene))),
            Self::RedirectHome if role != Role::Home => {
                let location = Some("/".to_owned());
                return Answer { status: 302, location, body: Body::Text(String::new()), ..plain };
            }
            Self::TruncatedBody | Self::DateFormat | Self::RedirectHome => None,
        };
        match changed {
            Some(text) => Answer { body: Body::Text(text), ..plain },
            None => plain,
        }
    }
}

/// The rows of `text`, which is a list.
fn rows<'a>(text: &'a str, table: &Table) -> Vec<&'a str> {
    table.row.iter().flat_map(|row| row.find_iter(text)).map(|row| row.as_str()).collect()
}

fn without_rows(text: &str, table: &Table) -> String {
    with_rows(text, table, "")
}

/// `text` with `new` in place of its rows.
fn with_rows(text: &str, table: &Table, new: &str) -> String {
    let Some(row) = &table.row else { return text.to_owned() };
    let mut is_first = true;
    let fill = |_: &regex::Captures<'_>| {
        if std::mem::take(&mut is_first) { new.to_owned() } else { String::new() }
    };
    row.replace_all(text, fill).into_owned()
}

/// The first page of the next column's list; a site with one column goes on showing that.
fn swapped(scene: Scene<'_>, asked: Asked<'_>, plain: Answer) -> Answer {
    let Role::List { column, page: 0 } = plain.role else { return plain };
    let columns = &scene.table.columns;
    let next = &columns[(column + 1) % columns.len()][0];
    let other = scene.answer(Asked { path: next, form: None });
    let text = other.as_ref().and_then(|other| other.page());
    match text {
        Some(text) => {
            let text = from_elsewhere(text, &scene.table.host, next, asked.path);
            Answer { body: Body::Text(text), ..plain }
        }
        None => plain,
    }
}

/// A page of `from` with its relative addresses written so that they hold at `to` as well.
fn from_elsewhere(text: &str, host: &str, from: &str, to: &str) -> String {
    let relative = regex(r#"(href|src)=(["']?)(\.{1,2}/[^"'\s>]*)"#);
    let base = Url::parse(&format!("http://{host}{from}"));
    let (Ok(base), true) = (base, from != to) else { return text.to_owned() };
    let whole = |found: &regex::Captures<'_>| match base.join(&found[3]) {
        Ok(url) => format!("{}={}{}", &found[1], &found[2], url.path()),
        Err(_) => found[0].to_owned(),
    };
    relative.replace_all(text, whole).into_owned()
}

/// The list before the newest articles came, with the older ones that stood there then.
fn stale(scene: Scene<'_>, asked: Asked<'_>, text: &str) -> Option<String> {
    let table = scene.table;
    let response = table.response(asked)?;
    let Role::List { column, page } = response.role else { return None };
    let before = Scene { moment: scene.moment.before(LIVELY_ROWS), ..scene };
    let earlier = before.answer(asked)?;
    let earlier = earlier.page()?;
    if rows(earlier, table) != rows(text, table) {
        return Some(earlier.to_owned());
    }
    let kept = rows(text, table);
    let gone = kept.len() / 2;
    let mut all: Vec<String> = kept[gone..].iter().map(|row| (*row).to_owned()).collect();
    let older = table.columns[column].get(page + 1);
    if let Some(path) = older
        && let Some(answer) = scene.answer(Asked { path, form: None })
        && let Some(text) = answer.page()
    {
        let text = from_elsewhere(text, &table.host, path, asked.path);
        all.extend(rows(&text, table).into_iter().take(gone).map(str::to_owned));
    }
    Some(with_rows(text, table, &all.join("\n")))
}

/// The page as it is, with the name of another charset in its head and its header.
fn flipped(plain: Answer, host: &str) -> Answer {
    let Some(text) = plain.page() else { return plain };
    let label = match (plain.charset == UTF_8, is_odd(host)) {
        (false, _) => "utf-8",
        (true, true) => "big5",
        (true, false) => "gb2312",
    };
    let declared = regex(r#"(?i)(<meta[^>]*charset\s*=\s*["']?)[\w-]+"#);
    let text = declared.replace(text, format!("${{1}}{label}")).into_owned();
    let content_type = format!("text/html; charset={label}");
    Answer { body: Body::Text(text), content_type, ..plain }
}

/// A page of another system in place of the site's own.
fn foreign(plain: Answer, text: String) -> Answer {
    let content_type = "text/html; charset=utf-8".to_owned();
    Answer { status: 200, body: Body::Text(text), content_type, charset: UTF_8, ..plain }
}

fn title_of_home(scene: Scene<'_>) -> String {
    let home = scene.answer(Asked { path: "/", form: None });
    let text = home.as_ref().and_then(|home| home.page()).unwrap_or_default();
    let title = regex("(?is)<title>(.*?)</title>").captures(text);
    title.map_or_else(|| scene.table.host.clone(), |title| title[1].trim().to_owned())
}

/// Half of all hosts.
fn is_odd(host: &str) -> bool {
    blake3::hash(host.as_bytes()).as_bytes()[0] % 2 == 1
}

fn regex(text: &str) -> Regex {
    Regex::new(text).expect("a literal that is a regular expression")
}

#[cfg(test)]
mod tests;
