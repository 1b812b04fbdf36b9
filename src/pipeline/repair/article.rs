//! Rules for article pages: field by field, as far as today's do not find what is known.

use crate::config::{Column, Config, Setting, Site, Wanted};
use crate::extract::{self, ArticleRule};
use crate::model::{Item, Link, Page};
use crate::normalize::{self, Naming};
use crate::pipeline::article::placed;
use crate::pipeline::aside::aside;
use crate::pipeline::naming;
use crate::problem::Fault;
use crate::repair::{self, ArticleLook, KnownArticle, Way, is_same_title, likeness};
use crate::text::{alternative::Alternative, charset, date, dom};

use super::{ENOUGH, written};

/// How much a body must have in common with the known one, of 1.
const ALIKE: f64 = 0.9;

/// What a rule found again on article pages, field by field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArticleScore {
    /// Articles of which every field is as known.
    pub right: usize,
    /// Articles that were read.
    pub of: usize,
    /// Those with the known title.
    pub title: usize,
    /// Those with the known day.
    pub posted: usize,
    /// Those with the known source.
    pub credit: usize,
    /// Those with the known body, nine tenths of it at least.
    pub body: usize,
}

impl ArticleScore {
    /// 0 to 1: the share of articles that are as known.
    pub fn share(&self) -> f64 {
        if self.of == 0 { 0.0 } else { self.right as f64 / self.of as f64 }
    }

    fn field(&self, field: Field) -> usize {
        match field {
            Field::Body => self.body,
            Field::Title => self.title,
            Field::Posted => self.posted,
            Field::Credit => self.credit,
        }
    }
}

/// What was found on the article pages.
#[derive(Clone, Debug, Default)]
pub struct ArticleFinding {
    /// Articles whose page shows most of the known text, whatever the rules.
    pub shown: usize,
    /// Why further pages could not be read.
    pub faults: Vec<Fault>,
    /// What today's rule finds.
    pub before: ArticleScore,
    /// What the best other rule finds; `None` where today's is the best.
    pub better: Option<ArticleScore>,
}

impl ArticleFinding {
    /// What the best rule finds.
    pub fn after(&self) -> ArticleScore {
        self.better.unwrap_or(self.before)
    }
}

/// The pages of known items, each with its item and the title as it was listed.
#[derive(Default)]
pub(super) struct Samples {
    pub(super) pages: Vec<(Page, Item, String)>,
    pub(super) faults: Vec<Fault>,
}

/// The finding with the best rule, and how a column says it.
pub(super) struct Found {
    pub(super) finding: ArticleFinding,
    pub(super) rule: ArticleRule,
    pub(super) settings: Vec<Setting>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Body,
    Title,
    Posted,
    Credit,
}

impl Field {
    /// All of them; the body first, since the others are looked for around it.
    const ALL: [Self; 4] = [Self::Body, Self::Title, Self::Posted, Self::Credit];

    fn key(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Title => "title",
            Self::Posted => "posted",
            Self::Credit => "credit",
        }
    }

    fn of(self, rule: &mut ArticleRule) -> &mut Vec<Alternative> {
        match self {
            Self::Body => &mut rule.body,
            Self::Title => &mut rule.title,
            Self::Posted => &mut rule.posted,
            Self::Credit => &mut rule.credit,
        }
    }

    fn ways(self, look: &ArticleLook) -> &[Way] {
        match self {
            Self::Body => &look.body,
            Self::Title => &look.title,
            Self::Posted => &look.posted,
            Self::Credit => &look.credit,
        }
    }
}

/// A decoded page with its item.
struct Sample {
    page: Page,
    text: String,
    item: Item,
    listed: String,
    /// The known day is printed on the page.
    dated: bool,
}

/// Looks for the best rule on the pages of `samples`, on a thread of its own.
pub(super) async fn find(samples: Samples, site: &Site, column: &Column, config: &Config) -> Found {
    let trial = (naming(config, site), column.clone());
    let present = column.article.clone();
    let Samples { pages, faults } = samples;
    let count = pages.len();
    let task = aside(move || {
        let (naming, column) = trial;
        let samples: Vec<Sample> = pages.into_iter().filter_map(Sample::of).collect();
        Trial { samples, naming, column }.best()
    });
    match task.await {
        Ok(mut found) => {
            found.finding.faults = faults;
            found
        }
        Err(_) => {
            let before = ArticleScore { of: count, ..ArticleScore::default() };
            let finding = ArticleFinding { faults, before, ..ArticleFinding::default() };
            Found { finding, rule: present, settings: Vec::new() }
        }
    }
}

