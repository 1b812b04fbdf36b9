//! By what an index finds articles that may tell the same story.

use super::share::{clauses, joined};
use super::title::key;

/// Signs of a shingle.
const SHINGLE: usize = 8;
/// Texts with fewer signs are found by their titles alone.
const LEAST: usize = 60;
/// Marks of a text: two texts that have two thirds of their shingles in common share one of four in
/// 98 of 100 cases, and unrelated ones none.
const MARKS: usize = 4;

/// So many signs of the beginning are a mark of their own: a text that is cut short keeps them.
const LEAD: usize = 40;

/// What an index keeps of an article. Nothing of its words can be read out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    /// Of the title.
    pub title: i64,
    /// Of the text: the smallest of its shingles by several measures, and its beginning; none of a
    /// short text.
    pub marks: Vec<i64>,
}

impl Sketch {
    /// Of an article with this title and text.
    pub fn of(title: &str, text: &str) -> Self {
        let title = number(blake3::hash(key(title).as_bytes()).as_bytes());
        let text: Vec<char> = joined(&clauses(text)).chars().collect();
        if text.len() < LEAST {
            return Self { title, marks: Vec::new() };
        }
        let mut least = [u64::MAX; MARKS];
        for shingle in text.windows(SHINGLE) {
            let hash = shingle.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, c| {
                (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3)
            });
            for (measure, least) in (1..).zip(&mut least) {
                *least = (*least).min(mixed(hash, measure));
            }
        }
        let lead: String = text.iter().take(LEAD).collect();
        let lead = number(blake3::hash(lead.as_bytes()).as_bytes());
        let least = least.iter().map(|mark| mark.cast_signed());
        Self { title, marks: least.chain([lead]).collect() }
    }
}

/// The same hash by another measure (the finaliser of `SplitMix64`).
fn mixed(hash: u64, measure: u64) -> u64 {
    let mut z = hash.wrapping_add(measure.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn number(bytes: &[u8; 32]) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&bytes[..8]);
    i64::from_le_bytes(first)
}
