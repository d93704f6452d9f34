//! Small pieces every chart page is made of: dates, values with their marks, what is missing, notes.

use clinic::chart::result::Measure;
use clinic::chart::row::Code;
use clinic::chart::{Flag, Handle, Value, When};
use maud::{Markup, html};

/// A date, never wrapped; `not recorded` when there is none.
#[must_use]
pub fn date(when: Option<&When>) -> Markup {
    html! {
        @match when {
            Some(when) => time class="nb" datetime=(when.iso) { (when.date) },
            None => (missing()),
        }
    }
}

/// A date with its time of day.
#[must_use]
pub fn moment(when: Option<&When>) -> Markup {
    html! {
        @match when {
            Some(when) => time class="nb" datetime=(when.iso) { (when.full()) },
            None => (missing()),
        }
    }
}

/// Words, or `not recorded`.
#[must_use]
pub fn words(text: Option<&str>) -> Markup {
    html! {
        @match text {
            Some(text) => (text),
            None => (missing()),
        }
    }
}

/// Said where there is nothing: never a blank.
#[must_use]
pub fn missing() -> Markup {
    html! { span class="missing" { "not recorded" } }
}

/// Said where a section holds nothing: what that means, and what to do.
#[must_use]
pub fn none(what: &str) -> Markup {
    html! { p class="empty" { strong { (what) } " That is not the same as none: ask, or read the notes." } }
}

/// A measured value with its mark, or why there is none.
#[must_use]
pub fn measure(measure: &Measure) -> Markup {
    html! {
        @match &measure.value {
            Some(value) => (interpreted(value, measure.flag, measure.said.as_deref())),
            None => span class="missing" {
                "not recorded" @if let Some(absent) = &measure.absent { ": " (wrapping(absent)) }
                @if let Some(said) = &measure.said { " " span class="abn other" { span aria-hidden="true" { "◆" } " " (wrapping(said)) } }
            },
        }
    }
}

/// A value with the word and shape of its flag.
#[must_use]
pub fn marked(value: &Value, flag: Flag) -> Markup {
    interpreted(value, flag, None)
}

/// A value with its mark, and what its laboratory wrote of it in words of its own.
#[must_use]
pub fn interpreted(value: &Value, flag: Flag, said: Option<&str>) -> Markup {
    let (class, shape) = match flag {
        Flag::Unknown | Flag::Normal => {
            return html! { (plain(value)) @if let Some(said) = said { " " span class="muted" { (wrapping(said)) } } };
        }
        Flag::Low => ("abn low", "▼"),
        Flag::High => ("abn high", "▲"),
        Flag::CriticalLow | Flag::CriticalHigh | Flag::Critical => ("abn critical", "‼"),
        Flag::Abnormal | Flag::Positive | Flag::Other => ("abn other", "◆"),
    };
    let word = (flag != Flag::Other || said.is_none()).then(|| flag.word());
    html! {
        span class=(class) { (plain(value)) " " span class="mark" { span aria-hidden="true" { (shape) } @if let Some(word) = word { " " (word) } }
            @if let Some(said) = said { " " (wrapping(said)) } }
    }
}

/// A value without a mark. A number and its unit never part, unless together they are longer than a cell may be; words may wrap.
#[must_use]
pub fn plain(value: &Value) -> Markup {
    let kept = value.number.is_some() || value.text.contains('\u{a0}');
    let class = if is_long(&value.text) { Some("long") } else { kept.then_some("nb") };
    let title = value.exact.as_ref().map(|exact| format!("As reported: {exact}"));
    html! { span class=[class] title=[title] { (value.text) } }
}

/// Words that came from elsewhere, in a cell: one longer than a cell may be is broken.
#[must_use]
pub fn wrapping(words: &str) -> Markup {
    html! { @if is_long(words) { span class="long" { (words) } } @else { (words) } }
}

/// A reference range, or that none was reported.
#[must_use]
pub fn range(range: Option<&str>) -> Markup {
    html! { @match range { Some(range) => (wrapping(range)), None => span class="muted" { "none reported" } } }
}

