//! Where the items of a rendered feed stand in its bytes.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

/// The byte ranges of the items of an RSS or Atom document, in its order; none for anything else
/// and where the document cannot be read.
pub fn entries(document: &[u8]) -> Vec<Range<usize>> {
    let mut reader = Reader::from_reader(document);
    reader.config_mut().check_end_names = false;
    let (mut found, mut depth, mut began) = (Vec::new(), 0_usize, None);
    loop {
        let before = reader.buffer_position();
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                depth += 1;
                if began.is_none() && matches!(tag.name().as_ref(), "item" | "entry") {
                    began = Some((depth, before));
                }
            }
            Ok(Event::End(_)) => {
                if let Some((_, start)) = began.filter(|(at, _)| *at == depth) {
                    let end = reader.buffer_position();
                    if let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end)) {
                        found.push(start..end);
                    }
                    began = None;
                }
                depth = depth.saturating_sub(1);
            }
            Ok(Event::Eof) => return found,
            Err(_) => return Vec::new(),
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(document: &str) -> Vec<&str> {
        entries(document.as_bytes()).into_iter().map(|range| &document[range]).collect()
    }

    #[test]
    fn items_are_found_whatever_they_hold() {
        let rss = "<?xml version=\"1.0\"?><rss><channel><title>x</title>\
            <item><title>一</title><d><![CDATA[<item>no</item>]]></d></item>\n\
            <item><item>in it</item></item></channel></rss>";
        assert_eq!(
            texts(rss),
            [
                "<item><title>一</title><d><![CDATA[<item>no</item>]]></d></item>",
                "<item><item>in it</item></item>"
            ]
        );
        assert_eq!(
            texts("<feed><id>x</id><entry a='1'>y</entry></feed>"),
            ["<entry a='1'>y</entry>"]
        );
        assert_eq!(texts("<feed></feed>"), [""; 0]);
        assert_eq!(texts("{\"items\": []}"), [""; 0]);
        assert_eq!(texts("<feed><entry>"), [""; 0]);
    }
}
