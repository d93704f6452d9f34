//! Random searches, made of what is there.

use super::World;
use super::reading::definition;
use fhir::index::Index;
use fhir::search::fold::words;
use fhir::search::parameters::{self, Param, ValueType};
use fhir::{Key, Kind};
use jiff::Timestamp;

pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % u64::try_from(n.max(1)).expect("small")) as usize
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

pub(super) fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$")
}

const PREFIXES: [&str; 10] = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"];

/// One condition that this resource has something to do with.
pub(super) fn condition(rng: &mut Rng, at: &(Key, Index)) -> Option<(String, String)> {
    let index = &at.1;
    let code = |p: Param| definition(p).code;
    Some(match rng.below(9) {
        0 | 1 if !index.tokens.is_empty() => {
            let row = rng.pick(&index.tokens);
            let (code, system) = (code(row.param), row.system.clone().unwrap_or_default());
            if definition(row.param).value == ValueType::Reference {
                (format!("{code}:identifier"), format!("{}|{}", escape(&system), escape(&row.code)))
            } else {
                match rng.below(6) {
                    0 => (format!("{code}:missing"), rng.pick(&["true", "false"]).to_string()),
                    1 if !row.text.is_empty() => {
                        (format!("{code}:text"), escape(&row.text.chars().take(1 + rng.below(9)).collect::<String>()))
                    }
                    2 if !row.code.is_empty() => (format!("{code}:not"), escape(&row.code)),
                    3 if !row.code.is_empty() && !system.is_empty() => {
                        (code.to_owned(), format!("{}|{}", escape(&system), escape(&row.code)))
                    }
                    4 if !system.is_empty() => (code.to_owned(), format!("{}|", escape(&system))),
                    _ if !row.code.is_empty() => (code.to_owned(), format!("{},nothing", escape(&row.code))),
                    _ => return None,
                }
            }
        }
        2 if !index.strings.is_empty() => {
            let row = rng.pick(&index.strings);
            let code = code(row.param);
            match rng.below(4) {
                _ if definition(row.param).phonetic => return None,
                0 => (format!("{code}:exact"), escape(&row.exact)),
                1 => (format!("{code}:contains"), escape(&row.folded.chars().skip(1).take(3).collect::<String>())),
                2 => (format!("{code}:missing"), rng.pick(&["true", "false"]).to_string()),
                _ => (code.to_owned(), escape(&row.folded.chars().take(1 + rng.below(6)).collect::<String>())),
            }
        }
        3 | 4 if !index.dates.is_empty() => {
            let row = rng.pick(&index.dates);
            let at = Timestamp::from_microsecond(row.period.from).ok()?.to_string();
            let length = *rng.pick(&[4, 7, 10, 20]);
            let written = at.get(..length.min(at.len()))?;
            let written = if length == 20 && !written.ends_with('Z') { at.get(..10)? } else { written };
            (code(row.param).to_owned(), format!("{}{written}", rng.pick(&PREFIXES)))
        }
        5 if !index.quantities.is_empty() => {
            let row = rng.pick(&index.quantities);
            let number = match rng.below(3) {
                0 => format!("{:.0}", row.low),
                1 => format!("{:.2}", row.low),
                _ => format!("{}", row.low + 1.0),
            };
            let unit = match rng.below(3) {
                0 => String::new(),
                1 => format!("||{}", escape(&row.code)),
                _ => format!("|{}|{}", escape(&row.system), escape(&row.code)),
            };
            (code(row.param).to_owned(), format!("{}{number}{unit}", rng.pick(&PREFIXES)))
        }
        6 if !index.references.is_empty() => {
            let row = rng.pick(&index.references);
            match rng.below(3) {
                0 => (code(row.param).to_owned(), row.target.id.to_string()),
                1 => (format!("{}:missing", code(row.param)), rng.pick(&["true", "false"]).to_string()),
                _ => (code(row.param).to_owned(), row.target.to_string()),
            }
        }
        7 => {
            let patient = index.patient.as_ref().filter(|_| at.0.kind != Kind::PATIENT)?;
            let name = ["patient", "subject"].into_iter().find(|n| parameters::named(at.0.kind, n).is_some())?;
            (name.to_owned(), format!("Patient/{patient}"))
        }
        8 if !index.content.is_empty() => {
            let there = words(&index.content);
            if there.is_empty() {
                return None;
            }
            ("_content".to_owned(), rng.pick(&there).clone())
        }
        _ => return None,
    })
}

/// A chain or `_has` around a condition of something near.
pub(super) fn linked(rng: &mut Rng, world: &World, at: &(Key, Index)) -> Option<(String, String)> {
    if rng.below(2) == 0 {
        let row = at.1.references.get(rng.below(at.1.references.len()))?;
        let target = world.get(&row.target.to_string())?;
        let (name, value) = condition(rng, target)?;
        Some((format!("{}:{}.{name}", definition(row.param).code, target.0.kind), value))
    } else {
        let patient = at.1.patient.as_ref().filter(|_| at.0.kind == Kind::PATIENT)?;
        let mut mine: Vec<_> = world
            .values()
            .filter(|o| o.1.patient.as_ref() == Some(patient) && parameters::named(o.0.kind, "patient").is_some())
            .collect();
        mine.retain(|other| other.0.kind != Kind::PATIENT);
        let other = *rng.pick(&mine);
        let (name, value) = condition(rng, other)?;
        Some((format!("_has:{}:patient:{name}", other.0.kind), value))
    }
}

/// A composite of two values of one repetition, or of two that do not belong together.
pub(super) fn composite(rng: &mut Rng, at: &(Key, Index)) -> Option<(String, String)> {
    let value = at.1.quantities.get(rng.below(at.1.quantities.len()))?;
    let codes: Vec<_> =
        at.1.tokens.iter().filter(|t| ["code", "component-code"].contains(&definition(t.param).code)).collect();
    let code = rng.pick(&codes);
    let name = *rng.pick(&["code-value-quantity", "component-code-value-quantity", "combo-code-value-quantity"]);
    parameters::named(at.0.kind, name)?;
    Some((name.to_owned(), format!("{}${}{:.0}", escape(&code.code), rng.pick(&["", "gt", "le"]), value.low)))
}
