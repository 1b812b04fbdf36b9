//! The sites of a world and what they print: all that is true there.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::dice::Dice;
use super::faults::Fault;

/// Rows of a list at most.
const ROWS: usize = 20;

/// How a site is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// UTF-8, meta tags, `ETag`.
    Trs,
    /// GBK under another name, queries, `Last-Modified`.
    Asp,
    /// UTF-8, no validators.
    Plain,
}

/// How a site says that an article is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    NotFound,
    Removed,
    /// A page with status 200 that says so.
    Notice,
}

/// One wording of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) title: String,
    pub(super) paragraphs: Vec<String>,
}

/// An article and all that ever stood there.
#[derive(Clone, Debug)]
pub(super) struct Article {
    pub(super) number: usize,
    pub(super) path: String,
    /// The last one stands there now.
    pub(super) versions: Vec<Version>,
    /// Places of its columns among those of its site.
    pub(super) columns: Vec<usize>,
    pub(super) posted: NaiveDate,
    pub(super) credit: String,
    /// The number of the article of the first site that it was taken over from.
    pub(super) reprints: Option<usize>,
    pub(super) gone: Option<Gone>,
    /// Whether it was ever gone.
    pub(super) was_gone: bool,
    pub(super) pinned: bool,
    pub(super) has_picture: bool,
}

/// A site.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) host: &'static str,
    pub(super) style: Style,
    pub(super) columns: &'static [&'static str],
    pub(super) articles: Vec<Article>,
    /// What is wrong with it, and for how many steps.
    pub(super) fault: Option<(Fault, usize)>,
    /// Steps until something may be wrong again.
    pub(super) calm: usize,
}

/// All sites, and the time.
#[derive(Clone, Debug)]
pub(super) struct Sites {
    pub(super) now: DateTime<Utc>,
    pub(super) sites: Vec<Site>,
    dice: Dice,
}

impl Sites {
    /// The sites at the beginning, each with some articles.
    pub(super) fn new(seed: u64, now: DateTime<Utc>) -> Self {
        let site = |id, name, host, style, columns| Site {
            id,
            name,
            host,
            style,
            columns,
            articles: Vec::new(),
            fault: None,
            calm: 2,
        };
        let sites = vec![
            site("sheng", "示例省工商联", "sheng.test", Style::Trs, &["yw", "gg"]),
            site("shi", "示例市工商联", "shi.test", Style::Asp, &["xw", "zt"]),
            site("xian", "示例县工商联", "xian.test", Style::Plain, &["dt"]),
        ];
        let mut sites = Self { now, sites, dice: Dice::of(seed, "sites") };
        for at in 0..sites.sites.len() {
            for age in [9, 7, 4, 2, 1] {
                sites.write(at, age);
            }
        }
        sites
    }

    /// Time passes, and things happen.
    pub(super) fn pass(&mut self, time: TimeDelta, calm: bool) {
        self.now += time;
        for at in 0..self.sites.len() {
            self.befall(at, calm);
            if !calm {
                self.edit(at);
            }
        }
    }

    /// Something may go wrong with a site, or be over.
    fn befall(&mut self, at: usize, calm: bool) {
        let site = &mut self.sites[at];
        site.fault = site
            .fault
            .take()
            .filter(|_| !calm)
            .and_then(|(fault, steps)| (steps > 1).then(|| (fault, steps - 1)));
        if site.fault.is_some() || calm {
            return;
        }
        if site.calm > 0 {
            site.calm -= 1;
        } else if self.dice.one_in(5) {
            let fault = self.dice.pick(&Fault::ALL);
            let steps = 1 + self.dice.below(4);
            site.fault = Some((fault, steps));
            site.calm = 2;
        }
    }

    /// The editors of a site work.
    fn edit(&mut self, at: usize) {
        for _ in 0..self.dice.pick(&[0, 0, 0, 1, 1, 2]) {
            let age = if self.dice.one_in(6) { 1 + self.dice.below(6) as u64 } else { 0 };
            self.write(at, age);
        }
        if self.dice.one_in(6) {
            self.rewrite(at);
        }
        if self.dice.one_in(9) {
            self.take_back(at);
        }
        if self.dice.one_in(12) {
            let pinned = self.dice.below(self.sites[at].articles.len());
            let article = &mut self.sites[at].articles[pinned];
            article.pinned = !article.pinned;
        }
        if self.dice.one_in(25) {
            let lost = self.sites[at].articles.iter_mut().find(|article| article.gone.is_some());
            if let Some(article) = lost {
                article.gone = None;
            }
        }
    }

