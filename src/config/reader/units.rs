//! Lengths of time and sizes as people write them.

use std::time::Duration;

use crate::model::Both;

/// A length of time such as `"500ms"`, `"2s"`, `"5m"`, `"1h"`, `"7d"`.
pub(in crate::config) fn duration(text: &str) -> Result<Duration, Both> {
    let (number, unit) = split(text);
    let milliseconds = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    };
    number
        .zip(milliseconds)
        .and_then(|(number, factor): (u64, u64)| number.checked_mul(factor))
        .map(Duration::from_millis)
        .ok_or_else(|| {
            Both::new(
                format!("“{text}”不是时长；应如 500ms、2s、5m、1h、7d"),
                format!("`{text}` is no length of time; wanted such as 500ms, 2s, 5m, 1h, 7d"),
            )
        })
}

/// A size such as `"8MB"`, `"512KB"` or `"8388608"`, in bytes (1 KB = 1,024 bytes).
pub(in crate::config) fn bytes(text: &str) -> Result<u64, Both> {
    let (number, unit) = split(text);
    let factor = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => Some(1),
        "KB" => Some(1 << 10),
        "MB" => Some(1 << 20),
        "GB" => Some(1 << 30),
        _ => None,
    };
    number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor)).ok_or_else(|| {
        Both::new(
            format!("“{text}”不是大小；应如 512KB、8MB"),
            format!("`{text}` is no size; wanted such as 512KB or 8MB"),
        )
    })
}

fn split(text: &str) -> (Option<u64>, &str) {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    (number.parse().ok(), unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_and_sizes() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["2", "", "s", "-2s", "99999999999999999999d", "1e3s", "二秒"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(bytes("8MB"), Ok(8 << 20));
        assert_eq!(bytes("8388608"), Ok(8 << 20));
        for wrong in ["8 apples", "", "MB", "99999999999GB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
