//! The values that US Core's published search expressions lead to in a resource, read without the code under test.

use serde_json::Value as Json;

/// One value a parameter may find.
#[derive(Debug)]
pub enum Value {
    /// System and code.
    Token(String, String),
    /// A date as written.
    Date(String),
    /// From, until, as written.
    Period(String, Option<String>),
    Reference(String),
    Text(String),
}

/// Elements of several types that the expressions name without a type.
const CHOICES: [&str; 7] = ["effective", "performed", "occurrence", "onset", "abatement", "deceased", "due"];

/// The values of an expression.
pub fn values(expression: &str, sort: &str, body: &Json) -> Vec<Value> {
    let mut all = Vec::new();
    for arm in expression.split('|') {
        // `(Patient.deceased as dateTime)` and `Condition.onset.as(Period)` narrow a choice: its JSON name says which it is.
        let arm = arm.trim().trim_matches(['(', ')']);
        let (arm, only) = match arm.split_once(" as ").or_else(|| arm.split_once(".as(")) {
            Some((path, only)) => (path, Some(only)),
            None => (arm, None),
        };
        let (arm, patients) = (arm.replace(".where(resolve() is Patient", ""), arm.contains("resolve()"));
        let mut found = vec![body];
        for step in steps(&arm).into_iter().skip(1) {
            found = found.into_iter().flat_map(|at| next(at, &step, only)).collect();
        }
        all.extend(found.into_iter().flat_map(|value| read(sort, value, patients)));
    }
    all
}

/// Splits at dots outside brackets.
fn steps(path: &str) -> Vec<String> {
    let (mut depth, mut steps) = (0, vec![String::new()]);
    for c in path.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if c == '.' && depth == 0 {
            steps.push(String::new());
        } else if let Some(step) = steps.last_mut() {
            step.push(c);
        }
    }
    steps
}

fn next<'a>(at: &'a Json, step: &str, only: Option<&str>) -> Vec<&'a Json> {
    if let Some(url) = step.strip_prefix("where(url") {
        let url = url.trim_matches([' ', '=', '\'', ')']);
        return if at["url"] == url { vec![at] } else { Vec::new() };
    }
    let members = at.as_object().into_iter().flatten();
    let named = members.filter(|(name, _)| {
        let choice = CHOICES.contains(&step) || step == "value";
        let typed = name.strip_prefix(step).filter(|rest| choice && rest.starts_with(char::is_uppercase));
        *name == step || typed.is_some_and(|rest| only.is_none_or(|only| rest.eq_ignore_ascii_case(only)))
    });
    named
        .flat_map(|(_, value)| match value {
            Json::Array(items) => items.iter().collect(),
            one => vec![one],
        })
        .collect()
}

fn read(sort: &str, value: &Json, patients: bool) -> Vec<Value> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    match sort {
        "token" => match value {
            Json::String(code) => vec![Value::Token(String::new(), code.clone())],
            Json::Object(members) if members.contains_key("coding") => {
                value["coding"].as_array().into_iter().flatten().flat_map(|coding| read(sort, coding, false)).collect()
            }
            Json::Object(_) => ["code", "value"]
                .iter()
                .filter_map(|name| value[*name].as_str())
                .map(|code| Value::Token(text(&value["system"]), code.to_owned()))
                .collect(),
            _ => Vec::new(),
        },
        "date" => match value {
            Json::String(date) => vec![Value::Date(date.clone())],
            _ => value["start"]
                .as_str()
                .map(|from| Value::Period(from.to_owned(), value["end"].as_str().map(str::to_owned)))
                .into_iter()
                .collect(),
        },
        "reference" => {
            let reference = value.as_str().or(value["reference"].as_str());
            let wanted = reference.filter(|reference| !patients || reference.starts_with("Patient/"));
            wanted.map(|reference| Value::Reference(reference.to_owned())).into_iter().collect()
        }
        _ => match value {
            Json::String(text) => vec![Value::Text(text.clone())],
            _ => {
                let parts = [
                    "family",
                    "given",
                    "text",
                    "prefix",
                    "suffix",
                    "line",
                    "city",
                    "state",
                    "postalCode",
                    "country",
                    "district",
                ];
                parts.iter().flat_map(|part| next(value, part, None)).map(|part| Value::Text(text(part))).collect()
            }
        },
    }
}

impl Value {
    /// What may be asked of it: some that it answers, some that it does not.
    pub fn questions(&self) -> Vec<String> {
        let escaped =
            |text: &str| text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$");
        match self {
            Self::Token(system, code) if system.is_empty() => vec![escaped(code)],
            Self::Token(system, code) => vec![
                format!("{}|{}", escaped(system), escaped(code)),
                escaped(code),
                format!("urn:other|{}", escaped(code)),
            ],
            Self::Date(date) => dates(date, date),
            Self::Period(from, until) => dates(from, until.as_deref().unwrap_or(from)),
            Self::Reference(reference) => {
                let id = reference.rsplit('/').next().unwrap_or_default().to_owned();
                if reference.contains(':') { vec![reference.clone()] } else { vec![reference.clone(), id] }
            }
            Self::Text(text) => vec![escaped(text), escaped(&text.chars().take(3).collect::<String>())],
        }
    }

    /// Whether it meets a question; `None` where that turns on zones or parts of a day.
    pub fn answers(&self, question: &str) -> Option<bool> {
        let plain = question.replace('\\', "");
        match self {
            Self::Token(system, code) => Some(match plain.rsplit_once('|') {
                Some((of, asked)) => of == system && asked.eq_ignore_ascii_case(code),
                None => plain.eq_ignore_ascii_case(code),
            }),
            Self::Reference(reference) => {
                Some(*reference == plain || (!plain.contains('/') && reference.rsplit('/').next() == Some(&*plain)))
            }
            Self::Text(text) => Some(text.to_lowercase().starts_with(&plain.to_lowercase())),
            Self::Date(date) => compared(question, year(date), Some(year(date))),
            Self::Period(from, until) => compared(question, year(from), until.as_deref().map(year)),
        }
    }
}

fn year(date: &str) -> i32 {
    date[..4].parse().expect("a year")
}

/// Every prefix, with years on both sides.
fn dates(from: &str, until: &str) -> Vec<String> {
    let (first, last) = (year(from) - 2, year(until) + 2);
    let prefixes = ["eq", "ne", "gt", "ge", "lt", "le", "sa", "eb"];
    let mut asked: Vec<String> =
        prefixes.iter().flat_map(|prefix| [format!("{prefix}{first}"), format!("{prefix}{last}")]).collect();
    asked.push(format!("ap{}", year(from)));
    asked.push(format!("{}", year(from)));
    asked
}

/// A stretch from one year to another (open: none), neither of which is the year asked: what R4's prefixes make of that.
fn compared(question: &str, from: i32, until: Option<i32>) -> Option<bool> {
    let (prefix, asked) = question.split_at(question.find(|c: char| c.is_ascii_digit())?);
    let asked: i32 = asked.parse().ok()?;
    if asked == from || Some(asked) == until {
        // Within its own year it is found by the year, unless it goes beyond.
        return (until == Some(from) && matches!(prefix, "" | "eq")).then_some(true);
    }
    let after = until.is_none_or(|until| until > asked);
    Some(match prefix {
        "" | "eq" => false,
        "ne" => true,
        "gt" | "ge" => after,
        "lt" | "le" => from < asked,
        "sa" => from > asked,
        "eb" => until.is_some_and(|until| until < asked),
        _ => return None,
    })
}
