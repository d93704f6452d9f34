//! From the pairs of a query string to a [`Query`], refusing what is not supported: nothing is ever silently ignored.

mod shaping;

use super::fold::{fold, words};
use super::parameters::{Definition, ValueType, named};
use super::query::{DEFAULT_COUNT, Filter, Query, Summary, Test, TextTest};
use super::value::{self, split, unescape};
use crate::issue::{Issue, IssueType};
use crate::subset::has_element;
use crate::{Id, Kind};
use jiff::Timestamp;
use shaping::{count, include, is_result_parameter, sort, summary, total};

/// What the client wants done about parameters this server does not know (`Prefer: handling=`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// The search is refused.
    Strict,
    /// They are left out, and the answer says so. What is left must still hold at least one of the filters given.
    Lenient,
}

/// The most alternatives and filters one search may hold: beyond, it is a mistake or an attack.
const MOST_VALUES: usize = 500;
/// How many links a chain, or `_has` within `_has`, may hold.
const DEEPEST: usize = 4;

/// Why a parameter is not taken.
enum Refusal {
    /// Not known or not supported: may be left out on request.
    Unsupported(String),
    /// Known, but wrong.
    Wrong(String),
}

use Refusal::{Unsupported, Wrong};

type Parsed<T> = Result<T, Refusal>;

impl Query {
    /// A search of a type without any condition.
    #[must_use]
    pub fn all(kind: Kind) -> Self {
        Self {
            kind,
            filters: Vec::new(),
            sort: Vec::new(),
            count: DEFAULT_COUNT,
            total: false,
            includes: Vec::new(),
            summary: Summary::False,
            elements: Vec::new(),
        }
    }

    /// Reads a search. `now` is what `ap` dates are near to. Returns warnings beside the query; each names its parameter.
    ///
    /// # Errors
    /// Every parameter that is wrong, or (under strict handling) not supported; and a search all of whose filters were left out.
    pub fn parse(
        kind: Kind,
        pairs: &[(String, String)],
        handling: Handling,
        now: Timestamp,
    ) -> Result<(Self, Vec<Issue>), Vec<Issue>> {
        let mut parser =
            Parser { query: Self::all(kind), now: now.as_microsecond(), warnings: Vec::new(), dropped_filter: false };
        let mut errors = Vec::new();
        if pairs.len() > MOST_VALUES {
            return Err(vec![Issue::error(IssueType::TooLong, "The search has too many parameters.")]);
        }
        for (name, text) in pairs {
            match parser.pair(name, text) {
                Ok(()) => {}
                Err(Unsupported(why)) if handling == Handling::Lenient => {
                    parser.dropped_filter |= !is_result_parameter(name);
                    let text = format!("The search parameter {} was left out: {why}.", shown(name));
                    parser.warnings.push(Issue::warning(IssueType::NotSupported, text));
                }
                Err(Unsupported(why)) => errors.push(refuse(IssueType::NotSupported, name, &why)),
                Err(Wrong(why)) => errors.push(refuse(IssueType::Value, name, &why)),
            }
        }
        parser.elements(handling, &mut errors);
        if parser.query.summary == Summary::Count {
            // Nothing is shown: there are no pages.
            parser.query.count = 0;
        }
        if parser.dropped_filter && parser.query.filters.is_empty() {
            errors.push(Issue::error(
                IssueType::NotSupported,
                "None of the search's conditions is supported; without them it would find everything.",
            ));
            errors.append(&mut parser.warnings);
        }
        if errors.is_empty() { Ok((parser.query, parser.warnings)) } else { Err(errors) }
    }
}

fn refuse(code: IssueType, name: &str, why: &str) -> Issue {
    Issue::error(code, format!("The search parameter {}: {why}.", shown(name)))
}

/// A parameter's name as messages show it: never long, never anything but what names hold.
fn shown(name: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.:".contains(*c);
    format!("\"{}\"", name.chars().filter(plain).take(60).collect::<String>())
}

struct Parser {
    query: Query,
    now: i64,
    warnings: Vec<Issue>,
    dropped_filter: bool,
}

impl Parser {
    fn pair(&mut self, name: &str, text: &str) -> Parsed<()> {
        // What a decoder puts in the place of bytes that are no UTF-8: it would find something else than was asked for.
        if name.contains(char::REPLACEMENT_CHARACTER) || text.contains(char::REPLACEMENT_CHARACTER) {
            return Err(Wrong("it is not valid UTF-8".to_owned()));
        }
        let (base, modifier) = name.split_once(':').map_or((name, None), |(base, m)| (base, Some(m)));
        match (base, modifier) {
            ("_format" | "_pretty", None) => {}
            ("_count", None) => self.query.count = count(text)?,
            ("_total", None) => self.query.total |= total(text)?,
            ("_summary", None) => {
                self.query.summary = summary(text)?;
                if self.query.summary == Summary::Count {
                    self.query.total = true;
                }
            }
            ("_elements", None) => {
                let mut names = text.split(',').map(str::trim).filter(|n| !n.is_empty()).peekable();
                if names.peek().is_none() {
                    return Err(Wrong("it names no element".to_owned()));
                }
                self.query.elements.extend(names.map(str::to_owned));
            }
            ("_sort", None) => self.query.sort = sort(self.query.kind, text)?,
            ("_include" | "_revinclude", modifier) => {
                let include = include(self.query.kind, base == "_revinclude", modifier, text)?;
                self.query.includes.push(include);
            }
            _ => {
                let filter = self.filter(self.query.kind, name, text, 0)?;
                self.query.filters.push(filter);
            }
        }
        Ok(())
    }

