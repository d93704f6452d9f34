//! What a file is, told by its bytes alone: a PDF, a PNG or JPEG picture, or plain text. Anything else is refused with the reason, as
//! is one whose name says something else, one that ends before its end, and a picture made to fill the memory of whoever opens it.

/// Bytes of the longest file that is taken.
pub const MOST_BYTES: usize = 10 << 20;
/// Pixels of the largest picture: a page of A3 at 600 dots an inch has 70 million.
const MOST_PIXELS: u64 = 100_000_000;

/// A file that may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// A PDF.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// Text in UTF-8.
    Text,
}

impl Paper {
    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// The endings its name may have. A name without an ending says nothing.
    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Text => &["txt", "text", "log", "md", "csv"],
        }
    }
}

/// Tells a file, or says what is wrong with it and what to do.
///
/// # Errors
/// The reason, in a user's words.
pub fn tell(name: &str, bytes: &[u8]) -> Result<Paper, String> {
    if bytes.is_empty() {
        return Err("choose a file; the one that came is empty".to_owned());
    }
    if bytes.len() > MOST_BYTES {
        return Err(format!(
            "it is longer than {} MB: scan it in grey or with fewer dots an inch, or file its pages one by one",
            MOST_BYTES >> 20
        ));
    }
    let paper = match bytes {
        [b'%', b'P', b'D', b'F', b'-', ..] => pdf(bytes)?,
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, rest @ ..] => png(rest)?,
        [0xff, 0xd8, 0xff, ..] => jpeg(bytes)?,
        _ => text(bytes)?,
    };
    match name.rsplit_once('.') {
        Some((_, ending)) if !paper.endings().contains(&ending.to_ascii_lowercase().as_str()) => Err(format!(
            "its name ends in .{}, but it is {}: open it, save it as a PDF, PNG, JPEG or text, and choose that",
            ending.chars().filter(char::is_ascii_alphanumeric).take(10).collect::<String>(),
            match paper {
                Paper::Pdf => "a PDF",
                Paper::Png => "a PNG picture",
                Paper::Jpeg => "a JPEG picture",
                Paper::Text => "text",
            }
        )),
        _ => Ok(paper),
    }
}

fn cut_short() -> String {
    "it is not whole: it ends before its end. Scan it or copy it again".to_owned()
}

fn too_large() -> String {
    "its picture has too many dots: make it smaller".to_owned()
}

/// A PDF says where it ends (ISO 32000-1, 7.5.5), in its last lines.
fn pdf(bytes: &[u8]) -> Result<Paper, String> {
    let tail = bytes.get(bytes.len().saturating_sub(2048)..).unwrap_or(bytes);
    if tail.windows(5).any(|window| window == b"%%EOF") { Ok(Paper::Pdf) } else { Err(cut_short()) }
}

/// Chunks from IHDR to IEND, and nothing after (PNG, third edition, 5.6): what follows could be another file in disguise.
fn png(mut rest: &[u8]) -> Result<Paper, String> {
    let mut first = true;
    loop {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(cut_short)?;
        let (kind, after) = after.split_first_chunk::<4>().ok_or_else(cut_short)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut_short())?;
        let (data, after) = after.split_at_checked(length).ok_or_else(cut_short)?;
        rest = after.get(4..).ok_or_else(cut_short)?;
        match (kind, first) {
            (b"IHDR", true) => {
                let (width, data) = data.split_first_chunk::<4>().ok_or_else(cut_short)?;
                let (height, _) = data.split_first_chunk::<4>().ok_or_else(cut_short)?;
                if pixels(u32::from_be_bytes(*width), u32::from_be_bytes(*height)) > MOST_PIXELS {
                    return Err(too_large());
                }
                first = false;
            }
            (_, true) => return Err(cut_short()),
            (b"IEND", _) if rest.is_empty() => return Ok(Paper::Png),
            (b"IEND", _) => return Err("it holds something more after its picture: save it anew".to_owned()),
            _ => {}
        }
    }
}

/// Segments up to the picture's data, then its end (ITU T.81, annex B). What cameras add after the end is left alone: it is never
/// read, as the file is only ever served as a JPEG that cannot act.
fn jpeg(bytes: &[u8]) -> Result<Paper, String> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        let (marker, after) = match rest {
            [0xff, 0xff, ..] => {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            [0xff, marker, after @ ..] => (*marker, after),
            _ => return Err(cut_short()),
        };
        let (length, data) = after.split_first_chunk::<2>().ok_or_else(cut_short)?;
        let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2).ok_or_else(cut_short)?;
        let (data, after) = data.split_at_checked(length).ok_or_else(cut_short)?;
        match marker {
            // Start of frame: precision, height, width. C4, C8 and CC are other segments.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [_, h1, h2, w1, w2, ..] = data else { return Err(cut_short()) };
                let (height, width) = (u16::from_be_bytes([*h1, *h2]), u16::from_be_bytes([*w1, *w2]));
                if pixels(width.into(), height.into()) > MOST_PIXELS {
                    return Err(too_large());
                }
            }
            0xda => {
                let ends = after.windows(2).any(|pair| pair == [0xff, 0xd9]);
                return if ends { Ok(Paper::Jpeg) } else { Err(cut_short()) };
            }
            _ => {}
        }
        rest = after;
    }
}

fn pixels(width: u32, height: u32) -> u64 {
    u64::from(width) * u64::from(height)
}

/// Text that is only text: what begins as a web page or a drawing is not taken for it.
fn text(bytes: &[u8]) -> Result<Paper, String> {
    let other = "it is no PDF, PNG, JPEG or plain text (in UTF-8): open it, save it as one of these, and choose that";
    let text = std::str::from_utf8(bytes).map_err(|_| other.to_owned())?;
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) {
        return Err(other.to_owned());
    }
    let begins = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if begins.starts_with('<') {
        return Err("web pages and drawings in SVG are not taken: print it to a PDF, and choose that".to_owned());
    }
    if begins.is_empty() { Err("it holds no text".to_owned()) } else { Ok(Paper::Text) }
}

#[cfg(test)]
#[path = "paper_tests.rs"]
mod tests;
