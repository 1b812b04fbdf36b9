//! Content codings: what a reader accepts, and how documents are packed.

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use libdeflater::{CompressionLvl, Compressor};

/// How a body is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// Below this many bytes packing gains nothing.
const WORTH_PACKING: usize = 512;

impl Coding {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Identity, Self::Gzip, Self::Brotli, Self::Zstd];

    /// As in `Content-Encoding`, which identity does without.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }

    /// The coding that [`Coding::etag`] marks a tag with in this way.
    pub(super) fn of_mark(mark: &str) -> Option<Self> {
        match mark {
            "" => Some(Self::Identity),
            "-gzip" => Some(Self::Gzip),
            "-br" => Some(Self::Brotli),
            "-zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The strong `ETag` of a document in this coding (RFC 9110 §8.8.3.3: another one a coding).
    pub(super) fn etag(self, etag: &str) -> String {
        match self.name() {
            None => etag.to_owned(),
            Some(name) => format!("{}-{name}\"", etag.trim_end_matches('"')),
        }
    }
}

/// Weights of `Accept-Encoding` (RFC 9110 §12.5.3) in thousandths; `None` where not named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Accepted {
    gzip: Option<u16>,
    brotli: Option<u16>,
    zstd: Option<u16>,
    identity: Option<u16>,
    other: Option<u16>,
}

impl Accepted {
    /// What `request` says. Nothing said means identity: many readers cannot unpack.
    pub(super) fn of(request: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        for value in request.get_all(header::ACCEPT_ENCODING) {
            for part in value.to_str().unwrap_or("").split(',') {
                let mut pieces = part.split(';').map(str::trim);
                let name = pieces.next().unwrap_or("");
                let is = |known: &str| name.eq_ignore_ascii_case(known);
                let place = if is("gzip") || is("x-gzip") {
                    &mut accepted.gzip
                } else if is("br") {
                    &mut accepted.brotli
                } else if is("zstd") {
                    &mut accepted.zstd
                } else if is("identity") {
                    &mut accepted.identity
                } else if is("*") {
                    &mut accepted.other
                } else {
                    continue;
                };
                *place = Some(pieces.find_map(weight).unwrap_or(1000));
            }
        }
        accepted
    }

    /// The coding wanted most of those that `has` can be given; identity can always be given.
    pub(super) fn choose(self, has: impl Fn(Coding) -> bool) -> Coding {
        let weight = |coding| match coding {
            Coding::Brotli => self.brotli.or(self.other).unwrap_or(0),
            Coding::Zstd => self.zstd.or(self.other).unwrap_or(0),
            Coding::Gzip => self.gzip.or(self.other).unwrap_or(0),
            // Named with a weight it competes; otherwise anything acceptable is better.
            Coding::Identity => self.identity.unwrap_or(1),
        };
        // Of those wanted alike the smallest on feeds, which the last of the greatest is.
        [Coding::Gzip, Coding::Zstd, Coding::Brotli]
            .into_iter()
            .filter(|&coding| weight(coding) > 0 && has(coding))
            .max_by_key(|&coding| weight(coding))
            .filter(|&coding| weight(coding) >= weight(Coding::Identity))
            .unwrap_or(Coding::Identity)
    }
}

/// `q=0.5` in thousandths; what cannot be read counts as refused.
fn weight(piece: &str) -> Option<u16> {
    let number = piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q="))?.trim();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let well_formed = fraction.len() <= 3 && fraction.bytes().all(|b| b.is_ascii_digit());
    let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(3);
    let thousandths = digits.fold(0, |sum, digit| sum * 10 + u16::from(digit.wrapping_sub(b'0')));
    Some(match (whole, thousandths) {
        _ if !well_formed => 0,
        ("0", thousandths) => thousandths,
        ("1", 0) => 1000,
        _ => 0,
    })
}

/// `bytes` in gzip, where that is shorter.
pub(super) fn gzip(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < WORTH_PACKING {
        return None;
    }
    // On feeds as small as zlib at 6, in little more than half the time.
    let mut compressor = Compressor::new(CompressionLvl::new(3).ok()?);
    let mut packed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    let size = compressor.gzip_compress(bytes, &mut packed).ok()?;
    packed.truncate(size);
    packed.shrink_to_fit();
    (packed.len() < bytes.len()).then(|| Bytes::from(packed))
}