    /// `_elements` may name what the type searched has, or a type that is included.
    fn elements(&mut self, handling: Handling, errors: &mut Vec<Issue>) {
        let kind = self.query.kind;
        let includes = !self.query.includes.is_empty();
        let known = |name: &str| includes || has_element(kind, name);
        for name in self.query.elements.iter().filter(|name| !known(name)) {
            let text = format!("The search parameter \"_elements\": {kind} has no element {}.", shown(name));
            match handling {
                Handling::Strict => errors.push(Issue::error(IssueType::NotSupported, text)),
                Handling::Lenient => self.warnings.push(Issue::warning(IssueType::NotSupported, text)),
            }
        }
    }

    /// A condition on a type: a plain parameter, a chain or `_has`.
    fn filter(&self, kind: Kind, name: &str, text: &str, depth: usize) -> Parsed<Filter> {
        if depth > DEEPEST {
            return Err(Wrong(format!("a chain has at most {DEEPEST} links")));
        }
        if text.is_empty() {
            return Err(Wrong("it has no value".to_owned()));
        }
        if depth > 0 && kind == Kind::AUDIT_EVENT {
            return Err(Unsupported("the audit trail is searched by itself alone".to_owned()));
        }
        if let Some(rest) = name.strip_prefix("_has:") {
            return self.has(kind, rest, text, depth);
        }
        if let Some((link, rest)) = name.split_once('.') {
            return self.chain(kind, link, rest, text, depth);
        }
        let (code, modifier) = name.split_once(':').map_or((name, None), |(code, m)| (code, Some(m)));
        match (code, modifier) {
            ("_id", None) => ids(text),
            ("_lastUpdated", None) => {
                let any = each(text, |v| value::date(v, self.now))?;
                Ok(Filter::Updated(any))
            }
            ("_text", None) => Ok(Filter::Narrative(word_lists(text)?)),
            ("_content", None) => Ok(Filter::Content(word_lists(text)?)),
            ("_id" | "_lastUpdated" | "_text" | "_content", Some(_)) => Err(Wrong(format!("{code} takes no modifier"))),
            _ => self.plain(definition(kind, code)?, modifier, text),
        }
    }

    fn plain(&self, definition: &Definition, modifier: Option<&str>, text: &str) -> Parsed<Filter> {
        let param = definition.param;
        let Some(modifier) = modifier else {
            if definition.value == ValueType::Composite {
                return self.composite(definition, text);
            }
            let any = each(text, |v| value::test(definition, v, self.now))?;
            return Ok(Filter::Match { param, not: false, any });
        };
        let matches = |any: Vec<Test>| Ok(Filter::Match { param, not: false, any });
        match (modifier, definition.value) {
            ("missing", value) if value != ValueType::Composite => match text {
                "true" | "false" => Ok(Filter::Missing { param, missing: text == "true" }),
                _ => Err(Wrong(":missing is true or false".to_owned())),
            },
            ("not", ValueType::Token) => {
                let any = each(text, |v| value::token(definition, v).map(Test::Token))?;
                Ok(Filter::Match { param, not: true, any })
            }
            ("text", ValueType::Token) => matches(each(text, |v| {
                let folded = fold(&unescape(v));
                if folded.is_empty() { Err("is blank".to_owned()) } else { Ok(Test::Words(folded)) }
            })?),
            ("exact", ValueType::String) if !definition.phonetic => {
                matches(each(text, |v| Ok(Test::Text(TextTest::Exact(unescape(v)))))?)
            }
            ("contains", ValueType::String) if !definition.phonetic => matches(each(text, |v| {
                let folded = fold(&unescape(v));
                if folded.is_empty() { Err("is blank".to_owned()) } else { Ok(Test::Text(TextTest::Contains(folded))) }
            })?),
            ("identifier", ValueType::Reference) => {
                matches(each(text, |v| value::token(definition, v).map(Test::Identifier))?)
            }
            (modifier, ValueType::Reference) if Kind::parse(modifier).is_some() => {
                let target = Kind::parse(modifier);
                matches(each(text, |v| value::reference(definition, target, v))?)
            }
            // A modifier changes what is meant: leaving it out would answer another question (R4: SHALL reject).
            _ => Err(Wrong(format!(
                "the modifier :{} is not supported on a {} parameter; supported: {}",
                modifier.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(30).collect::<String>(),
                definition.value.name(),
                modifiers(definition)
            ))),
        }
    }

