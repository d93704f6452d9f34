use super::*;

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [&length[..], kind, data, &[0; 4]].concat()
}

fn png_of(width: u32, height: u32) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", b"x"), chunk(b"IEND", b"")].concat()
}

fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
    let frame = [&[0xff, 0xc0, 0, 8, 8][..], &height.to_be_bytes(), &width.to_be_bytes(), &[1]].concat();
    let frame = [&frame[..3], &[8 + 2 - 2], &frame[4..]].concat();
    [&[0xff, 0xd8, 0xff, 0xe0, 0, 4, b'J', b'F'][..], &frame, &[0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]].concat()
}

fn refused(name: &str, bytes: &[u8], why: &str) {
    let told = tell(name, bytes).expect_err(name);
    assert!(told.contains(why), "{name}: {told}");
}

#[test]
fn what_is_whole_is_taken_for_what_it_is() {
    for (name, bytes, paper) in [
        ("letter.pdf", b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n".to_vec(), Paper::Pdf),
        ("Card.PNG", png_of(600, 400), Paper::Png),
        ("photo.jpeg", jpeg_of(4000, 3000), Paper::Jpeg),
        ("photo.jpg", [jpeg_of(4, 3), b"what a camera adds".to_vec()].concat(), Paper::Jpeg),
        ("note.txt", "Liebe Frau Núñez,\r\n\tgrüße 1 < 2\n".as_bytes().to_vec(), Paper::Text),
        ("scan", b"%PDF-1.4 %%EOF".to_vec(), Paper::Pdf),
    ] {
        assert_eq!(tell(name, &bytes), Ok(paper), "{name}");
    }
}

#[test]
fn what_could_act_or_is_in_disguise_is_refused_with_the_reason() {
    refused("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "SVG");
    refused("card.png", b"<html><script>alert(1)</script></html>", "web pages");
    refused("card.png", b"\xef\xbb\xbf \n<!DOCTYPE html>", "web pages");
    refused("card.png", b"just words <script>alert(1)</script>", "its name ends in .png, but it is text");
    refused("page.html", b"words", "its name ends in .html");
    refused("photo.jpg", &png_of(1, 1), "but it is a PNG");
    refused("card.png", &[png_of(1, 1), b"<script>alert(1)</script>".to_vec()].concat(), "something more");
    refused("macro.docx", b"PK\x03\x04\x14\x00", "no PDF, PNG, JPEG or plain text");
    refused("run.exe", b"MZ\x90\x00", "no PDF, PNG, JPEG or plain text");
    refused("moving.gif", b"GIF89a\x01\x00\x01\x00\x00", "no PDF, PNG, JPEG or plain text");
    refused("old.txt", b"caf\xe9", "UTF-8");
    refused("rude.x\"><img src=x>", b"%PDF-1.7 %%EOF", "its name ends in .ximgsrcx,");
}

#[test]
fn what_is_empty_too_long_too_large_or_cut_off_is_refused_with_the_reason() {
    refused("a.pdf", b"", "empty");
    refused("a.txt", b" \n", "no text");
    refused("a.txt", &vec![b'a'; MOST_BYTES + 1], "longer than 10 MB");
    refused("bomb.png", &png_of(50_000, 50_000), "too many dots");
    refused("bomb.png", &png_of(u32::MAX, u32::MAX), "too many dots");
    refused("bomb.jpg", &jpeg_of(60_000, 60_000), "too many dots");
    refused("a.pdf", b"%PDF-1.7\n1 0 obj", "not whole");
    for whole in [png_of(6, 4), jpeg_of(6, 4)] {
        for end in 8..whole.len() {
            assert!(tell("a", &whole[..end]).is_err(), "cut at {end} of {}", whole.len());
        }
    }
}
