//! The part of FHIRPath that the published search parameters use, compiled once to paths over parsed JSON.
//!
//! Understood: element names, `[x]` choices by plain name, `.ofType(T)`, `.as(T)`, `.where(resolve() is T)`,
//! `.where(name = 'text')`, unions, brackets, and R4's one idiom `X.exists() and X != false`. Anything else does not compile, and a
//! parameter that does not compile is not offered.

use crate::Kind;
use serde_json::{Map, Value};

/// One path from a resource to the values of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arm {
    steps: Vec<Step>,
    /// Only references to this type count.
    target: Option<Kind>,
    /// The value is whether the path leads to something other than `false`.
    truth: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// An element by its JSON name.
    Field(String),
    /// An element of several types, by its name without the type: `value` finds `valueQuantity`.
    Choice(String),
    /// A repeating element whose repetitions are numbered: what a composite's components must agree in.
    Part(String),
    /// Only elements whose member has this text.
    Where(String, String),
}

/// R4's elements of several types (`[x]`) that parameters name without a type.
const CHOICES: [&str; 8] =
    ["value", "effective", "performed", "occurrence", "occurred", "deceased", "created", "collected"];

static TRUE: Value = Value::Bool(true);
static FALSE: Value = Value::Bool(false);

/// The repeating elements within which composites pair their components.
fn is_part(kind: Kind, name: &str) -> bool {
    (kind == Kind::OBSERVATION && name == "component") || (kind == Kind::DOCUMENT_REFERENCE && name == "relatesTo")
}

/// Compiles an expression of a type; `None` when it holds something not understood.
pub(crate) fn compile(kind: Kind, expression: &str) -> Option<Vec<Arm>> {
    if let Some((path, rest)) = expression.split_once(".exists() and ") {
        let mut arm = compile_arm(kind, path)?;
        arm.truth = true;
        return (rest == format!("{path} != false")).then(|| vec![arm]);
    }
    split(expression, '|').into_iter().map(|arm| compile_arm(kind, arm.trim())).collect()
}

/// A path of plain names joined by dots, each of which may be an element of several types.
pub(crate) fn plain(path: &str) -> Arm {
    Arm { steps: path.split('.').map(|name| Step::Choice(name.to_owned())).collect(), target: None, truth: false }
}

fn compile_arm(kind: Kind, text: &str) -> Option<Arm> {
    // Brackets only ever group what would be read the same way without them.
    let bare = match text.strip_prefix('(').and_then(|rest| rest.rsplit_once(')')) {
        Some((inner, after)) => format!("{inner}{after}"),
        None => text.to_owned(),
    };
    let mut arm = Arm { steps: Vec::new(), target: None, truth: false };
    let mut segments = split(&bare, '.').into_iter();
    if segments.next()? != kind.name() {
        return None;
    }
    for segment in segments {
        arm.add(kind, segment.trim())?;
    }
    Some(arm)
}

