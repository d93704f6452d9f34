//! Reading the pack into tables. Its format is told in `data/README.md`.

use super::{CodeList, Definitions, Element, KindSet, Member, Primitive, Shape, ValueType};
use crate::Kind;
use crate::validate::Rule;
use std::collections::HashMap;
use std::io::Read as _;

const PACK: &[u8] = include_bytes!("../../data/r4-definitions.bin.gz");

/// A row before names are linked.
struct Row {
    name: &'static str,
    marks: &'static str,
    max: u16,
    types: &'static str,
    value_set: &'static str,
}

#[derive(Default)]
struct Lines {
    lists: Vec<CodeList>,
    shapes: Vec<(&'static str, bool, Vec<Row>)>,
    compartment: Vec<(&'static str, Vec<&'static str>)>,
}

/// Reads the pack. It is part of the program and its shape is held by tests, so damage cannot happen at run time; were it to,
/// the tables would be short and resources refused.
pub(super) fn load() -> Definitions {
    let mut text = String::with_capacity(320 * 1024);
    let _ = flate2::read::GzDecoder::new(PACK).read_to_string(&mut text);
    link(read(text.leak()))
}

fn read(text: &'static str) -> Lines {
    let mut lines = Lines::default();
    for line in text.lines() {
        let mut fields = line.split('\t');
        let sort = fields.next();
        let mut next = || fields.next().unwrap_or_default();
        match sort {
            Some("V") => lines.lists.push(CodeList { url: next(), systems: Vec::new() }),
            Some("S") => {
                let system = next();
                if let Some(list) = lines.lists.last_mut() {
                    let mut codes: Vec<_> = fields.collect();
                    codes.sort_unstable();
                    list.systems.push((system, codes));
                }
            }
            Some("T") => {
                let is_resource = next() == "r";
                lines.shapes.push((next(), is_resource, Vec::new()));
            }
            Some("E") => {
                let row = Row {
                    name: next(),
                    marks: next(),
                    max: next().parse().unwrap_or(u16::MAX),
                    types: next(),
                    value_set: next(),
                };
                if let Some((_, _, rows)) = lines.shapes.last_mut() {
                    rows.push(row);
                }
            }
            Some("C") => lines.compartment.push((next(), fields.collect())),
            _ => {}
        }
    }
    lines
}

fn link(lines: Lines) -> Definitions {
    let number = |i: usize| u16::try_from(i).unwrap_or(u16::MAX);
    let names: HashMap<&str, (u16, bool)> =
        lines.shapes.iter().enumerate().map(|(i, (name, is_resource, _))| (*name, (number(i), *is_resource))).collect();
    let lists: HashMap<&str, u16> = lines.lists.iter().enumerate().map(|(i, list)| (list.url, number(i))).collect();
    let shapes =
        lines.shapes.iter().map(|(name, is_resource, rows)| shape(name, *is_resource, rows, &names, &lists)).collect();
    let shape_of = |kind: Kind| names.get(kind.name()).map(|(number, _)| *number);
    let params =
        |kind: Kind| lines.compartment.iter().find(|(name, _)| *name == kind.name()).map(|(_, params)| params.clone());
    Definitions {
        resources: Kind::all().map(shape_of).collect(),
        compartment: Kind::all().map(|kind| params(kind).unwrap_or_default()).collect(),
        element: names.get("Element").map_or(0, |(number, _)| *number),
        shapes,
        lists: lines.lists,
    }
}

fn shape(
    name: &'static str,
    is_resource: bool,
    rows: &[Row],
    names: &HashMap<&str, (u16, bool)>,
    lists: &HashMap<&str, u16>,
) -> Shape {
    let mut elements = Vec::with_capacity(rows.len());
    let mut members = Vec::with_capacity(rows.len());
    let marked = |mark: char| {
        let bits = rows.iter().zip(0..128).filter(|(row, _)| row.marks.contains(mark));
        bits.fold(0u128, |set, (_, place)| set | 1 << place)
    };
    for (i, row) in rows.iter().enumerate() {
        let stem = row.name.strip_suffix("[x]");
        elements.push(Element { name: stem.unwrap_or(row.name), choice: stem.is_some(), max: row.max });
        for written in row.types.split(',') {
            let (code, value, targets) = value_type(written, names);
            let member = stem.map_or(row.name, |stem| leak(stem, code));
            members.push(Member {
                name: member,
                companion: if matches!(value, ValueType::Primitive(_)) { leak("_", member) } else { "" },
                element: u8::try_from(i).unwrap_or(u8::MAX),
                value,
                list: lists.get(row.value_set).copied(),
                targets,
            });
        }
    }
    members.sort_unstable_by_key(|member| member.name);
    let (required, summary, modifiers) = (marked('1'), marked('s'), marked('m'));
    Shape { name, is_resource, elements, members, required, summary, modifiers, rule: Rule::of(name) }
}

/// `stem` and `tail` as one name in camel case: `value` and `dateTime` make `valueDateTime`. Kept for the program's life.
fn leak(stem: &str, tail: &str) -> &'static str {
    let mut joined = stem.to_owned();
    let mut letters = tail.chars();
    if stem != "_" {
        joined.extend(letters.next().map(|first| first.to_ascii_uppercase()));
    }
    joined.push_str(letters.as_str());
    joined.leak()
}

/// `dateTime`, `Reference:Patient|Group`, `Quantity!SimpleQuantity`, `Observation.component`, `Resource`.
fn value_type(written: &'static str, names: &HashMap<&str, (u16, bool)>) -> (&'static str, ValueType, KindSet) {
    let mut targets = KindSet::default();
    if let Some((code, listed)) = written.split_once(':') {
        listed.split('|').filter_map(Kind::parse).for_each(|kind| targets.insert(kind));
        return (code, names.get(code).map_or(ValueType::Resource, |(number, _)| ValueType::Object(*number)), targets);
    }
    let (code, profile) = written.split_once('!').unwrap_or((written, written));
    let value = match (Primitive::parse(code), names.get(profile)) {
        (Some(primitive), _) => ValueType::Primitive(primitive),
        (None, Some((number, false))) => ValueType::Object(*number),
        _ => ValueType::Resource,
    };
    (code, value, targets)
}

impl Primitive {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "base64Binary" => Self::Base64Binary,
            "boolean" => Self::Boolean,
            "canonical" => Self::Canonical,
            "code" => Self::Code,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "decimal" => Self::Decimal,
            "id" => Self::Id,
            "instant" => Self::Instant,
            "integer" => Self::Integer,
            "markdown" => Self::Markdown,
            "oid" => Self::Oid,
            "positiveInt" => Self::PositiveInt,
            "string" => Self::String,
            "time" => Self::Time,
            "unsignedInt" => Self::UnsignedInt,
            "uri" => Self::Uri,
            "url" => Self::Url,
            "uuid" => Self::Uuid,
            "xhtml" => Self::Xhtml,
            _ => return None,
        })
    }
}
