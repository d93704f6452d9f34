//! The search parameters: which there are, what they hold, and where an index keeps them.
//!
//! The table is a reduction of R4's and US Core's publications: `parameters/README.md`.

use crate::Kind;
use crate::search::expression::{Arm, compile};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A parameter's number, as databases store it. Below 10,000 from the table; above, those every type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Param(pub u16);

/// What a parameter's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ValueType {
    Token,
    String,
    Date,
    Quantity,
    Reference,
    Uri,
    Composite,
}

impl ValueType {
    /// The word FHIR uses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::String => "string",
            Self::Date => "date",
            Self::Quantity => "quantity",
            Self::Reference => "reference",
            Self::Uri => "uri",
            Self::Composite => "composite",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Token, Self::String, Self::Date, Self::Quantity, Self::Reference, Self::Uri, Self::Composite]
            .into_iter()
            .find(|t| t.name() == word)
    }
}

/// One search parameter of one resource type.
#[derive(Debug)]
pub struct Definition {
    /// Its number.
    pub param: Param,
    /// The type it searches.
    pub kind: Kind,
    /// Its name in a query.
    pub code: &'static str,
    /// What its values are.
    pub value: ValueType,
    /// What a reference may name; empty: anything.
    pub targets: Vec<Kind>,
    /// The published expression, for messages and the capability statement.
    pub expression: &'static str,
    /// Its paths, compiled. Empty for what is stored under other parameters.
    pub(crate) arms: Vec<Arm>,
    /// The parameters whose rows answer it: itself, or for a union or a narrowing those it is made of.
    pub stored: Vec<Param>,
    /// Only rows that refer to this type count: `patient` is `subject` narrowed to Patient.
    pub only: Option<Kind>,
    /// For a composite: each way to answer it, as the parameters of its components, which must agree in their part.
    pub components: Vec<Vec<Param>>,
    /// Whether its one value is the chart the resource belongs to: then that column answers it and no row is kept.
    pub compartment: bool,
    /// Whether it is the clinical date by which a chart is sorted.
    pub clinical: bool,
    /// Whether its values are phone numbers and the like, matched without their punctuation.
    pub contact: bool,
    /// Whether it matches by sound.
    pub phonetic: bool,
}

/// The parameters every type has: name and value type. Their numbers are 10,000 + 8 × type + place here.
const COMMON: [(&str, ValueType, &str); 4] = [
    ("_tag", ValueType::Token, "meta.tag"),
    ("_security", ValueType::Token, "meta.security"),
    ("_profile", ValueType::Uri, "meta.profile"),
    ("_source", ValueType::Uri, "meta.source"),
];

/// The numbers of the common parameters begin here.
const COMMON_BASE: u16 = 10_000;

static TABLE: LazyLock<Table> = LazyLock::new(Table::load);

struct Table {
    definitions: Vec<Definition>,
    by_kind: Vec<Vec<usize>>,
    by_param: HashMap<Param, usize>,
}

/// The parameters of a type, those of every type included.
pub fn of_kind(kind: Kind) -> impl Iterator<Item = &'static Definition> {
    let places = TABLE.by_kind.get(usize::from(kind.number())).map_or(&[][..], Vec::as_slice);
    places.iter().filter_map(|place| TABLE.definitions.get(*place))
}

/// The parameter of this name.
#[must_use]
pub fn named(kind: Kind, code: &str) -> Option<&'static Definition> {
    of_kind(kind).find(|definition| definition.code == code)
}

/// The parameter of a number.
#[must_use]
pub fn numbered(param: Param) -> Option<&'static Definition> {
    TABLE.by_param.get(&param).and_then(|place| TABLE.definitions.get(*place))
}

