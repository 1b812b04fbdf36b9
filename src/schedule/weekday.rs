//! Weekdays as people number them, written out by name for the calendar.

const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The weekday field with every number turned into a name; `None` when it cannot be read.
///
/// Sunday is 0 or 7, ranges may run over the end of the week (`5-7`, `sat-sun`).
pub(super) fn names(field: &str) -> Option<String> {
    if field == "*" || field == "?" {
        return Some("*".to_owned());
    }
    let mut days = [false; 7];
    for part in field.split(',') {
        for day in part_days(part)? {
            days[day % 7] = true;
        }
    }
    if days.iter().all(|day| *day) {
        return Some("*".to_owned());
    }
    let named: Vec<&str> = NAMES.into_iter().zip(days).filter(|(_, on)| *on).map(|p| p.0).collect();
    Some(named.join(","))
}

/// The days of `*`, `3`, `1-5`, each perhaps with `/step`; 7 and more stand for the next week.
fn part_days(part: &str) -> Option<Vec<usize>> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
        None => (part, 1),
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (day(first)?, day(last)?);
            (first, if last < first { last + 7 } else { last })
        }
        None if range == "*" => (0, 6),
        None if part.contains('/') => (day(range)?, 6),
        None => (day(range)?, day(range)?),
    };
    Some((first..=last).step_by(step).collect())
}

fn day(text: &str) -> Option<usize> {
    if let Ok(number) = text.parse::<usize>() {
        return (number <= 7).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    let short = upper.get(..3)?;
    let index = NAMES.iter().position(|name| *name == short)?;
    let long =
        ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"][index];
    (upper == short || upper == long).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_names() {
        for (field, wanted) in [
            ("1-5", Some("MON,TUE,WED,THU,FRI")),
            ("0", Some("SUN")),
            ("7", Some("SUN")),
            ("5-7", Some("SUN,FRI,SAT")),
            ("sat-sun", Some("SUN,SAT")),
            ("*/2", Some("SUN,TUE,THU,SAT")),
            ("0-6", Some("*")),
            ("1-7", Some("*")),
            ("monday,3", Some("MON,WED")),
            ("8", None),
            ("1-", None),
            ("mo", None),
            ("1/0", None),
        ] {
            assert_eq!(names(field).as_deref(), wanted, "{field}");
        }
    }
}