    /// A new article, printed as so many days old.
    fn write(&mut self, at: usize, age: u64) {
        let number = 1000 + 7 * self.sites[at].articles.len();
        let posted = (self.now + TimeDelta::hours(8)).date_naive() - Days::new(age);
        let (version, credit, reprints) = self.wording(at);
        let site = &self.sites[at];
        let path = match site.style {
            Style::Trs => {
                format!("/yw/{}/t{}_{number}.html", posted.format("%Y%m"), posted.format("%Y%m%d"))
            }
            Style::Asp => format!("/show.asp?id={number}"),
            Style::Plain => format!("/news/content_{number}.html"),
        };
        let all = site.columns.len();
        let first = self.dice.below(all);
        let columns = if all > 1 && self.dice.one_in(4) { (0..all).collect() } else { vec![first] };
        let article = Article {
            number,
            path,
            versions: vec![version],
            columns,
            posted,
            credit,
            reprints,
            gone: None,
            was_gone: false,
            pinned: false,
            has_picture: self.dice.one_in(4),
        };
        self.sites[at].articles.push(article);
    }

    /// What a new article says, and whom it names: the site itself, or another one that it was taken
    /// over from.
    fn wording(&mut self, at: usize) -> (Version, String, Option<usize>) {
        if at > 0 && self.dice.one_in(5) {
            let from = &self.sites[0];
            let choices: Vec<&Article> =
                from.articles.iter().filter(|article| article.gone.is_none()).collect();
            if let Some(article) = choices.last() {
                let version = article.versions.last().unwrap().clone();
                return (version, from.name.to_owned(), Some(article.number));
            }
        }
        let title = words(&mut self.dice, 14);
        let count = 3;
        let paragraphs = (0..count).map(|_| paragraph(&mut self.dice)).collect();
        (Version { title, paragraphs }, self.sites[at].name.to_owned(), None)
    }

    /// An article gets another wording: its title, or a paragraph.
    fn rewrite(&mut self, at: usize) {
        let shown = self.sites[at].listed_anywhere();
        if shown.is_empty() {
            return;
        }
        let which = self.dice.pick(&shown);
        let mut version = self.sites[at].articles[which].versions.last().unwrap().clone();
        if self.dice.one_in(2) {
            version.title = words(&mut self.dice, 14);
        }
        version.paragraphs[1] = paragraph(&mut self.dice);
        self.sites[at].articles[which].versions.push(version);
    }

    /// An article is taken away, in the middle of a list more often than not.
    fn take_back(&mut self, at: usize) {
        let shown = self.sites[at].listed_anywhere();
        if shown.len() < 6 {
            return;
        }
        let which = self.dice.pick(&shown[1..5]);
        let how = self.dice.pick(&[Gone::NotFound, Gone::Removed, Gone::Notice]);
        let article = &mut self.sites[at].articles[which];
        (article.gone, article.was_gone) = (Some(how), true);
    }
}

impl Site {
    /// The places of the articles that the list of a column shows, in its order.
    pub(super) fn listed(&self, column: usize) -> Vec<usize> {
        let mut shown: Vec<usize> = (0..self.articles.len())
            .filter(|&at| self.articles[at].gone.is_none())
            .filter(|&at| self.articles[at].columns.contains(&column))
            .collect();
        shown.sort_by_key(|&at| {
            let article = &self.articles[at];
            std::cmp::Reverse((article.pinned, article.posted, article.number))
        });
        shown.truncate(ROWS);
        shown
    }

    fn listed_anywhere(&self) -> Vec<usize> {
        let mut all: Vec<usize> =
            (0..self.columns.len()).flat_map(|column| self.listed(column)).collect();
        all.sort_unstable_by_key(|&at| std::cmp::Reverse(self.articles[at].number));
        all.dedup();
        all
    }

    /// The article at a path.
    pub(super) fn article(&self, path: &str) -> Option<&Article> {
        self.articles.iter().find(|article| article.path == path)
    }
}

/// Characters that say nothing, so that no two texts are alike by chance.
const CHARACTERS: &str = "春江花月夜山水云天风雨雪霜松竹梅兰菊桃李杏柳杨桂枫林泉溪湖海河川原野田园村镇桥亭楼阁\
    琴棋书画诗酒茶香红橙黄绿青蓝紫金银铜铁锡东西南北左右前后上下内外高低远近长短宽窄轻重快慢冷暖明暗朝暮晨昏";

fn words(dice: &mut Dice, count: usize) -> String {
    let characters: Vec<char> = CHARACTERS.chars().filter(|c| !c.is_whitespace()).collect();
    (0..count).map(|_| dice.pick(&characters)).collect()
}

fn paragraph(dice: &mut Dice) -> String {
    let clauses: Vec<String> = (0..3).map(|_| words(dice, 12)).collect();
    format!("{}。", clauses.join("，"))
}
