//! What leads a search: what leaves the fewest resources to look at, so that the rest are looked up one resource at a time.

use crate::{Error, Result};
use fhir::search::Query;
use fhir::search::parameters::{Definition, Param, numbered};
use fhir::search::query::{Filter, Sort, SortKey, Test, TextTest, TokenTest, further_patients};
use fhir::{Id, Key, Kind};

/// What leads.
pub enum Lead<'q> {
    /// A walk along the resources that have a code, within a chart when one is named, and the filter that is met by that, if one is.
    Code {
        /// The filter that this meets.
        meets: Option<usize>,
        /// The parameter.
        param: Param,
        /// The code.
        token: &'q TokenTest,
    },
    /// A walk along what refers to one resource by one parameter, newest first.
    Reference {
        /// The filter that this meets.
        place: usize,
        /// The parameter.
        param: Param,
        /// What is referred to.
        target: &'q Key,
    },
    /// A walk along the chart.
    Chart,
    /// The resources a filter names.
    Set {
        /// The filter.
        place: usize,
    },
    /// All of the type.
    Kind,
}

/// The definition of a parameter of the table.
///
/// # Errors
/// When there is none.
pub fn definition(param: Param) -> Result<&'static Definition> {
    numbered(param).ok_or_else(|| Error::Broken("a search names a parameter that is not in the table".to_owned()))
}

/// Whether the newest come first, or no order is asked for.
#[must_use]
pub fn newest_first(sort: &[Sort]) -> bool {
    sort.is_empty() || sort == [Sort { by: SortKey::Clinical, descending: true }]
}

/// The patient whose chart a search names: by `patient`, or by `subject` of a type whose chart that is, or by a compartment that is
/// the chart.
///
/// # Errors
/// When it names an unknown parameter.
pub fn chart_of(query: &Query) -> Result<Option<&Id>> {
    if let Some(patient) = query.compartment()
        && further_patients(query.kind).next().is_none()
    {
        return Ok(Some(patient.id()));
    }
    for filter in &query.filters {
        let Filter::Match { param, not: false, any } = filter else { continue };
        let ([Test::Reference(keys)], [stored]) = (any.as_slice(), definition(*param)?.stored.as_slice()) else {
            continue;
        };
        if let [key] = keys.as_slice()
            && key.kind == Kind::PATIENT
            && definition(*stored)?.compartment
        {
            return Ok(Some(&key.id));
        }
    }
    Ok(None)
}

/// What leads a search; `charted`: it names one chart.
///
/// # Errors
/// When it names an unknown parameter.
pub fn lead(query: &Query, charted: bool) -> Result<Lead<'_>> {
    let mut best: Option<(u8, Lead<'_>)> = charted.then_some((30, Lead::Chart));
    for (place, filter) in query.filters.iter().enumerate() {
        let Some((cost, lead)) = candidate(place, filter, charted)? else { continue };
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, lead));
        }
    }
    match best.map_or(Lead::Kind, |(_, lead)| lead) {
        Lead::Set { place } if newest_first(&query.sort) => Ok(reference(query, place)?.unwrap_or(Lead::Set { place })),
        lead => Ok(lead),
    }
}

/// A filter that names one resource, by one parameter whose rows are references: they lie newest first.
fn reference(query: &Query, place: usize) -> Result<Option<Lead<'_>>> {
    let Some(Filter::Match { param, not: false, any }) = query.filters.get(place) else { return Ok(None) };
    let ([Test::Reference(keys)], [param]) = (any.as_slice(), definition(*param)?.stored.as_slice()) else {
        return Ok(None);
    };
    let [target] = keys.as_slice() else { return Ok(None) };
    if target.kind == Kind::PATIENT && definition(*param)?.compartment {
        return Ok(None);
    }
    Ok(Some(Lead::Reference { place, param: *param, target }))
}

/// How a filter would lead, and how many resources it is likely to leave: a rank, not a count.
fn candidate(place: usize, filter: &Filter, charted: bool) -> Result<Option<(u8, Lead<'_>)>> {
    let set = Lead::Set { place };
    Ok(match filter {
        Filter::Ids(_) => Some((0, set)),
        Filter::Compartment(_) if !charted => Some((11, set)),
        Filter::Match { param, not: false, any } => {
            let asked = definition(*param)?;
            match (any.as_slice(), asked.stored.as_slice()) {
                ([Test::Token(token)], [stored]) if token.code.is_some() => {
                    let cost = match (charted, broad(asked)) {
                        (true, false) => 10,
                        (true, true) => 20,
                        (false, false) => 12,
                        (false, true) => 60,
                    };
                    Some((cost, Lead::Code { meets: Some(place), param: *stored, token }))
                }
                // Within a chart the chart itself leads: what others name lies in every chart.
                _ if charted => None,
                ([Test::Reference(_), ..], _) => Some((15, set)),
                ([Test::Text(TextTest::Contains(_)), ..], _) => Some((50, set)),
                ([Test::Text(_) | Test::Uri(_), ..], _) => Some((18, set)),
                ([Test::Date(_) | Test::Quantity(_), ..], _) => Some((40, set)),
                _ => Some((45, set)),
            }
        }
        // A code with its value is looked for along the code.
        Filter::Composite { param, any } => match (any.as_slice(), definition(*param)?.components.as_slice()) {
            ([tests], [params]) => match (tests.first(), params.first()) {
                (Some(Test::Token(token)), Some(param)) if token.code.is_some() => {
                    Some((if charted { 11 } else { 25 }, Lead::Code { meets: None, param: *param, token }))
                }
                _ => None,
            },
            _ if charted => None,
            _ => Some((45, set)),
        },
        Filter::Narrative(_) | Filter::Content(_) if !charted => Some((25, set)),
        Filter::Chain { .. } | Filter::Has { .. } if !charted => Some((35, set)),
        _ => None,
    })
}

/// Whether a code parameter has few different values, so that each is shared by many.
fn broad(asked: &Definition) -> bool {
    const BROAD: [&str; 16] = [
        "status",
        "intent",
        "category",
        "class",
        "active",
        "gender",
        "clinical-status",
        "verification-status",
        "lifecycle-status",
        "priority",
        "deceased",
        "criticality",
        "severity",
        "_tag",
        "_security",
        "language",
    ];
    BROAD.contains(&asked.code)
}