impl Sample {
    fn of((page, item, listed): (Page, Item, String)) -> Option<Self> {
        let text = charset::text(&page.body, page.content_type.as_deref()).ok()?;
        let shown = dom::parse(&text).map(|document| dom::visible_text(&document.root()));
        let dates = date::find_all(&shown.unwrap_or_default(), Some(page.fetched));
        let day = item.posted.map(|posted| posted.date());
        let dated = dates.iter().any(|found| Some(found.posted.date()) == day);
        Some(Self { page, text, item, listed, dated })
    }

    fn known(&self) -> KnownArticle {
        KnownArticle {
            html: self.text.clone(),
            title: self.item.title.clone(),
            day: self.item.posted.map(|posted| posted.date()),
            credit: self.item.credit.clone(),
            text: self.item.text.clone(),
            seen: Some(self.page.fetched),
        }
    }
}

/// The pages at hand, and how items are made of them.
struct Trial {
    samples: Vec<Sample>,
    naming: Naming,
    column: Column,
}

impl Trial {
    fn best(&self) -> Found {
        let mut rule = self.column.article.clone();
        let before = self.score(&rule);
        let mut finding = ArticleFinding { before, ..ArticleFinding::default() };
        let known: Vec<KnownArticle> = self.samples.iter().map(Sample::known).collect();
        let look = repair::article(&known).unwrap_or_default();
        finding.shown = look.shown;
        let mut settings = Vec::new();
        let mut best = before;
        for field in Field::ALL {
            if best.field(field) < best.of
                && let Some((wanted, tried, score)) = self.improved(&rule, best, field, &look)
            {
                settings.push(Setting { table: Some("article"), key: field.key(), wanted });
                (rule, best) = (tried, score);
            }
        }
        if best.share() > before.share() {
            finding.better = Some(best);
        }
        if finding.better.is_none() || best.share() < ENOUGH {
            return Found { finding, rule: self.column.article.clone(), settings: Vec::new() };
        }
        Found { finding, rule, settings }
    }

    /// `rule` with the one way to `field` that finds it on most pages, if on more than `rule` does;
    /// no way at all before any.
    fn improved(
        &self,
        rule: &ArticleRule,
        now: ArticleScore,
        field: Field,
        look: &ArticleLook,
    ) -> Option<(Wanted, ArticleRule, ArticleScore)> {
        let nothing = (!field.of(&mut rule.clone()).is_empty()).then_some(None);
        let ways = nothing.into_iter().chain(field.ways(look).iter().map(Some));
        let mut best: Option<(Wanted, ArticleRule, ArticleScore)> = None;
        for way in ways {
            let mut tried = rule.clone();
            *field.of(&mut tried) =
                way.and_then(|way| way.alternative().ok()).into_iter().collect();
            let score = self.score(&tried);
            let least = best.as_ref().map_or(now, |(_, _, score)| *score);
            let worth = |score: &ArticleScore| (score.field(field), score.right);
            if worth(&score) > worth(&least) {
                best = Some((way.map_or(Wanted::Nothing, written), tried, score));
            }
        }
        best
    }

    fn score(&self, rule: &ArticleRule) -> ArticleScore {
        let mut score = ArticleScore { of: self.samples.len(), ..ArticleScore::default() };
        for sample in &self.samples {
            let read =
                extract::read(&sample.text, &sample.page.url, Some(sample.page.fetched), rule);
            let Ok(article) = read else { continue };
            let item = &sample.item;
            let link = Link {
                url: sample.page.requested.clone(),
                title: sample.listed.clone(),
                posted: item.posted,
            };
            let untold = article.posted.is_none() && sample.dated;
            let (id, now) = (&self.column.id, sample.page.fetched);
            let draft = normalize::draft(&article, Some(&link), id, &self.naming, &[], now);
            let draft = placed(draft, &self.column);
            let day = |posted: Option<crate::model::Posted>| posted.map(|posted| posted.date());
            let title = is_same_title(&draft.title, &item.title);
            let posted = day(draft.posted) == day(item.posted) && !untold;
            let credit = match (&draft.credit, &item.credit) {
                (Some(found), Some(known)) => is_same_title(found, known),
                (found, known) => known.is_none() || found.is_some() == known.is_some(),
            };
            let body = likeness(&draft.body.text, &item.text) >= ALIKE;
            score.title += usize::from(title);
            score.posted += usize::from(posted);
            score.credit += usize::from(credit);
            score.body += usize::from(body);
            score.right += usize::from(title && posted && credit && body);
        }
        score
    }
}
