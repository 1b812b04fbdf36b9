//! When to try again: the waits that Standard Webhooks recommends, spread by name.

use std::time::Duration;

/// Seconds to wait after the first, second, … attempt in vain; after the last one no more.
const WAITS: [u64; 7] = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];
/// Nobody is waited for longer, whatever `Retry-After` says.
const MOST: Duration = Duration::from_secs(24 * 3600);

/// The wait after `attempts` attempts in vain; `None`: give up.
///
/// Up to a fifth more than the table says, as `name` and attempt will have it: those that failed
/// together do not come back together, and the same attempt always waits the same time.
pub fn wait(attempts: u32, name: &str) -> Option<Duration> {
    let place = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let base = *WAITS.get(place)? * 1000;
    let hash = blake3::hash(format!("{name} {attempts}").as_bytes());
    let [a, b, ..] = *hash.as_bytes();
    let share = u64::from(u16::from_be_bytes([a, b]));
    Some(Duration::from_millis(base + base / 5 * share / u64::from(u16::MAX)))
}

/// The wait where the other side named one.
pub fn at_least(wait: Duration, retry_after: Option<Duration>) -> Duration {
    wait.max(retry_after.unwrap_or_default()).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_attempts_in_about_a_day() {
        let waits: Vec<Duration> = (1..).map_while(|attempts| wait(attempts, "x")).collect();
        assert_eq!(waits.len(), 7);
        for (found, seconds) in waits.iter().zip(WAITS) {
            let least = Duration::from_secs(seconds);
            assert!(*found >= least && *found <= least + least / 5, "{found:?}");
        }
        assert_eq!(wait(0, "x"), None);
    }

    #[test]
    fn the_spread_is_a_function_of_names() {
        assert_eq!(wait(3, "x"), wait(3, "x"));
        let waits: std::collections::HashSet<_> =
            (0..50).map(|number| wait(3, &number.to_string())).collect();
        assert!(waits.len() > 40);
    }

    #[test]
    fn who_asks_for_patience_gets_it_within_a_day() {
        let second = Duration::from_secs(1);
        assert_eq!(at_least(second, None), second);
        assert_eq!(at_least(second, Some(60 * second)), 60 * second);
        assert_eq!(at_least(second, Some(10_000_000 * second)), MOST);
    }
}