impl Table {
    fn load() -> Self {
        let mut definitions: Vec<Definition> = include_str!("parameters/r4.tsv").lines().filter_map(read).collect();
        for kind in Kind::all() {
            for (place, (code, value, path)) in (0_u16..).zip(COMMON) {
                definitions.push(common(kind, place, code, value, path));
            }
        }
        let mut by_kind = vec![Vec::new(); Kind::all().count()];
        for (place, definition) in definitions.iter().enumerate() {
            if let Some(places) = by_kind.get_mut(usize::from(definition.kind.number())) {
                places.push(place);
            }
        }
        for places in &by_kind {
            resolve(&mut definitions, places);
        }
        let by_param = definitions.iter().enumerate().map(|(place, d)| (d.param, place)).collect();
        Self { definitions, by_kind, by_param }
    }
}

fn read(line: &'static str) -> Option<Definition> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let [number, kind, code, value, targets, expression, components] = fields.as_slice() else { return None };
    let kind = Kind::parse(kind)?;
    let value = ValueType::parse(value)?;
    let param = Param(number.parse().ok()?);
    let path = expression.split_once('.').map_or("", |(_, path)| path);
    // An expression that cannot be compiled leaves the parameter out: then a search by it is refused (none today; tested).
    let arms = if value == ValueType::Composite { Vec::new() } else { compile(kind, expression)? };
    let mut definition = blank(param, kind, code, value);
    definition.targets = targets.split(',').filter_map(Kind::parse).collect();
    definition.expression = expression;
    definition.arms = arms;
    definition.compartment = crate::index::clinical::compartment_path(kind) == Some(path);
    definition.clinical = crate::index::clinical::date_paths(kind).first() == Some(&path);
    definition.contact = path.starts_with("telecom");
    definition.phonetic = code == &"phonetic";
    // Named for now; found among the type's parameters by `resolve`.
    definition.components = components.split(',').filter(|c| !c.is_empty()).map(|_| Vec::new()).collect();
    Some(definition)
}

fn common(kind: Kind, place: u16, code: &'static str, value: ValueType, path: &'static str) -> Definition {
    let mut definition = blank(Param(COMMON_BASE + u16::from(kind.number()) * 8 + place), kind, code, value);
    definition.expression = path;
    definition.arms = compile(kind, &format!("{kind}.{path}")).unwrap_or_default();
    definition
}

fn blank(param: Param, kind: Kind, code: &'static str, value: ValueType) -> Definition {
    Definition {
        param,
        kind,
        code,
        value,
        targets: Vec::new(),
        expression: "",
        arms: Vec::new(),
        stored: vec![param],
        only: None,
        components: Vec::new(),
        compartment: false,
        clinical: false,
        contact: false,
        phonetic: false,
    }
}

/// Finds which parameters of a type are answered by the rows of others, and what composites are made of.
fn resolve(definitions: &mut [Definition], places: &[usize]) {
    let summary: Vec<(Param, &str, ValueType, Vec<Arm>)> = places
        .iter()
        .filter_map(|place| definitions.get(*place))
        .map(|d| (d.param, d.code, d.value, d.arms.clone()))
        .collect();
    for place in places {
        let Some(definition) = definitions.get_mut(*place) else { continue };
        if let Some((stored, only)) = narrowed(definition, &summary).or_else(|| union_of(definition, &summary)) {
            definition.stored = stored;
            definition.only = only;
            definition.arms.clear();
        }
    }
    for place in places {
        let Some(definition) = definitions.get_mut(*place).filter(|d| d.value == ValueType::Composite) else {
            continue;
        };
        let codes = composite_codes(definition.code);
        definition.components = codes
            .iter()
            .map(|pair| {
                pair.iter().filter_map(|code| summary.iter().find(|(_, c, ..)| c == code).map(|(p, ..)| *p)).collect()
            })
            .collect();
    }
}

/// A parameter that is another one narrowed to one target type, such as `patient` for `subject`.
fn narrowed(
    definition: &Definition,
    others: &[(Param, &str, ValueType, Vec<Arm>)],
) -> Option<(Vec<Param>, Option<Kind>)> {
    let [arm] = definition.arms.as_slice() else { return None };
    let (bare, target) = arm.without_target()?;
    let (param, ..) = others
        .iter()
        .find(|(_, _, value, arms)| *value == ValueType::Reference && arms.as_slice() == std::slice::from_ref(&bare))?;
    Some((vec![*param], Some(target)))
}