/// Splits outside brackets and quotes.
fn split(text: &str, at: char) -> Vec<&str> {
    let (mut depth, mut quoted, mut start, mut parts) = (0_i32, false, 0, Vec::new());
    for (place, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            c if c == at && depth == 0 && !quoted => {
                parts.extend(text.get(start..place));
                start = place + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

impl Arm {
    fn add(&mut self, kind: Kind, segment: &str) -> Option<()> {
        let Some((function, argument)) = segment.strip_suffix(')').and_then(|s| s.split_once('(')) else {
            self.steps.push(field(kind, self.steps.is_empty(), segment)?);
            return Some(());
        };
        match function {
            "ofType" | "as" => self.of_type(argument),
            "where" => match argument.strip_prefix("resolve() is ") {
                Some(target) => {
                    self.target = Some(Kind::parse(target.trim())?);
                    Some(())
                }
                None => {
                    let (name, text) = argument.split_once('=')?;
                    let text = text.trim().strip_prefix('\'')?.strip_suffix('\'')?;
                    let name = name.trim();
                    self.steps.push(Step::Where(name.to_owned(), text.to_owned()));
                    name.chars().all(|c| c.is_ascii_alphanumeric()).then_some(())
                }
            },
            _ => None,
        }
    }

    /// `value.ofType(Quantity)` is the JSON member `valueQuantity`.
    fn of_type(&mut self, name: &str) -> Option<()> {
        let (Step::Field(base) | Step::Choice(base)) = self.steps.pop()? else { return None };
        let mut letters = name.chars();
        let first = letters.next()?.to_ascii_uppercase();
        self.steps.push(Step::Field(format!("{base}{first}{}", letters.as_str())));
        Some(())
    }

    /// The same path without its narrowing to one target type, if it has one.
    pub(crate) fn without_target(&self) -> Option<(Self, Kind)> {
        let target = self.target?;
        Some((Self { target: None, ..self.clone() }, target))
    }

    /// The type a reference must name to count.
    pub(crate) fn target(&self) -> Option<Kind> {
        self.target
    }

    /// Calls `found` with each value the path leads to, and with the number of the repetition it lies in (0 outside any).
    pub(crate) fn each<'v>(&self, resource: &'v Value, found: &mut dyn FnMut(u16, &'v Value)) {
        if self.truth {
            let mut truth = false;
            walk(&self.steps, resource, 0, &mut |_, value| truth |= *value != Value::Bool(false));
            found(0, if truth { &TRUE } else { &FALSE });
        } else {
            walk(&self.steps, resource, 0, found);
        }
    }
}

fn field(kind: Kind, first: bool, name: &str) -> Option<Step> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    Some(if CHOICES.contains(&name) {
        Step::Choice(name.to_owned())
    } else if first && is_part(kind, name) {
        Step::Part(name.to_owned())
    } else {
        Step::Field(name.to_owned())
    })
}

fn walk<'v>(steps: &[Step], at: &'v Value, part: u16, found: &mut dyn FnMut(u16, &'v Value)) {
    if let Value::Array(items) = at {
        for item in items {
            walk(steps, item, part, found);
        }
        return;
    }
    let Some((step, rest)) = steps.split_first() else {
        if !at.is_null() {
            found(part, at);
        }
        return;
    };
    let Value::Object(members) = at else { return };
    match step {
        Step::Field(name) => {
            if let Some(next) = members.get(name) {
                walk(rest, next, part, found);
            }
        }
        Step::Choice(name) => {
            if let Some(next) = choice(members, name) {
                walk(rest, next, part, found);
            }
        }
        Step::Part(name) => {
            let repetitions = members.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            for (number, next) in (1_u16..).zip(repetitions) {
                walk(rest, next, number, found);
            }
        }
        Step::Where(name, text) => {
            if members.get(name).and_then(Value::as_str) == Some(text) {
                walk(rest, at, part, found);
            }
        }
    }
}

/// The member of an `[x]` element, whatever its type.
fn choice<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    members.get(name).or_else(|| {
        let typed = |key: &str| key.strip_prefix(name).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_uppercase()));
        members.iter().find(|(key, _)| typed(key)).map(|(_, value)| value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(kind: Kind, expression: &str, resource: &Value) -> Vec<(u16, Value)> {
        let mut all = Vec::new();
        for arm in compile(kind, expression).expect("compiles") {
            arm.each(resource, &mut |part, value| all.push((part, value.clone())));
        }
        all
    }

    #[test]
    fn choices_are_found_by_plain_name_and_by_type() {
        let resource = json!({"effectiveDateTime": "2020", "valueQuantity": {"value": 1}, "value2": 3});
        assert_eq!(values(Kind::OBSERVATION, "Observation.effective", &resource), [(0, json!("2020"))]);
        let both = "(Observation.value.ofType(string)) | (Observation.value.ofType(Quantity)).value";
        assert_eq!(values(Kind::OBSERVATION, both, &resource), [(0, json!(1))]);
    }

    #[test]
    fn repetitions_of_components_are_numbered() {
        let resource = json!({"component": [{"code": {"text": "a"}}, {"code": {"text": "b"}}]});
        assert_eq!(
            values(Kind::OBSERVATION, "Observation.component.code.text", &resource),
            [(1, json!("a")), (2, json!("b"))]
        );
    }

    #[test]
    fn conditions_choose_by_a_members_text() {
        let resource = json!({"telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}]});
        let found = values(Kind::PATIENT, "Patient.telecom.where(system='email').value", &resource);
        assert_eq!(found, [(0, json!("2"))]);
        let url = "http://example.org/x.y";
        let resource = json!({"extension": [{"url": url, "valueCode": "v"}, {"url": "other", "valueCode": "w"}]});
        let expression = format!("Patient.extension.where(url = '{url}').value");
        assert_eq!(values(Kind::PATIENT, &expression, &resource), [(0, json!("v"))]);
    }

    #[test]
    fn deceased_is_true_unless_absent_or_false() {
        let expression = "Patient.deceased.exists() and Patient.deceased != false";
        for (resource, truth) in [
            (json!({}), false),
            (json!({"deceasedBoolean": false}), false),
            (json!({"deceasedBoolean": true}), true),
            (json!({"deceasedDateTime": "2020"}), true),
        ] {
            assert_eq!(values(Kind::PATIENT, expression, &resource), [(0, json!(truth))]);
        }
    }

    #[test]
    fn what_is_not_understood_does_not_compile() {
        for expression in
            ["Patient.name.first()", "Observation.code", "Patient.a-b", "Patient.name.where(use != 'old')"]
        {
            assert_eq!(compile(Kind::PATIENT, expression), None, "{expression}");
        }
    }
}
