//! The letters that can be printed: those of the screen's own font, and of Noto Sans for what it has not (Greek, Cyrillic, Vietnamese,
//! Devanagari and more). A letter that neither has is told of on the paper, never left out in silence.

use serde_json::Value;
use std::sync::LazyLock;
use typst::foundations::Bytes;
use typst::text::Font;
use unicode_normalization::UnicodeNormalization;

static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| assets::paper_fonts().iter().flat_map(|font| Font::iter(Bytes::new(*font))).collect());

/// The fonts of this program.
pub(crate) fn fonts() -> &'static [Font] {
    &FONTS
}

/// The letters of the screen's own font, as a class of a regular expression. What it has not as one letter is set in the other font: put
/// together from a letter and a mark it would look right, and be read out twice.
pub(crate) static OWN: LazyLock<String> = LazyLock::new(|| {
    let letters = fonts().first().into_iter().flat_map(|font| font.info().coverage.iter());
    let class: String = letters.map(|letter| format!("\\u{{{letter:x}}}")).collect();
    format!("[{class}]")
});

/// Takes what cannot be printed out of a paper's data: control characters, and marks that turn the direction of text, which could make a
/// line read as another. A letter that stands in none of the fonts is printed by its number, `[U+6F22]`. Answers how many texts have one.
pub(crate) fn clean(data: &mut Value) -> usize {
    match data {
        Value::String(text) => {
            // Composed: a letter and its mark as one, where there is such a one.
            *text = text
                .nfc()
                .filter(|letter| matches!(letter, '\n' | '\t') || !(letter.is_control() || turns(*letter)))
                .collect();
            let known = text.chars().all(printable);
            if !known {
                *text = text.chars().map(told).collect();
            }
            usize::from(!known)
        }
        Value::Array(all) => all.iter_mut().map(clean).sum(),
        Value::Object(all) => all.values_mut().map(clean).sum(),
        _ => 0,
    }
}

fn told(letter: char) -> String {
    if printable(letter) { letter.to_string() } else { format!("[U+{:04X}]", u32::from(letter)) }
}

/// Embeddings, overrides and isolates of the Unicode bidirectional algorithm (UAX 9).
fn turns(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn printable(letter: char) -> bool {
    letter.is_whitespace() || fonts().iter().any(|font| font.info().coverage.contains(u32::from(letter)))
}
