//! Persons of the operator's roster: whether the post printed with a name is the one that is held on
//! the day of the issue, and whether names stand in their order.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use super::flaw::Flaw;
use super::tables::{Hit, Person, Sign};
use super::{Notes, Tables, around, head, tail};

/// Notes what the roster says of the persons in `text` as of `day`.
pub(super) fn check(text: &str, day: NaiveDate, tables: &Tables, notes: &mut Notes) {
    if tables.persons.is_empty() {
        return;
    }
    let hits = tables.hits(text);
    let posts: Vec<&Hit> = hits.iter().filter(|hit| hit.sign == Sign::Post).collect();
    let mut names: Vec<&Hit> = hits.iter().filter(|hit| hit.sign == Sign::Name).collect();
    // Of names that begin alike the longer one is meant.
    let all = names.clone();
    names.retain(|name| {
        let is_within = |other: &&Hit| {
            other.start <= name.start
                && name.end <= other.end
                && other.end - other.start > name.end - name.start
        };
        !all.iter().any(is_within)
    });
    names.sort_by_key(|name| name.start);
    let scene = Scene { text, day, tables, posts };
    for name in &names {
        scene.post(name, notes);
    }
    scene.order(&names, notes);
}

struct Scene<'t> {
    text: &'t str,
    day: NaiveDate,
    tables: &'t Tables,
    posts: Vec<&'t Hit>,
}

/// Posts as they stand before and behind names, whoever holds them.
static TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(?:常务副|执行副|名誉副|第一副|副|名誉|常务|执行|荣誉)?(?:主席|会长|书记|部长|主任|秘书长|理事长|董事长|总经理|局长|厅长|市长|省长|县长|区长|处长|监事长|组长)")
        .expect("the pattern is valid")
});

/// A title is looked for so many characters before and behind a name.
const NEAR: usize = 8;

