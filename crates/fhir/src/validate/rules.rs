//! Rules across the elements of one object: R4's own invariants (their keys are given), those that are cheap and protect a
//! chart. Texts say what must hold.

use super::{Path, Walker, timing};
use crate::date::{FhirDate, Precision};
use crate::{Issue, IssueType};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

/// The shape that has rules, by name; looked up once when the definitions are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub(crate) enum Rule {
    AllergyIntolerance,
    Appointment,
    AppointmentParticipant,
    Attachment,
    Bundle,
    BundleEntry,
    CarePlanActivity,
    CompositionSection,
    Condition,
    ConditionEvidence,
    ConditionStage,
    ContactPoint,
    Extension,
    FamilyMemberHistory,
    GoalTarget,
    ImmunizationEducation,
    List,
    MedicationAdministrationDosage,
    Money,
    Observation,
    ObservationReferenceRange,
    Organization,
    ParametersParameter,
    PatientContact,
    Period,
    Quantity,
    QuestionnaireResponseItem,
    Range,
    Ratio,
    Reference,
    ServiceRequest,
    TimingRepeat,
}

impl Rule {
    /// The rules of a shape.
    pub fn of(shape: &str) -> Option<Self> {
        Some(match shape {
            "AllergyIntolerance" => Self::AllergyIntolerance,
            "Appointment" => Self::Appointment,
            "Appointment.participant" => Self::AppointmentParticipant,
            "Attachment" => Self::Attachment,
            "Bundle" => Self::Bundle,
            "Bundle.entry" => Self::BundleEntry,
            "CarePlan.activity" => Self::CarePlanActivity,
            "Composition.section" => Self::CompositionSection,
            "Condition" => Self::Condition,
            "Condition.evidence" => Self::ConditionEvidence,
            "Condition.stage" => Self::ConditionStage,
            "ContactPoint" => Self::ContactPoint,
            "Extension" => Self::Extension,
            "FamilyMemberHistory" => Self::FamilyMemberHistory,
            "Goal.target" => Self::GoalTarget,
            "Immunization.education" => Self::ImmunizationEducation,
            "List" => Self::List,
            "MedicationAdministration.dosage" => Self::MedicationAdministrationDosage,
            "Money" => Self::Money,
            "Observation" => Self::Observation,
            "Observation.referenceRange" => Self::ObservationReferenceRange,
            "Organization" => Self::Organization,
            "Parameters.parameter" => Self::ParametersParameter,
            "Patient.contact" => Self::PatientContact,
            "Period" => Self::Period,
            "Quantity" | "SimpleQuantity" | "MoneyQuantity" | "Age" | "Count" | "Distance" | "Duration" => {
                Self::Quantity
            }
            "QuestionnaireResponse.item" => Self::QuestionnaireResponseItem,
            "Range" => Self::Range,
            "Ratio" => Self::Ratio,
            "Reference" => Self::Reference,
            "ServiceRequest" => Self::ServiceRequest,
            "Timing.repeat" => Self::TimingRepeat,
            _ => return None,
        })
    }

