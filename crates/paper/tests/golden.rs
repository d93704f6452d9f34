//! What a paper says to a reader and to a screen reader, against files that were looked at. `CHARTROOM_BLESS=1` writes them anew: read
//! the difference. Skips where poppler's tools are not installed.

#![allow(clippy::expect_used)]

use paper::{Block, Paper, Size, Whose, pdf};
use std::path::Path;
use std::process::Command;

fn sample() -> Paper {
    let cell = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Paper {
        size: Size::Letter,
        title: "Visit summary".to_owned(),
        practice: "Elm Street Practice".to_owned(),
        contact: "12 Elm Street, Alder Falls\nTelephone 555-0100".to_owned(),
        patient: Whose {
            name: "LARSEN, Liam".to_owned(),
            born: "23-Dec-1979 (46 y)".to_owned(),
            sex: "Male".to_owned(),
            record_number: "100 007".to_owned(),
        },
        printed: "Printed 22-Nov-2026 09:00 by Dr Ama Okafor".to_owned(),
        across: None,
        blocks: vec![
            Block::heading("Why you came"),
            Block::text(
                "“My chest hurts when I climb stairs.”\nSince Monday.\n\nAnd a second matter: Łódź, Ελένη, Дмитрий, Nguyễn.",
            ),
            Block::heading("Measurements"),
            Block::Table {
                columns: vec![("Measure".to_owned(), 3), ("Value".to_owned(), 2), ("Usual".to_owned(), 2)],
                rows: vec![
                    cell(&["Blood pressure", "142/91 mmHg, high", "below 120/80 mmHg"]),
                    cell(&["Weight", "81.5 kg", ""]),
                ],
            },
            Block::heading("Allergies"),
            Block::Points { points: cell(&["Penicillin: hives", "Peanut: anaphylaxis (severe)"]) },
            Block::Facts { facts: vec![("With".to_owned(), "Dr Ama Okafor".to_owned())] },
            Block::remark("Signed 22-Nov-2026 08:58 by Dr Ama Okafor."),
        ],
    }
}

/// What a tool of poppler's prints of a PDF; none, and said so, where it is not installed.
fn told(tool: &str, arguments: &[&str], bytes: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, bytes).expect("written");
    let mut command = Command::new(tool);
    command.args(arguments).arg(&file);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let Ok(output) = command.output() else {
        println!("skipped: {tool} is not installed");
        return None;
    };
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

fn golden(name: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("CHARTROOM_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().expect("folder")).expect("folder");
        std::fs::write(&file, found).expect("written");
    }
    let kept = std::fs::read_to_string(&file).expect("the golden file; CHARTROOM_BLESS=1 writes it");
    assert_eq!(found, kept, "{name}");
}

#[test]
fn a_paper_reads_as_it_did() {
    let bytes = pdf(&sample()).expect("made");
    if let Some(text) = told("pdftotext", &["-layout"], &bytes) {
        golden("paper.txt", &text);
    }
}

#[test]
fn a_screen_reader_finds_title_headings_table_and_list() {
    let bytes = pdf(&sample()).expect("made");
    if let Some(tags) = told("pdfinfo", &["-struct-text"], &bytes) {
        golden("tags.txt", &tags);
    }
    if let Some(info) = told("pdfinfo", &[], &bytes) {
        for line in ["Tagged:          yes", "Title:           Visit summary, LARSEN, Liam"] {
            assert!(info.contains(line), "{line} in {info}");
        }
        assert!(
            info.contains("PDF subtype:     PDF/UA-1") || bytes.windows(12).any(|part| part == b"pdfuaid:part"),
            "{info}"
        );
    }
}

#[test]
fn the_same_paper_is_the_same_file() {
    assert_eq!(pdf(&sample()).expect("made"), pdf(&sample()).expect("made again"));
}

#[test]
fn identity_and_page_of_pages_stand_on_every_page_of_both_sizes() {
    for (size, points) in [(Size::A4, "595.276 x 841.89 pts (A4)"), (Size::Letter, "612 x 792 pts (letter)")] {
        let line = "The patient slept badly and ate little. ".repeat(20);
        let blocks = vec![Block::text(vec![line; 20].join("\n\n"))];
        let bytes = pdf(&Paper { size, blocks, ..sample() }).expect("made");
        let Some(info) = told("pdfinfo", &[], &bytes) else { return };
        assert!(info.contains(points), "{info}");
        let pages: usize =
            info.lines().find_map(|line| line.strip_prefix("Pages:")?.trim().parse().ok()).expect("pages");
        assert!(pages >= 3, "{pages}");
        let text = told("pdftotext", &["-layout"], &bytes).expect("text");
        for (number, page) in text.split('\u{c}').take(pages).enumerate() {
            for words in [
                "LARSEN, Liam",
                "23-Dec-1979",
                "100 007",
                "Elm Street Practice",
                &format!("Page {} of {pages}", number + 1),
            ] {
                assert!(page.contains(words), "{words} on page {}: {page}", number + 1);
            }
        }
    }
}

#[test]
fn hostile_words_are_printed_as_they_are_written() {
    let words =
        "#eval(\"1\") *bold* _x_ $ a $ <label> @cite [x] \\ `raw` // not a comment = Heading <script>alert(1)</script>";
    let mut paper = sample();
    paper.blocks = vec![Block::heading(words), Block::text(words), Block::Points { points: vec![words.to_owned()] }];
    paper.patient.name = "#panic(), $x$".to_owned();
    let bytes = pdf(&paper).expect("made");
    if let Some(text) = told("pdftotext", &["-raw"], &bytes) {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            flat.matches("#eval(\"1\") *bold* _x_ $ a $ <label> @cite [x] \\ `raw` // not a comment").count(),
            3,
            "{text}"
        );
        assert!(flat.contains("#panic(), $x$"));
    }
}

#[test]
fn what_no_font_has_is_told_and_what_turns_text_is_left_out() {
    let mut paper = sample();
    paper.blocks = vec![Block::text("Name: 漢字\u{7}, \u{202e}dexif\u{202c}")];
    let bytes = pdf(&paper).expect("made");
    if let Some(text) = told("pdftotext", &["-raw"], &bytes) {
        assert!(text.contains("Name: [U+6F22][U+5B57], dexif") && text.contains("could be printed"), "{text}");
        assert!(!text.contains('\u{202e}') && !text.contains('\u{7}'));
    }
}

#[test]
fn what_must_not_be_taken_for_valid_says_so_across_each_page() {
    let mut paper = sample();
    paper.across = Some("Entered in error".to_owned());
    let bytes = pdf(&paper).expect("made");
    if let Some(text) = told("pdftotext", &[], &bytes) {
        // Turned letters come one by one: each of them must be there.
        let turned: Vec<_> =
            text.lines().filter(|line| line.len() <= 2 && line.chars().all(char::is_uppercase)).collect();
        let mut letters: Vec<char> = turned.concat().chars().collect();
        let mut wanted: Vec<char> = "ENTEREDINERROR".chars().collect();
        letters.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(letters, wanted, "{text}");
    }
}
