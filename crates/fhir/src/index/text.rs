//! The words people wrote: the narrative, and free text anywhere in a resource.

use crate::Kind;
use base64::Engine;
use serde_json::Value;

/// Most text kept of one resource, in bytes.
const MOST: usize = 256 * 1024;

/// Elements that hold free text. Names are with their strings.
const FREE: [&str; 12] = [
    "text",
    "comment",
    "conclusion",
    "description",
    "title",
    "summary",
    "valueString",
    "valueMarkdown",
    "patientInstruction",
    "reason",
    "clinicalHistory",
    "details",
];

/// The text of the narrative's XHTML, tags removed.
pub(super) fn narrative(resource: &Value) -> String {
    let div = resource.get("text").and_then(|text| text.get("div")).and_then(Value::as_str);
    div.map(without_tags).unwrap_or_default()
}

/// Types of which a practice keeps so many that the words of their codes would be most of the text index and find nothing apart:
/// their codes' words are found by `code:text`.
const MANY: [&str; 6] = ["Observation", "Encounter", "Claim", "ExplanationOfBenefit", "AuditEvent", "Provenance"];

/// Free text of a resource, narrative aside, with the words of its codes (but for types of which there are very many) and the text of
/// plain-text and HTML attachments.
pub(super) fn content(kind: Kind, resource: &Value) -> String {
    let mut text = String::new();
    let codes = !MANY.contains(&kind.name());
    if let Value::Object(members) = resource {
        for (name, member) in members {
            if name != "text" && name != "meta" {
                gather(name, member, codes, &mut text);
            }
        }
    }
    text
}

fn gather(name: &str, value: &Value, codes: bool, text: &mut String) {
    if text.len() >= MOST {
        return;
    }
    match value {
        Value::Object(members) => {
            let concept = members.contains_key("coding") || name == "code";
            if concept && !codes {
                return;
            }
            if let Some(data) = members.get("data").and_then(Value::as_str) {
                attachment(members.get("contentType").and_then(Value::as_str), data, text);
            }
            for (name, member) in members {
                if !matches!(name.as_str(), "extension" | "contained" | "meta") {
                    gather(name, member, codes, text);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(name, item, codes, text)),
        // A concept's own words are mostly those of its code.
        Value::String(words) if name == "display" && codes && !text.ends_with(words.as_str()) => append(text, words),
        Value::String(words) if name == "text" && codes && text.ends_with(words.as_str()) => {}
        Value::String(words) if name == "div" => append(text, &without_tags(words)),
        Value::String(words) if FREE.contains(&name) => append(text, words),
        _ => {}
    }
}

fn attachment(media_type: Option<&str>, data: &str, text: &mut String) {
    let media_type = media_type.unwrap_or_default();
    let html = media_type.starts_with("text/html") || media_type.starts_with("application/xhtml");
    if !html && !media_type.starts_with("text/plain") || data.len() > MOST {
        return;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap_or_default();
    let words = String::from_utf8_lossy(&bytes);
    append(text, &if html { without_tags(&words) } else { words.into_owned() });
}

fn append(text: &mut String, words: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(words);
}

/// XHTML to text: tags become blanks; the five named entities of XML and the blank are read.
fn without_tags(xhtml: &str) -> String {
    let mut text = String::with_capacity(xhtml.len() / 2);
    let mut inside = false;
    for c in xhtml.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    for (entity, c) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#160;", " "),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        if text.contains(entity) {
            text = text.replace(entity, c);
        }
    }
    text
}