    /// Checks an object whose members have been walked.
    pub(super) fn check(self, walker: &mut Walker<'_>, map: &Map<String, Value>, at: &Path<'_>) {
        let has = |name: &str| {
            map.contains_key(name) || (map.len() > 1 && map.keys().any(|k| k.strip_prefix('_') == Some(name)))
        };
        for (_, members, rule, text) in MEMBERS.iter().filter(|(of, ..)| *of == self) {
            if !members.hold(has) {
                walker.broken(rule, at, text);
            }
        }
        let choice = |stem: &str| map.keys().any(|k| is_choice(k.strip_prefix('_').unwrap_or(k), stem));
        let mut require = |holds: bool, rule: &str, text: &str| {
            if !holds {
                walker.broken(rule, at, text);
            }
        };
        match self {
            Self::Extension => {
                let text = "An extension has either a value or further extensions: one of them, not both";
                require(has("extension") != choice("value"), "ext-1", text);
            }
            Self::Period => require(period_in_order(map), "per-1", "A period's start must not be after its end"),
            Self::Range => require(range_in_order(map), "rng-2", "A range's low end must not be above its high end"),
            Self::Ratio => {
                let (above, below) = (has("numerator"), has("denominator"));
                let holds = above == below && (above || has("extension"));
                require(holds, "rat-1", "A ratio needs numerator and denominator");
            }
            Self::Money => {
                let code = map.get("currency").and_then(Value::as_str);
                let holds = code.is_none_or(|c| c.len() == 3 && c.bytes().all(|b| b.is_ascii_uppercase()));
                require(holds, "currencies", "A currency is three capital letters of ISO 4217, such as USD");
            }
            Self::TimingRepeat => timing::check(walker, map, at),
            Self::Observation => observation(walker, map, at),
            Self::AllergyIntolerance => allergy(map, &mut require, &has),
            Self::Condition => condition(walker, map, at),
            Self::Appointment => appointment(map, &mut require, &has),
            Self::FamilyMemberHistory => {
                require(!(choice("age") && choice("born")), "fhs-1", "Give age or birth, not both");
                require(!has("estimatedAge") || choice("age"), "fhs-2", "'estimatedAge' needs an age");
            }
            Self::GoalTarget => {
                require(!choice("detail") || has("measure"), "gol-1", "A target's detail needs its measure");
            }
            Self::MedicationAdministrationDosage => {
                require(has("dose") || choice("rate"), "mad-1", "A dosage needs a dose or a rate");
            }
            Self::ParametersParameter => {
                let given = [has("part"), has("resource"), choice("value")].into_iter().filter(|given| *given).count();
                require(given == 1, "inv-1", "A parameter has exactly one of a value, a resource or parts");
            }
            Self::BundleEntry => {
                let versioned =
                    map.get("fullUrl").and_then(Value::as_str).is_some_and(|url| url.contains("/_history/"));
                require(!versioned, "bdl-8", "'fullUrl' cannot name a version");
            }
            Self::Bundle => bundle(map, &mut require),
            // The table says all of theirs; references are checked where their target types are known.
            _ => {}
        }
    }
}

/// Which members of an object go together.
enum Members {
    /// At least one of them.
    OneOf(&'static [&'static str]),
    /// The first only with the second.
    Needs(&'static str, &'static str),
    /// One or the other.
    NotBoth(&'static str, &'static str),
}

impl Members {
    fn hold(&self, has: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::OneOf(names) => names.iter().any(|name| has(name)),
            Self::Needs(name, other) => !has(name) || has(other),
            Self::NotBoth(name, other) => !(has(name) && has(other)),
        }
    }
}

use Members::{Needs, NotBoth, OneOf};

