//! How large an article is to the platform, and how much goes into each of several.

use std::ops::Range;

/// Characters (Unicode scalars) of HTML at most: the platform's own limit is 20,000 (and 1 MB, which
/// so many characters cannot reach).
pub(super) const LIMIT: usize = 18_000;
/// Articles of a draft at most.
pub(super) const MOST_ARTICLES: usize = 8;

/// What the address of an uploaded picture takes, at most (characters).
const ADDRESS: usize = 200;
/// The length of `{{asset:SHA256}}`.
const PLACEHOLDER: usize = 74;

/// Characters of an article once its placeholders are filled in, at most.
pub(super) fn size(html: &str) -> usize {
    html.chars().count() + html.matches("{{asset:").count() * (ADDRESS - PLACEHOLDER)
}

/// What goes together where each part has `room`, in order; what is larger by itself stands alone.
pub(super) fn packed(costs: &[usize], room: usize) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, cost) in costs.iter().enumerate() {
        if used + cost > room && at > start {
            parts.push(start..at);
            (start, used) = (at, 0);
        }
        used += cost;
    }
    if start < costs.len() {
        parts.push(start..costs.len());
    }
    parts
}

/// `parts` parts at most, as even as they can be; `None` where they do not fit.
pub(super) fn balanced(costs: &[usize], parts: usize, room: usize) -> Option<Vec<Range<usize>>> {
    let largest = costs.iter().copied().max().unwrap_or(0);
    let fits = |room: usize| packed(costs, room).len() <= parts;
    if largest > room || !fits(room) {
        return None;
    }
    let (mut low, mut high) = (largest, room);
    while low < high {
        let middle = low.midpoint(high);
        if fits(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(packed(costs, high))
}

/// The fewest of `most` steps of saving that make something fit, and how it fits then. What fits
/// after a step fits after more of them.
pub(super) fn least<T>(
    most: usize,
    mut fitting: impl FnMut(usize) -> Option<T>,
) -> Option<(usize, T)> {
    let mut found = (most, fitting(most)?);
    let mut low = 0;
    while low < found.0 {
        let middle = low.midpoint(found.0);
        match fitting(middle) {
            Some(fits) => found = (middle, fits),
            None => low = middle + 1,
        }
    }
    Some(found)
}

/// `（上）`, or nothing where there is one part only.
pub(super) fn part_name(at: usize, of: usize) -> &'static str {
    const TWO: [&str; 2] = ["（上）", "（下）"];
    const THREE: [&str; 3] = ["（上）", "（中）", "（下）"];
    const MORE: [&str; MOST_ARTICLES] =
        ["（一）", "（二）", "（三）", "（四）", "（五）", "（六）", "（七）", "（八）"];
    let names: &[&str] = match of {
        0 | 1 => &[],
        2 => &TWO,
        3 => &THREE,
        _ => &MORE,
    };
    names.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_even_and_lose_nothing() {
        assert_eq!(packed(&[3, 3, 3, 3, 3], 10), [0..3, 3..5]);
        assert_eq!(balanced(&[3, 3, 3, 3], 2, 10).unwrap(), [0..2, 2..4]);
        assert_eq!(balanced(&[3, 3, 3, 3], 1, 10), None);
        assert_eq!(balanced(&[11], 3, 10), None);
        assert_eq!(balanced(&[], 1, 10).unwrap(), Vec::<Range<usize>>::new());
        assert_eq!((part_name(0, 1), part_name(1, 2), part_name(7, 8)), ("", "（下）", "（八）"));
    }

    #[test]
    fn no_more_is_saved_than_must_be() {
        for wanted in 0..=9 {
            assert_eq!(least(9, |step| (step >= wanted).then_some(step)), Some((wanted, wanted)));
        }
        assert_eq!(least(9, |_| None::<()>), None);
    }

    #[test]
    fn a_placeholder_counts_as_the_address_it_becomes() {
        let html = format!("<img src=\"{{{{asset:{}}}}}\">", "a".repeat(64));
        assert_eq!(size(&html), 200 + "<img src=\"\">".len());
    }
}
