//! Who of those that tell a story stands for it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::model::SiteId;

/// What is known of one telling of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The site that tells it.
    pub site: SiteId,
    /// The site that it names as the story's source, where it names one that is known.
    pub credits: Option<SiteId>,
    /// The day printed on it.
    pub posted: NaiveDate,
    /// When it became public here.
    pub first_seen: DateTime<Utc>,
    /// Its place in the order of arrival.
    pub ordinal: u64,
}

/// Tellings that came within this time are weighed by their credits; whoever came later does not
/// take the place of what readers already have.
fn settled() -> TimeDelta {
    TimeDelta::hours(1)
}

/// Whose story it is: the place in `claims` of the telling whose site most of them credit; among
/// equals the day printed, then arrival, decides.
pub fn original(claims: &[Claim]) -> Option<usize> {
    (0..claims.len()).min_by_key(|&at| weight(claims, at))
}

/// In which order they stand for the story where readers meet it once: places in `claims`.
pub fn order(claims: &[Claim]) -> Vec<usize> {
    let mut waiting: Vec<usize> = (0..claims.len()).collect();
    waiting.sort_by_key(|&at| (claims[at].first_seen, claims[at].ordinal));
    let mut ordered = Vec::new();
    while let Some(&first) = waiting.first() {
        let until = claims[first].first_seen + settled();
        let together = waiting.iter().take_while(|&&at| claims[at].first_seen <= until).count();
        let mut group: Vec<usize> = waiting.drain(..together).collect();
        group.sort_by_key(|&at| weight(claims, at));
        ordered.extend(group);
    }
    ordered
}

/// Less is better.
fn weight(claims: &[Claim], at: usize) -> impl Ord + use<> {
    let claim = &claims[at];
    let credited =
        claims.iter().filter(|other| other.credits.as_ref() == Some(&claim.site)).count();
    (std::cmp::Reverse(credited), claim.posted, claim.first_seen, claim.ordinal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Site, whom it credits, day of November, minute of arrival.
    fn claim((site, credits, day, minute): (&str, &str, u32, i64)) -> Claim {
        let began: DateTime<Utc> = "2026-11-20T00:00:00Z".parse().unwrap();
        Claim {
            site: site.parse().unwrap(),
            credits: credits.parse().ok(),
            posted: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
            first_seen: began + TimeDelta::minutes(minute),
            ordinal: u64::try_from(minute).unwrap(),
        }
    }

    fn in_order(claims: &[(&str, &str, u32, i64)]) -> (Vec<String>, String) {
        let claims: Vec<Claim> = claims.iter().copied().map(claim).collect();
        let name = |at: usize| claims[at].site.to_string();
        (order(&claims).into_iter().map(name).collect(), name(original(&claims).unwrap()))
    }

    #[test]
    fn the_credit_decides_then_the_day_then_arrival() {
        let told = |claims: &[_]| in_order(claims).0.join(" ");
        assert_eq!(told(&[("b", "a", 18, 1), ("a", "a", 19, 2), ("c", "", 17, 3)]), "a c b");
        assert_eq!(told(&[("b", "", 18, 1), ("a", "", 17, 2)]), "a b");
        assert_eq!(told(&[("b", "", 18, 1), ("a", "", 18, 2)]), "b a");
        // One that claims another's text for itself is outvoted.
        assert_eq!(told(&[("d", "d", 16, 1), ("a", "a", 18, 2), ("b", "a", 18, 3)]), "a d b");
    }

    #[test]
    fn who_came_an_hour_earlier_keeps_its_place_with_readers_but_is_not_the_original() {
        let claims = [("b", "a", 18, 0), ("a", "a", 18, 90), ("c", "", 18, 30)];
        assert_eq!(in_order(&claims), (vec!["b".into(), "c".into(), "a".into()], "a".into()));
    }
}