/// Whether something in it that does not break of itself is longer than a cell may be.
fn is_long(words: &str) -> bool {
    words.split(' ').any(|word| word.chars().count() > LONGEST)
}

/// Characters that stand on one line of any cell, as narrow as it may be.
const LONGEST: usize = 26;

/// A code beside its words.
#[must_use]
pub fn code(code: Option<&Code>) -> Markup {
    html! {
        // A code that is words, such as no-known-allergies, says nothing more than the words before it.
        @if let Some(code) = code.filter(|code| !code.system.is_empty() || code.code.contains(|c: char| c.is_ascii_digit())) {
            " " span class="muted nb" { @if !code.system.is_empty() { (code.system) " " } (code.code) }
        }
    }
}

/// The link to an entry's own page: its versions and corrections.
#[must_use]
pub fn details(patient: &str, entry: &Handle, what: &str) -> Markup {
    html! {
        a class="btn small quiet noprint" href=(entry_path(patient, entry)) { "Details" span class="vh" { " of " (what) } }
    }
}

/// The address of an entry's own page.
#[must_use]
pub fn entry_path(patient: &str, entry: &Handle) -> String {
    format!("/patients/{patient}/changes/{}/{}", entry.key.kind, entry.key.id)
}

/// What must be said of an entry whatever section shows it: marked in error, moved here, changed in its meaning.
#[must_use]
pub fn marks(entry: &Handle) -> Markup {
    html! {
        @if let Some(error) = &entry.error {
            " " span class="chip bad" { "Entered in error" }
            @if let Some(reason) = &error.reason {
                " " span class="muted reason" {
                    (reason)
                    @if let Some(by) = &error.by { ", " (by) }
                    @if let Some(at) = &error.at { ", " (date(Some(at))) }
                }
            }
        } @else if entry.moved {
            " " span class="chip info" { "Moved here from another chart" }
        }
        (modified(entry))
    }
}

/// Said of an entry whose meaning may be turned by what is not understood.
#[must_use]
pub fn modified(entry: &Handle) -> Markup {
    html! { @if entry.modified { " " span class="chip warn" { (clinic::chart::row::MODIFIED) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abnormal_value_has_word_shape_and_colour() {
        let value = Value { number: Some("8.2".to_owned()), ..Value::words("8.2\u{a0}%") };
        let high = marked(&value, Flag::High).into_string();
        assert!(high.contains(r#"class="abn high""#) && high.contains("▲") && high.contains("High"));
        let critical = marked(&value, Flag::CriticalLow).into_string();
        assert!(critical.contains("‼") && critical.contains("Critically low"));
        let panic = interpreted(&value, Flag::Other, Some("PANIC VALUE")).into_string();
        assert!(panic.contains(r#"class="abn other""#) && panic.contains("◆") && panic.contains("PANIC VALUE"));
        let normal = marked(&value, Flag::Normal).into_string();
        assert!(!normal.contains("mark") && normal.contains(r#"class="nb""#));
    }

    #[test]
    fn what_is_longer_than_a_cell_breaks_and_a_rounded_value_tells_the_whole() {
        let rounded = Value {
            exact: Some("106.15610383944654\u{a0}mmHg".to_owned()),
            ..Value::words("≈\u{a0}106.16\u{a0}mmHg")
        };
        let shown = plain(&rounded).into_string();
        assert!(
            shown.contains(r#"class="nb""#) && shown.contains(r#"title="As reported: 106.15610383944654"#),
            "{shown}"
        );
        let hostile = Value { number: Some("1".repeat(80)), ..Value::words("1".repeat(80)) };
        assert!(plain(&hostile).into_string().contains(r#"class="long""#));
        assert!(range(Some(&"mg".repeat(40))).into_string().contains(r#"class="long""#));
        assert!(!range(Some("3.5–5.1\u{a0}mmol/L (adults, fasting, in the morning)")).into_string().contains("long"));
    }

    #[test]
    fn nothing_is_ever_blank() {
        assert!(date(None).into_string().contains("not recorded"));
        assert!(words(None).into_string().contains("not recorded"));
    }
}
