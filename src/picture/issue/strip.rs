//! Pictures without what is not picture: notes on camera, place, author and history go, and what
//! stands behind the end; pixels and the meaning of colours stay, bit by bit.

/// The JPEG `bytes` without its notes; `None` where it is not made of the usual parts, or of inks
/// rather than light (CMYK).
pub(super) fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = bytes.get(..2).filter(|begin| begin == b"\xFF\xD8")?.to_vec();
    let mut at = 2;
    loop {
        // Any number of fill bytes may stand before a marker (ITU T.81, B.1.1.2).
        while bytes.get(at) == Some(&0xFF) && bytes.get(at + 1) == Some(&0xFF) {
            at += 1;
        }
        let marker = *bytes.get(at + 1).filter(|_| bytes[at] == 0xFF)?;
        if marker == 0xD9 {
            kept.extend([0xFF, 0xD9]);
            return Some(kept);
        }
        let length = bytes.get(at + 2..at + 4)?;
        let end = at + 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
        let segment = bytes.get(at..end).filter(|segment| segment.len() >= 4)?;
        if is_frame(marker) && segment.get(9).is_none_or(|&components| components > 3) {
            return None;
        }
        if is_picture(marker, &segment[4..]) {
            kept.extend(segment);
        }
        at = end;
        if marker == 0xDA {
            let data = scan(&bytes[at..])?;
            kept.extend(&bytes[at..at + data]);
            at += data;
        }
    }
}

/// Markers that begin a frame and say how many components it has.
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC)
}

/// Whether a segment belongs to the picture: all but comments and the notes of applications, of
/// which JFIF, profiles and Adobe's note on the transformation of colours say what pixels mean.
fn is_picture(marker: u8, content: &[u8]) -> bool {
    match marker {
        0xE0 => content.starts_with(b"JFIF\0"),
        0xE2 => content.starts_with(b"ICC_PROFILE\0"),
        0xEE => content.starts_with(b"Adobe"),
        0xE1..=0xEF | 0xFE => false,
        _ => true,
    }
}

/// The length of the coded data that `bytes` begin with: to the next marker but of restarts.
fn scan(bytes: &[u8]) -> Option<usize> {
    bytes.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7 | 0xFF))
}

/// The PNG `bytes` without its notes; `None` where it is not made of the usual parts.
pub(super) fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = bytes.get(..8)?.to_vec();
    let mut at = 8;
    loop {
        let length = bytes.get(at..at + 4)?;
        let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]);
        let end = at.checked_add(usize::try_from(length).ok()?)?.checked_add(12)?;
        let chunk = bytes.get(at..end)?;
        let name = &chunk[4..8];
        let is_needed = name[0].is_ascii_uppercase();
        if is_needed || matches!(name, b"gAMA" | b"cHRM" | b"sRGB" | b"iCCP" | b"sBIT") {
            kept.extend(chunk);
        }
        if name == b"IEND" {
            return Some(kept);
        }
        at = end;
    }
}
