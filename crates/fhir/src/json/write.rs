//! The canonical form: no whitespace, members in their order, numbers as written, strings escaped only where JSON must.

use serde_json::Value;

/// The canonical compact bytes of a value. `parse(write(v)) == v` for every value [`super::parse`] can return.
#[must_use]
pub fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    value_to(&mut out, value);
    out
}

fn value_to(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => out.extend_from_slice(number.as_str().as_bytes()),
        Value::String(text) => string_to(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                value_to(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (i, (name, member)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                string_to(out, name);
                out.push(b':');
                value_to(out, member);
            }
            out.push(b'}');
        }
    }
}

fn string_to(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(stop) = rest.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20) {
        let (plain, from) = rest.split_at(stop);
        out.extend_from_slice(plain);
        if let Some((&special, after)) = from.split_first() {
            escape_to(out, special);
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn escape_to(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0C => out.extend_from_slice(b"\\f"),
        _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
    }
}