/// `bytes` in brotli, where that is shorter.
pub(super) fn brotli(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < WORTH_PACKING {
        return None;
    }
    // 5 is about as fast as gzip at 6 and a tenth to a fifth smaller on feeds.
    let params = brotli::enc::BrotliEncoderParams {
        quality: 5,
        lgwin: window(bytes.len()),
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params).ok()?;
    (packed.len() < bytes.len()).then(|| Bytes::from(packed))
}

/// The smallest window (RFC 7932 §9.1, as a power of two) that reaches over `size` bytes: a larger one
/// gains nothing and costs memory. Below 17 the encoder searches in another way, at ten times the
/// cost.
fn window(size: usize) -> i32 {
    let bits = usize::BITS - size.leading_zeros();
    i32::try_from(bits).unwrap_or(22).clamp(18, 22)
}

/// `bytes` in Zstandard, where that is shorter.
pub(super) fn zstd(bytes: &[u8]) -> Option<Bytes> {
    if bytes.len() < WORTH_PACKING {
        return None;
    }
    // 9 takes about as long as gzip at 6 and is a little smaller; its window stays below the 8 MB
    // that every reader must be able to hold (RFC 9659).
    let packed = zstd::bulk::compress(bytes, 9).ok()?;
    (packed.len() < bytes.len()).then(|| Bytes::from(packed))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn chosen(accept: &str, has: impl Fn(Coding) -> bool) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
        Accepted::of(&headers).choose(has)
    }

    #[test]
    fn the_weights_decide() {
        for (accept, wanted) in [
            ("gzip, deflate, br", Coding::Brotli),
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("gzip", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("GZIP;q=0.5", Coding::Gzip),
            ("br;q=0.4, gzip;q=0.5", Coding::Gzip),
            ("br;q=0.500, gzip;q=0.5", Coding::Brotli),
            ("gzip, zstd", Coding::Zstd),
            ("zstd;q=0.4, gzip;q=0.5", Coding::Gzip),
            ("*", Coding::Brotli),
            ("br;q=0, *", Coding::Zstd),
            ("zstd;q=0, br;q=0, *", Coding::Gzip),
            ("gzip;q=0, br;q=0, zstd;q=0, *", Coding::Identity),
            ("identity", Coding::Identity),
            ("identity, gzip;q=0.9", Coding::Identity),
            ("identity;q=0.5, gzip;q=0.9", Coding::Gzip),
            ("*;q=0", Coding::Identity),
            ("gzip;q=0", Coding::Identity),
            ("gzip;q=zero", Coding::Identity),
            ("gzip;q=1.5", Coding::Identity),
            ("gzip;q=0.0001", Coding::Identity),
            ("gzip;q=0.001", Coding::Gzip),
            ("deflate", Coding::Identity),
            ("", Coding::Identity),
            (",;,q=;;", Coding::Identity),
        ] {
            assert_eq!(chosen(accept, |_| true), wanted, "{accept}");
        }
        assert_eq!(Accepted::of(&HeaderMap::new()).choose(|_| true), Coding::Identity);
    }

    #[test]
    fn only_what_is_ready_is_given() {
        assert_eq!(chosen("gzip, br", |coding| coding == Coding::Gzip), Coding::Gzip);
        assert_eq!(chosen("br", |coding| coding == Coding::Gzip), Coding::Identity);
    }

    #[test]
    fn what_is_packed_unpacks_to_the_same() {
        let text = "全国工商联与江苏省工商联".repeat(200).into_bytes();
        let mut unzipped = Vec::new();
        let zipped = gzip(&text).unwrap();
        flate2::read::GzDecoder::new(&*zipped).read_to_end(&mut unzipped).unwrap();
        assert_eq!(unzipped, text);
        let mut unpacked = Vec::new();
        let packed = brotli(&text).unwrap();
        brotli::BrotliDecompress(&mut &*packed, &mut unpacked).unwrap();
        assert_eq!(unpacked, text);
        let packed = zstd(&text).unwrap();
        assert_eq!(zstd::decode_all(&*packed).unwrap(), text);
        assert_eq!([gzip(b"short"), brotli(b"short"), zstd(b"short")], [None, None, None]);
    }
}