/// The rules that only say which members go together.
const MEMBERS: &[(Rule, Members, &str, &str)] = &[
    (
        Rule::Quantity,
        Needs("code", "system"),
        "qty-3",
        "A unit given as code needs 'system', the address of the unit system",
    ),
    (Rule::Attachment, Needs("data", "contentType"), "att-1", "Data need their 'contentType'"),
    (
        Rule::ContactPoint,
        Needs("value", "system"),
        "cpt-2",
        "A number or address needs its 'system', such as phone or email",
    ),
    (Rule::ServiceRequest, Needs("orderDetail", "code"), "prr-1", "Order details need a code"),
    (
        Rule::PatientContact,
        OneOf(&["name", "telecom", "address", "organization"]),
        "pat-1",
        "A contact needs a name, a phone or e-mail, an address or an organization",
    ),
    (
        Rule::ObservationReferenceRange,
        OneOf(&["low", "high", "text"]),
        "obs-3",
        "A reference range needs a low end, a high end or a text",
    ),
    (Rule::ConditionStage, OneOf(&["summary", "assessment"]), "con-1", "A stage needs a summary or an assessment"),
    (Rule::ConditionEvidence, OneOf(&["code", "detail"]), "con-2", "Evidence needs a code or details"),
    (Rule::AppointmentParticipant, OneOf(&["type", "actor"]), "app-1", "A participant needs a type or an actor"),
    (
        Rule::CompositionSection,
        OneOf(&["text", "entry", "section"]),
        "cmp-1",
        "A section needs a text, entries or further sections",
    ),
    (
        Rule::ImmunizationEducation,
        OneOf(&["documentType", "reference"]),
        "imm-1",
        "Education material needs a document type or a reference",
    ),
    (Rule::Organization, OneOf(&["name", "identifier"]), "org-1", "An organization needs a name or an identifier"),
    (
        Rule::BundleEntry,
        OneOf(&["resource", "request", "response"]),
        "bdl-5",
        "An entry needs a resource, a request or a response",
    ),
    (
        Rule::CarePlanActivity,
        NotBoth("detail", "reference"),
        "cpl-3",
        "An activity has a reference or details, not both",
    ),
    (
        Rule::CompositionSection,
        NotBoth("emptyReason", "entry"),
        "cmp-2",
        "A section with entries is not empty: leave 'emptyReason' out",
    ),
    (Rule::List, NotBoth("emptyReason", "entry"), "lst-1", "A list with entries is not empty: leave 'emptyReason' out"),
    (
        Rule::QuestionnaireResponseItem,
        NotBoth("answer", "item"),
        "qrs-1",
        "Further items stand in the answer or in the item, not in both",
    ),
];

