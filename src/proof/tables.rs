//! The operator's own tables: persons with their posts, phrases that must be whole, words that are
//! mistaken for others, words that are not wanted. `proof/example.toml` shows how they are written.

mod read;

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use chrono::NaiveDate;
use regex::Regex;

use crate::model::Both;

/// The operator's tables, ready for looking things up.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub(super) persons: Vec<Person>,
    pub(super) phrases: Vec<Phrase>,
    pub(super) pairs: Vec<Pair>,
    pub(super) words: Vec<Word>,
    /// Everything that is looked for, at once; `None` where there is nothing.
    signs: Option<Arc<Signs>>,
}

/// A person in a post, for a time. Somebody with two posts has two entries.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) name: String,
    /// The post as it is printed, and other forms of it.
    pub(super) posts: Vec<String>,
    /// The place in an enumeration; smaller comes first.
    pub(super) rank: Option<u32>,
    pub(super) from: Option<NaiveDate>,
    /// The last day.
    pub(super) until: Option<NaiveDate>,
    pub(super) severe: bool,
}

/// A phrase that must be whole.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    pub(super) whole: String,
    /// Parts of it; where one of them stands, all of it must stand.
    pub(super) signs: Vec<String>,
    /// Other forms that are right too.
    pub(super) also: Vec<String>,
    pub(super) severe: bool,
}

/// A word that is easily written for another.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) wrong: String,
    pub(super) right: String,
    /// It is wrong only where this stands around it.
    pub(super) near: Option<Regex>,
    /// It is right where this stands around it.
    pub(super) unless: Option<Regex>,
    pub(super) severe: bool,
}

/// A word that is not wanted.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) word: String,
    pub(super) why: String,
    pub(super) severe: bool,
}

/// What a sign stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// The name of persons.
    Name,
    /// The post of somebody.
    Post,
    Phrase(usize),
    Pair(usize),
    Word(usize),
}

#[derive(Debug)]
struct Signs {
    automaton: AhoCorasick,
    /// What each pattern of the automaton stands for.
    meanings: Vec<Vec<Sign>>,
}

/// Something that was looked for, where it stands.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) sign: Sign,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Hits in one text at most.
const MOST_HITS: usize = 4_000;

impl Tables {
    /// The tables in the TOML `text`, or every fault with its line, from 1.
    pub fn parse(text: &str) -> Result<Self, Vec<(usize, Both)>> {
        let mut tables = read::read(text)?;
        tables.prepare().map_err(|what| vec![(1, what)])?;
        Ok(tables)
    }

    /// These tables and those of another file.
    pub fn and(mut self, other: Self) -> Self {
        self.persons.extend(other.persons);
        self.phrases.extend(other.phrases);
        self.pairs.extend(other.pairs);
        self.words.extend(other.words);
        // Each was ready by itself, so only the sum of both can be too much, and then the first
        // stays as it was.
        let _ = self.prepare();
        self
    }

    /// True where nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.signs.is_none()
    }

    /// Everything that is looked for and stands in `text`, in the order of its ends.
    pub(super) fn hits(&self, text: &str) -> Vec<Hit> {
        let Some(signs) = &self.signs else { return Vec::new() };
        let found = signs.automaton.find_overlapping_iter(text).flat_map(|found| {
            let meanings = &signs.meanings[found.pattern().as_usize()];
            let (start, end) = (found.start(), found.end());
            meanings.iter().map(move |&sign| Hit { sign, start, end })
        });
        found.take(MOST_HITS).collect()
    }

    /// Makes one automaton of all that is looked for.
    fn prepare(&mut self) -> Result<(), Both> {
        let mut all: Vec<(String, Sign)> = Vec::new();
        for person in &self.persons {
            all.push((person.name.clone(), Sign::Name));
            all.extend(person.posts.iter().map(|post| (post.clone(), Sign::Post)));
        }
        for (place, phrase) in self.phrases.iter().enumerate() {
            all.extend(phrase.signs.iter().map(|sign| (sign.clone(), Sign::Phrase(place))));
        }
        let pairs = self.pairs.iter().enumerate();
        all.extend(pairs.map(|(place, pair)| (pair.wrong.clone(), Sign::Pair(place))));
        let words = self.words.iter().enumerate();
        all.extend(words.map(|(place, word)| (word.word.clone(), Sign::Word(place))));
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let mut patterns: Vec<String> = Vec::new();
        let mut meanings: Vec<Vec<Sign>> = Vec::new();
        for (pattern, sign) in all {
            match meanings.last_mut().filter(|_| patterns.last() == Some(&pattern)) {
                Some(known) if known.contains(&sign) => {}
                Some(known) => known.push(sign),
                None => {
                    patterns.push(pattern);
                    meanings.push(vec![sign]);
                }
            }
        }
        if patterns.is_empty() {
            self.signs = None;
            return Ok(());
        }
        let automaton = AhoCorasick::new(&patterns).map_err(|error| {
            Both::new(format!("词表过大：{error}"), format!("the tables are too large: {error}"))
        })?;
        self.signs = Some(Arc::new(Signs { automaton, meanings }));
        Ok(())
    }
}
