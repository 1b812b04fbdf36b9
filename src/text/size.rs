//! Sizes as people read them.

/// `812 B`, `3.4 KB`, `1.2 GB` (1 KB = 1,024 bytes), as the configuration is written.
pub fn shown(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = u128::from(bytes) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_one_place_and_the_right_unit() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KB"),
            (1536, "1.5 KB"),
            (1 << 20, "1.0 MB"),
            ((1 << 20) - 1, "1023.9 KB"),
            (20 << 30, "20.0 GB"),
            (u64::MAX, "16777215.9 TB"),
        ] {
            assert_eq!(shown(bytes), text);
        }
    }
}
