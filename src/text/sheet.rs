//! Tables that spreadsheets open: lines that end in CR LF (RFC 4180), and no cell that is taken for a
//! formula or is too long.

/// By this mark at the beginning of a file Excel knows UTF-8.
pub const MARK: &str = "\u{FEFF}";
/// Excel takes 32,767 UTF-16 units into a cell, and spills what is longer into other rows.
const LONGEST_CELL: usize = 32_000;

/// A line of the table, with its end.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let cells = cells.into_iter().map(|cell| harmless(&shortened(cell)));
    writer.write_record(cells).expect("a vector takes whatever is written");
    let bytes = writer.into_inner().expect("a vector takes whatever is written");
    String::from_utf8(bytes).expect("made of text")
}

fn shortened(cell: &str) -> String {
    let mut units = 0;
    let end = cell.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > LONGEST_CELL
    });
    match end {
        Some((end, _)) => format!("{}……", &cell[..end]),
        None => cell.to_owned(),
    }
}

/// A cell that begins as formulas do gets an apostrophe before it (OWASP, "CSV Injection").
fn harmless(cell: &str) -> String {
    let first = cell.chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r' | '\n') => {
            format!("'{cell}")
        }
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_is_too_long() {
        for formula in ["=1+1", "+86", "-1", "@SUM(A1)", "＝1", "\t=1"] {
            assert_eq!(row([formula]), format!("'{formula}\r\n"));
        }
        assert_eq!(row(["市工商联=好"]), "市工商联=好\r\n");
        let long = row(["😀".repeat(20_000).as_str()]);
        assert!(long.encode_utf16().count() < 32_767 && long.ends_with("……\r\n"));
        assert_eq!(row(["a\"b,c", "一\n二"]), "\"a\"\"b,c\",\"一\n二\"\r\n");
    }
}