/// `valueQuantity` is a choice of `value`: the stem, then a capital letter.
fn is_choice(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// Whether start is not after end, as far as their precision tells.
fn period_in_order(map: &Map<String, Value>) -> bool {
    let date = |name| map.get(name).and_then(Value::as_str).and_then(FhirDate::parse);
    let (Some(start), Some(end)) = (date("start"), date("end")) else { return true };
    let mixed = (start.precision() == Precision::Moment) != (end.precision() == Precision::Moment);
    // A day has no zone: beside a moment it may lie up to 14 hours either way.
    let slack = SignedDuration::from_hours(if mixed { 14 } else { 0 });
    let latest = end.range(&TimeZone::UTC).1.checked_add(slack).unwrap_or(Timestamp::MAX);
    start.first(&TimeZone::UTC) < latest
}

fn range_in_order(map: &Map<String, Value>) -> bool {
    let number = |name| map.get(name).and_then(|q| number(q, "value")).and_then(|text| text.parse::<f64>().ok());
    let unit = |name| map.get(name).and_then(|q| text(q, "code").or_else(|| text(q, "unit")));
    let (Some(low), Some(high)) = (number("low"), number("high")) else { return true };
    unit("low") != unit("high") || low <= high
}

/// Whether a concept carries a code.
fn coded(map: &Map<String, Value>, name: &str, code: &str) -> bool {
    let codings = map.get(name).and_then(|concept| concept.get("coding")).and_then(Value::as_array);
    codings.is_some_and(|codings| codings.iter().any(|c| text(c, "code") == Some(code)))
}

fn observation(walker: &mut Walker<'_>, map: &Map<String, Value>, at: &Path<'_>) {
    if !map.contains_key("dataAbsentReason") && !map.contains_key("component") {
        return;
    }
    if !map.keys().any(|k| is_choice(k, "value")) {
        return;
    }
    if map.contains_key("dataAbsentReason") {
        walker.broken("obs-6", at, "An observation with a value has no 'dataAbsentReason'");
    }
    let codings = |holder: &Value| -> Vec<Value> {
        holder.get("code").and_then(|c| c.get("coding")).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let own = map.get("code").and_then(|c| c.get("coding")).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let same = |a: &Value, b: &Value| {
        text(a, "code").is_some() && text(a, "code") == text(b, "code") && a.get("system") == b.get("system")
    };
    let components = map.get("component").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if components.iter().flat_map(codings).any(|coding| own.iter().any(|o| same(o, &coding))) {
        walker.broken(
            "obs-7",
            at,
            "The value stands in the observation or in the component of the same code, not in both",
        );
    }
}

fn allergy(map: &Map<String, Value>, require: &mut impl FnMut(bool, &str, &str), has: &impl Fn(&str) -> bool) {
    let in_error = coded(map, "verificationStatus", "entered-in-error");
    require(
        in_error || has("clinicalStatus"),
        "ait-1",
        "An allergy needs a clinical status unless it was entered in error",
    );
    require(!(in_error && has("clinicalStatus")), "ait-2", "An allergy entered in error has no clinical status");
}

fn condition(walker: &mut Walker<'_>, map: &Map<String, Value>, at: &Path<'_>) {
    let in_error = coded(map, "verificationStatus", "entered-in-error");
    let has_status = map.contains_key("clinicalStatus");
    let categories = map.get("category").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let on_problem_list = categories.iter().any(|category| {
        let codings = category.get("coding").and_then(Value::as_array);
        codings.is_some_and(|codings| codings.iter().any(|c| text(c, "code") == Some("problem-list-item")))
    });
    if on_problem_list && !has_status && !in_error {
        let text = "An entry of the problem list should have a clinical status (rule con-3).";
        walker.report(Issue::warning(IssueType::Invariant, text).at(at.expression()));
    }
    let ended = ["resolved", "remission", "inactive"].into_iter().any(|code| coded(map, "clinicalStatus", code));
    if map.keys().any(|k| is_choice(k, "abatement")) && !ended {
        let text = "A condition that has ended needs the clinical status inactive, remission or resolved";
        walker.broken("con-4", at, text);
    }
    if in_error && has_status {
        walker.broken("con-5", at, "A condition entered in error has no clinical status");
    }
}

fn appointment(map: &Map<String, Value>, require: &mut impl FnMut(bool, &str, &str), has: &impl Fn(&str) -> bool) {
    let status = map.get("status").and_then(Value::as_str).unwrap_or_default();
    require(has("start") == has("end"), "app-2", "An appointment has both start and end, or neither");
    let may_lack_times = matches!(status, "proposed" | "cancelled" | "waitlist");
    require(
        (has("start") && has("end")) || may_lack_times,
        "app-3",
        "Only a proposed, cancelled or waiting appointment has no times",
    );
    let over = matches!(status, "noshow" | "cancelled");
    require(!has("cancelationReason") || over, "app-4", "A reason for cancelling needs the status cancelled or noshow");
}

fn bundle(map: &Map<String, Value>, require: &mut impl FnMut(bool, &str, &str)) {
    let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
    let entries = map.get("entry").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let searched = matches!(kind, "searchset" | "history");
    require(!map.contains_key("total") || searched, "bdl-1", "Only a search or history has a total");
    let requests = matches!(kind, "batch" | "transaction" | "history");
    let all_requests = entries.iter().all(|entry| entry.get("request").is_some() == requests);
    require(all_requests, "bdl-3", "Every entry of a batch, transaction or history has a request, and none of others");
    let responses = matches!(kind, "batch-response" | "transaction-response" | "history");
    let all_responses = entries.iter().all(|entry| entry.get("response").is_some() == responses);
    require(all_responses, "bdl-4", "Every entry of a response or history has a response, and none of others");
    if kind != "history" {
        let mut urls = std::collections::HashSet::new();
        let version =
            |entry: &Value| entry.pointer("/resource/meta/versionId").and_then(Value::as_str).map(str::to_owned);
        let named = entries.iter().filter_map(|entry| Some((text(entry, "fullUrl")?, version(entry))));
        let distinct = named.into_iter().all(|named| urls.insert(named));
        require(distinct, "bdl-7", "Two entries have the same 'fullUrl'");
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A number as written.
fn number<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    match object.get(name) {
        Some(Value::Number(number)) => Some(number.as_str()),
        _ => None,
    }
}
