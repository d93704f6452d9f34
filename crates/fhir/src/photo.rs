//! A patient's photo, as it may be shown: bytes whose own signature says they are a picture.

use base64::Engine;
use serde_json::Value;

/// The first photo with data in a stored Patient body, with the media type its bytes themselves show. Only PNG, JPEG, GIF and WebP are
/// pictures here: an SVG may hold script, and a declared type may lie.
#[must_use]
pub fn read(body: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    let patient: Value = serde_json::from_slice(body).ok()?;
    let photos = patient.get("photo")?.as_array()?;
    let data = photos.iter().find_map(|photo| photo.get("data")?.as_str())?;
    let compact: String = data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(compact).ok()?;
    let media_type = picture(&bytes)?;
    Some((bytes, media_type))
}

/// The media type of a picture by its signature.
#[must_use]
pub fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(data: &[u8]) -> Vec<u8> {
        let data = base64::engine::general_purpose::STANDARD.encode(data);
        serde_json::json!({"resourceType": "Patient", "photo": [{"contentType": "image/png", "data": data}]})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn only_what_is_a_picture_is_shown_as_one() {
        assert_eq!(read(&body(b"\x89PNG\r\n\x1a\nrest")).map(|(_, kind)| kind), Some("image/png"));
        assert_eq!(read(&body(b"\xff\xd8\xff\xe0")).map(|(_, kind)| kind), Some("image/jpeg"));
        for hostile in [&b"<svg onload=alert(1)>"[..], b"<html>", b"", b"%PDF-1.7"] {
            assert_eq!(read(&body(hostile)), None);
        }
        assert_eq!(read(b"{}"), None);
    }
}