/// A parameter that is the union of others, such as `combo-code` of `code` and `component-code`.
fn union_of(
    definition: &Definition,
    others: &[(Param, &str, ValueType, Vec<Arm>)],
) -> Option<(Vec<Param>, Option<Kind>)> {
    if definition.arms.len() < 2 {
        return None;
    }
    let parts: Vec<_> = others
        .iter()
        .filter(|(param, _, value, arms)| {
            *param != definition.param
                && *value == definition.value
                && !arms.is_empty()
                && arms.len() < definition.arms.len()
                && arms.iter().all(|arm| definition.arms.contains(arm))
        })
        .collect();
    let covered = definition.arms.iter().all(|arm| parts.iter().any(|(.., arms)| arms.contains(arm)));
    (covered && parts.len() > 1).then(|| (parts.iter().map(|(param, ..)| *param).collect(), None))
}

/// What the composites of the table are made of (R4 `SearchParameter.component`); a `combo-` may hold at the top or in one component.
fn composite_codes(code: &str) -> &'static [[&'static str; 2]] {
    match code {
        "code-value-concept" => &[["code", "value-concept"]],
        "code-value-date" => &[["code", "value-date"]],
        "code-value-quantity" => &[["code", "value-quantity"]],
        "code-value-string" => &[["code", "value-string"]],
        "component-code-value-concept" => &[["component-code", "component-value-concept"]],
        "component-code-value-quantity" => &[["component-code", "component-value-quantity"]],
        "combo-code-value-concept" => &[["code", "value-concept"], ["component-code", "component-value-concept"]],
        "combo-code-value-quantity" => &[["code", "value-quantity"], ["component-code", "component-value-quantity"]],
        "relationship" => &[["relation", "relatesto"]],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(params: &[Param]) -> Vec<&'static str> {
        params.iter().filter_map(|p| numbered(*p)).map(|d| d.code).collect()
    }

    #[test]
    fn every_published_parameter_of_the_table_is_usable() {
        for line in include_str!("parameters/r4.tsv").lines() {
            let definition = read(line).unwrap_or_else(|| panic!("unusable: {line}"));
            let found = named(definition.kind, definition.code).expect("found by name");
            assert_eq!(found.param, definition.param);
            let answered =
                found.value == ValueType::Composite || found.stored != [found.param] || !found.arms.is_empty();
            assert!(answered, "{line}");
            assert!(found.value != ValueType::Composite || found.components.iter().all(|c| c.len() == 2), "{line}");
        }
    }

    #[test]
    fn narrowings_and_unions_keep_no_rows_of_their_own() {
        let patient = named(Kind::OBSERVATION, "patient").expect("patient");
        assert_eq!((codes(&patient.stored), patient.only), (vec!["subject"], Some(Kind::PATIENT)));
        assert!(named(Kind::OBSERVATION, "subject").expect("subject").compartment);
        let combo = named(Kind::OBSERVATION, "combo-code").expect("combo-code");
        assert_eq!(codes(&combo.stored), ["code", "component-code"]);
        let quantity = named(Kind::OBSERVATION, "combo-value-quantity").expect("combo");
        assert_eq!(codes(&quantity.stored), ["component-value-quantity", "value-quantity"]);
        let practitioner = named(Kind::APPOINTMENT, "practitioner").expect("practitioner");
        assert_eq!((codes(&practitioner.stored), practitioner.only), (vec!["actor"], Some(Kind::PRACTITIONER)));
    }

    #[test]
    fn the_clinical_date_is_the_date_parameter_where_there_is_one() {
        for (kind, code) in [
            (Kind::OBSERVATION, "date"),
            (Kind::ENCOUNTER, "date"),
            (Kind::PROCEDURE, "date"),
            (Kind::IMMUNIZATION, "date"),
            (Kind::MEDICATION_REQUEST, "authoredon"),
            (Kind::SERVICE_REQUEST, "authored"),
        ] {
            assert!(named(kind, code).is_some_and(|d| d.clinical), "{kind} {code}");
        }
        assert!(!named(Kind::MEDICATION_REQUEST, "date").expect("date").clinical);
    }
}
