//! Choosing from a numbered list: `1,3-5`.

use std::collections::BTreeSet;

/// The numbers that `text` names, of a list of `count`; `None` where it is no such list.
pub(super) fn numbers(text: &str, count: usize) -> Option<BTreeSet<usize>> {
    let mut chosen = BTreeSet::new();
    for part in text.split([',', '，', '、', ' ']).map(str::trim).filter(|part| !part.is_empty())
    {
        let (first, last) = part.split_once(['-', '–', '~']).unwrap_or((part, part));
        let first: usize = first.trim().parse().ok()?;
        let last: usize = last.trim().parse().ok()?;
        if first == 0 || first > last || last > count {
            return None;
        }
        chosen.extend(first..=last);
    }
    (!chosen.is_empty()).then_some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges_are_told_from_anything_else() {
        let chosen = |text| numbers(text, 6).map(|set| set.into_iter().collect::<Vec<_>>());
        assert_eq!(chosen("1,3-5"), Some(vec![1, 3, 4, 5]));
        assert_eq!(chosen(" 2，4、6 "), Some(vec![2, 4, 6]));
        for wrong in ["", "0", "7", "5-3", "a", "1,x", "2-", "1-9"] {
            assert_eq!(chosen(wrong), None, "{wrong}");
        }
    }
}