    fn composite(&self, definition: &Definition, text: &str) -> Parsed<Filter> {
        let Some(first) = definition.components.first() else {
            return Err(Unsupported("it is not supported".to_owned()));
        };
        let components: Vec<&Definition> =
            first.iter().filter_map(|param| super::parameters::numbered(*param)).collect();
        let any = each(text, |alternative| {
            let parts = split(alternative, '$');
            if parts.len() != components.len() {
                return Err(format!("needs {} parts joined by $", components.len()));
            }
            components
                .iter()
                .zip(parts)
                .map(|(part, text)| value::test(part, text, self.now))
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(Filter::Composite { param: definition.param, any })
    }

    /// `link.rest`, where link may be `subject` or `subject:Patient`.
    fn chain(&self, kind: Kind, link: &str, rest: &str, text: &str, depth: usize) -> Parsed<Filter> {
        let (code, target) = match link.split_once(':') {
            Some((code, target)) => (
                code,
                Some(
                    Kind::parse(target)
                        .ok_or_else(|| Wrong("it names no R4 resource type after the colon".to_owned()))?,
                ),
            ),
            None => (link, None),
        };
        let definition = definition(kind, code)?;
        if definition.value != ValueType::Reference {
            return Err(Wrong(format!("{code} is not a reference, so nothing can be chained to it")));
        }
        let mut kinds: Vec<Kind> = match (definition.only, target) {
            (Some(only), Some(target)) if only != target => {
                return Err(Wrong(format!("{code} never refers to {target}")));
            }
            (Some(kind), _) | (None, Some(kind)) => vec![kind],
            (None, None) => definition.targets.clone(),
        };
        if kinds.is_empty() {
            return Err(Wrong(format!("say which type {code} refers to, as {code}:Patient.…")));
        }
        let mut refusal = Unsupported(format!("none of the types {code} refers to has what is chained to it"));
        let mut any = Vec::new();
        let several = kinds.len() > 1;
        for kind in kinds.drain(..) {
            match self.filter(kind, rest, text, depth + 1) {
                Ok(filter) => any.push((kind, filter)),
                Err(Unsupported(_)) if several => {}
                Err(why) => refusal = why,
            }
        }
        if any.is_empty() { Err(refusal) } else { Ok(Filter::Chain { param: definition.param, any }) }
    }

    /// `Observation:patient:code`: kind, reference, and what it must meet (itself perhaps a chain or `_has`).
    fn has(&self, kind: Kind, rest: &str, text: &str, depth: usize) -> Parsed<Filter> {
        let mut parts = rest.splitn(3, ':');
        let (Some(from), Some(code), Some(inner)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Wrong("_has is written _has:Type:reference:parameter".to_owned()));
        };
        let from = Kind::parse(from).ok_or_else(|| Wrong("_has names no R4 resource type".to_owned()))?;
        let definition = definition(from, code)?;
        if definition.value != ValueType::Reference {
            return Err(Wrong(format!("{code} of {from} is not a reference")));
        }
        if !may_name(definition, kind) {
            return Err(Wrong(format!("{code} of {from} never refers to {kind}")));
        }
        let filter = self.filter(from, inner, text, depth + 1)?;
        Ok(Filter::Has { param: definition.param, filter: Box::new(filter) })
    }
}

fn may_name(definition: &Definition, kind: Kind) -> bool {
    definition.only.map_or(definition.targets.is_empty() || definition.targets.contains(&kind), |only| only == kind)
}

fn definition(kind: Kind, code: &str) -> Parsed<&'static Definition> {
    named(kind, code).ok_or_else(|| Unsupported(format!("{kind} has no such search parameter here")))
}

/// What may follow a colon, for messages.
#[must_use]
pub fn modifiers(definition: &Definition) -> &'static str {
    match definition.value {
        ValueType::Token => ":missing, :not, :text",
        ValueType::String if definition.phonetic => ":missing",
        ValueType::String => ":missing, :exact, :contains",
        ValueType::Reference => ":missing, :identifier, :Type",
        ValueType::Date | ValueType::Quantity | ValueType::Uri => ":missing",
        ValueType::Composite => "none",
    }
}

/// The alternatives of a value.
fn each<T>(text: &str, parse: impl Fn(&str) -> Result<T, value::Refusal>) -> Parsed<Vec<T>> {
    let parts = split(text, ',');
    if parts.len() > MOST_VALUES {
        return Err(Wrong(format!("it has more than {MOST_VALUES} alternatives")));
    }
    parts.into_iter().map(|part| parse(part).map_err(|why| Wrong(format!("a value {why}")))).collect()
}

fn ids(text: &str) -> Parsed<Filter> {
    each(text, |id| Id::parse(id).map_err(|_| "is not an id".to_owned())).map(Filter::Ids)
}

fn word_lists(text: &str) -> Parsed<Vec<Vec<String>>> {
    each(text, |alternative| {
        let words = words(&unescape(alternative));
        if words.is_empty() { Err("has no words".to_owned()) } else { Ok(words) }
    })
}
