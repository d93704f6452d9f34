//! Characters that turn the direction of writing have no effect on our pages: what a sender wrote as `gm 01` behind one of them must not be
//! read as `10 mg`, nor what stands beside it be turned. They are left out of what a page shows, whichever page it is. The record keeps
//! them, and so do fields of forms, which send back what they hold.

use crate::error::PageError;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Leaves them out of HTML answers.
pub async fn pages(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let headers = response.headers();
    let html = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    // A file that is handed out is not a page of ours.
    if !html || headers.contains_key(header::CONTENT_DISPOSITION) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Our own pages, whole in memory already: there is no length to fear.
    let Ok(page) = to_bytes(body, usize::MAX).await else { return PageError::fault("page body").into_response() };
    match without_turns(&page) {
        Some(shown) => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(shown))
        }
        None => Response::from_parts(parts, Body::from(page)),
    }
}

/// Whether a character that turns the direction begins here: U+202A to U+202E, U+2066 to U+2069, three bytes each in UTF-8.
fn turns(at: &[u8]) -> bool {
    matches!(at, [0xe2, 0x80, 0xaa..=0xae, ..] | [0xe2, 0x81, 0xa6..=0xa9, ..])
}

/// The page without them, but within tags (a field's value, an address) and within `textarea`. `None` when it has none. `maud` writes no
/// `<` or `>` but those of tags.
fn without_turns(page: &[u8]) -> Option<Vec<u8>> {
    if !page.windows(3).any(turns) {
        return None;
    }
    let (mut shown, mut rest) = (Vec::with_capacity(page.len()), page);
    let (mut tag, mut field) = (false, false);
    while let Some((&byte, after)) = rest.split_first() {
        match byte {
            b'<' => {
                tag = true;
                field = (field || rest.starts_with(b"<textarea")) && !rest.starts_with(b"</textarea");
            }
            b'>' => tag = false,
            0xe2 if !tag && !field && turns(rest) => {
                rest = rest.get(3..).unwrap_or_default();
                continue;
            }
            _ => {}
        }
        shown.push(byte);
        rest = after;
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(page: &str) -> String {
        let shown = without_turns(page.as_bytes()).unwrap_or_else(|| page.into());
        String::from_utf8(shown).expect("still UTF-8")
    }

    #[test]
    fn what_turns_the_direction_is_left_out_of_texts() {
        for turn in
            ["\u{202a}", "\u{202b}", "\u{202c}", "\u{202d}", "\u{202e}", "\u{2066}", "\u{2067}", "\u{2068}", "\u{2069}"]
        {
            assert_eq!(shown(&format!("<td>{turn}gm 01{turn}</td>")), "<td>gm 01</td>");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in ["<p>Ω – “5 µg” … \u{200f}שלום\u{200e}</p>", "", "<p>\u{2029}\u{202f}\u{2065}\u{206a}</p>"]
        {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_field_sends_back_what_it_holds() {
        let form = "<input value=\"\u{202e}a &gt; b\"><textarea name=\"t\">\u{202e}a\n\u{2066}b</textarea>";
        assert_eq!(shown(&format!("{form}<b>\u{202e}c</b>")), format!("{form}<b>c</b>"));
    }
}