impl Scene<'_> {
    /// All entries of a name.
    fn entries(&self, name: &Hit) -> impl Iterator<Item = &Person> {
        let words = &self.text[name.start..name.end];
        self.tables.persons.iter().filter(move |person| person.name == words)
    }

    fn is_current(&self, person: &Person) -> bool {
        person.from.is_none_or(|from| from <= self.day)
            && person.until.is_none_or(|until| self.day <= until)
    }

    /// Compares the post printed with a name.
    fn post(&self, name: &Hit, notes: &mut Notes) {
        let printed = self.known_post(name).or_else(|| self.title(name));
        let Some(Printed { range, post, known }) = printed else { return };
        // 原主席 says itself that the post is not held any more.
        let before = &self.text[..range.start];
        if ["原", "前", "时任", "原任", "曾任"].iter().any(|word| before.ends_with(word)) {
            return;
        }
        let current: Vec<&Person> = self.entries(name).filter(|p| self.is_current(p)).collect();
        if current.iter().any(|person| holds(person, &post)) {
            return;
        }
        let severe = known && self.entries(name).any(|person| person.severe);
        let held: Vec<&str> =
            current.iter().filter_map(|person| person.posts.first()).map(String::as_str).collect();
        let whole = range.start.min(name.start)..range.end.max(name.end);
        let words = around(self.text, whole);
        let outdated = self.entries(name).find(|p| !self.is_current(p) && holds(p, &post));
        match (outdated, held.is_empty()) {
            (Some(past), _) => {
                let day = |day: Option<NaiveDate>| day.map(|d| d.to_string()).unwrap_or_default();
                let span = format!("{} {}—{}", past.posts[0], day(past.from), day(past.until));
                notes.add_as(Flaw::RosterOutdated, &words, &span, severe);
            }
            (None, false) => notes.add_as(Flaw::RosterPost, &words, &held.join("、"), severe),
            // Nothing is known of this day.
            (None, true) => {}
        }
    }

    /// A post of the roster right before the name, or right behind it.
    fn known_post(&self, name: &Hit) -> Option<Printed> {
        let longest = |fits: &dyn Fn(&Hit) -> bool| {
            let near = self.posts.iter().filter(|post| fits(post));
            near.max_by_key(|post| post.end - post.start).copied()
        };
        let before = |post: &Hit| {
            self.text.get(post.end..name.start).is_some_and(|gap| gap.is_empty() || gap == " ")
        };
        let post = longest(&before).or_else(|| longest(&|post| self.is_behind(name, post)))?;
        // A longer post that is not in the roster ends in the same words: 副主席, where 主席 is known.
        let title = self.title_before(post.end).filter(|title| title.start < post.start);
        Some(Printed {
            known: title.is_none(),
            ..self.printed(title.unwrap_or(post.start..post.end))
        })
    }

    /// Whether a post stands behind a name and belongs to it, not to a name that follows.
    fn is_behind(&self, name: &Hit, post: &Hit) -> bool {
        let Some(gap) = self.text.get(name.end..post.start) else { return false };
        let rest = &self.text[post.end..];
        match gap {
            "" => true,
            "（" | "(" => rest.starts_with(['）', ')', '、', '，']),
            "，" => rest.is_empty() || rest.starts_with(['，', '。', '；', '）', '\n']),
            _ => false,
        }
    }

    /// A title right before the name, or right behind it.
    fn title(&self, name: &Hit) -> Option<Printed> {
        if let Some(range) = self.title_before(name.start) {
            return Some(self.printed(range));
        }
        let behind = head(&self.text[name.end..], NEAR);
        let found = TITLE.find(behind).filter(|found| found.start() == 0)?;
        // 张三会长单位 and 张三主任务 are other words.
        let rest = &behind[found.end()..];
        let ends = !rest.starts_with(['单', '务', '团', '办', '会', '处', '室']);
        ends.then(|| self.printed(name.end + found.start()..name.end + found.end()))
    }

    /// The title that ends at `end`.
    fn title_before(&self, end: usize) -> Option<Range<usize>> {
        let before = tail(&self.text[..end], NEAR);
        let offset = end - before.len();
        let found = TITLE.find_iter(before).last().filter(|found| found.end() == before.len())?;
        Some(offset + found.start()..end)
    }

    fn printed(&self, range: Range<usize>) -> Printed {
        Printed { post: self.text[range.clone()].to_owned(), range, known: false }
    }

    /// Compares the order of names that are enumerated.
    fn order(&self, names: &[&Hit], notes: &mut Notes) {
        let mut start = 0;
        while start < names.len() {
            let mut end = start + 1;
            while end < names.len() && self.is_enumerated(names[end - 1], names[end]) {
                end += 1;
            }
            if end - start > 1 {
                self.enumeration(&names[start..end], notes);
            }
            start = end;
        }
    }

    /// Whether nothing but marks and posts stands between two names.
    fn is_enumerated(&self, one: &Hit, next: &Hit) -> bool {
        if next.start < one.end {
            return false;
        }
        let gap = &self.text[one.end..next.start];
        if gap.chars().count() > 40 || gap.contains(['\n', '。', '；', '！', '？']) {
            return false;
        }
        let mut rest = gap.to_owned();
        let mut within: Vec<&str> = self
            .posts
            .iter()
            .filter(|post| one.end <= post.start && post.end <= next.start)
            .map(|post| &self.text[post.start..post.end])
            .collect();
        within.sort_by_key(|post| std::cmp::Reverse(post.len()));
        for post in within {
            rest = rest.replace(post, "");
        }
        let rest = TITLE.replace_all(&rest, "");
        !gap.is_empty() && rest.chars().all(|c| "、，和与及以 \u{3000}（）()".contains(c))
    }

    fn enumeration(&self, names: &[&Hit], notes: &mut Notes) {
        let rank = |name: &Hit| {
            self.entries(name).filter(|p| self.is_current(p)).filter_map(|p| p.rank).min()
        };
        let range = names[0].start..names[names.len() - 1].end;
        let sentence = self.sentence(&range);
        if ["笔画", "笔划", "排名不分", "按姓氏", "音序"].iter().any(|mark| sentence.contains(mark))
        {
            return;
        }
        let mut ranked: Vec<(u32, &str)> = names
            .iter()
            .filter_map(|name| Some((rank(name)?, &self.text[name.start..name.end])))
            .collect();
        if ranked.is_sorted_by_key(|(rank, _)| *rank) {
            return;
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        let right: Vec<&str> = ranked.into_iter().map(|(_, name)| name).collect();
        notes.add(Flaw::RosterOrder, &self.text[range], &right.join("、"));
    }

    /// The line around `range`.
    fn sentence(&self, range: &Range<usize>) -> &str {
        let start = self.text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[range.end..].find('\n').map_or(self.text.len(), |at| range.end + at);
        &self.text[start..end]
    }
}

/// A post as it is printed.
struct Printed {
    range: Range<usize>,
    post: String,
    /// True where the roster has it in these words; a title alone may be that of another office.
    known: bool,
}

/// Whether a person holds the post in these words: as the roster has it, or its title alone.
fn holds(person: &Person, post: &str) -> bool {
    let title = |words: &str| TITLE.find_iter(words).last().map(|found| found.as_str().to_owned());
    let is_title = TITLE.find(post).is_some_and(|found| found.as_str() == post);
    person.posts.iter().any(|known| {
        let parts = known.split(['、', '，', ' ']);
        known == post || (is_title && parts.filter_map(title).any(|own| own == post))
    })
}
