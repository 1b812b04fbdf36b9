//! What the webmaster of a site wants to know of it: faults that were met while it was read.

use chrono::NaiveDate;
use url::Url;

use super::{ColumnId, SiteId};

macro_rules! defects {
    ($($variant:ident $code:literal $doc:literal,)*) => {
        /// A kind of fault of a website.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Defect { $(#[doc = $doc] $variant,)* }

        impl Defect {
            /// All of them, in the order in which they are told.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The kind as the store and tables have it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The kind with this code.
            pub fn from_code(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|defect| defect.as_str() == text)
            }
        }
    };
}

defects! {
    DeadLink "dead-link" "A list names an article that is not there: 404, 410, or a page that says so.",
    Astray "astray" "The address of an article leads to another page.",
    ServerError "server-error" "The site answered with another error status.",
    Unreached "unreached" "No answer came, or not all of it.",
    Empty "empty-page" "A page of an article has no title or no text.",
    File "broken-file" "A picture or attachment could not be fetched, or is none.",
    Vanished "vanished" "An article that was published is gone.",
    DateDiffers "date-differs" "List and article print different days.",
    DateAhead "date-ahead" "An article is dated in the future.",
    Undated "undated" "An article has no date, and neither has its row.",
    NoCredit "no-credit" "An article names no source.",
    Silent "silent-column" "A column has had nothing new for longer than is usual for it.",
    Down "down" "The site could not be read.",
}

/// A fault met by one run, as it is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blemish {
    /// Its kind.
    pub defect: Defect,
    /// What is at fault.
    pub url: Url,
    /// Its title in the list, where that has one.
    pub title: String,
    /// What was found, one line.
    pub detail: String,
}

/// A fault within a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub defect: Defect,
    /// In which column; `None` for files, which articles of several columns may show.
    pub column: Option<ColumnId>,
    /// What is at fault, where that has an address.
    pub url: Option<Url>,
    /// Its title.
    pub title: String,
    /// What was found.
    pub detail: String,
    /// The first day on which it was met in that month.
    pub first: NaiveDate,
    /// The last one.
    pub last: NaiveDate,
    /// How often.
    pub count: u64,
}

/// How a column did in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnQuality {
    /// Which.
    pub column: ColumnId,
    /// Its name for people.
    pub name: String,
    /// Articles that came in that month.
    pub new: u64,
    /// The day of its newest article up to the end of the month.
    pub last: Option<NaiveDate>,
    /// How often its list was read in that month.
    pub runs: u64,
    /// How often that failed.
    pub failed: u64,
    /// Hours in which it failed and never worked.
    pub hours_down: u64,
}

/// How a site did in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteQuality {
    /// Which.
    pub site: SiteId,
    /// Its name for people.
    pub name: String,
    /// Its columns.
    pub columns: Vec<ColumnQuality>,
    /// Its faults, by kind.
    pub findings: Vec<Finding>,
}

impl SiteQuality {
    /// How many faults of a kind there are.
    pub fn count(&self, defect: Defect) -> usize {
        self.findings.iter().filter(|finding| finding.defect == defect).count()
    }
}

/// When a column that had articles on these `days`, oldest first, has been silent for longer than is
/// usual for it, on `today`: the days since the last one. Two articles are no rhythm.
pub fn silent_days(days: &[NaiveDate], today: NaiveDate) -> Option<i64> {
    /// What is silent for no longer is never remarkable.
    const LEAST: i64 = 14;
    let last = *days.last()?;
    let silent = (today - last).num_days();
    let mut gaps: Vec<i64> = days.windows(2).map(|two| (two[1] - two[0]).num_days()).collect();
    if gaps.len() < 3 {
        return None;
    }
    gaps.sort_unstable();
    // Nine in ten pauses were no longer than this.
    let usual = gaps[(gaps.len() * 9 / 10).min(gaps.len() - 1)];
    (silent > LEAST.max(usual + usual / 2)).then_some(silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn silence_is_measured_by_what_is_usual() {
        let weekly: Vec<NaiveDate> =
            (0..20).map(|n| day("2026-01-05") + chrono::TimeDelta::days(7 * n)).collect();
        let last = *weekly.last().unwrap();
        let after = |days: i64| silent_days(&weekly, last + chrono::TimeDelta::days(days));
        assert_eq!(after(14), None);
        assert_eq!(after(15), Some(15));
        let yearly = [day("2023-03-01"), day("2024-03-02"), day("2025-03-01"), day("2026-03-03")];
        assert_eq!(silent_days(&yearly, day("2026-12-31")), None);
        assert_eq!(silent_days(&yearly, day("2028-03-03")), Some(731));
        assert_eq!(silent_days(&yearly[..2], day("2030-01-01")), None);
        assert_eq!(silent_days(&[], day("2030-01-01")), None);
    }

    #[test]
    fn codes_are_read_back() {
        for defect in Defect::ALL {
            assert_eq!(Defect::from_code(defect.as_str()), Some(*defect));
        }
        assert_eq!(Defect::from_code("?"), None);
    }
}
