//! What is taken, and what is refused with which words.

use super::parameters::named;
use super::query::{Compare, Filter, SortKey, Summary, Test, TextTest};
use super::{Handling, Query};
use crate::Kind;
use crate::issue::Issue;
use jiff::Timestamp;

fn parse(kind: Kind, text: &str, handling: Handling) -> Result<(Query, Vec<Issue>), Vec<Issue>> {
    let pairs: Vec<(String, String)> = text
        .split('&')
        .map(|pair| pair.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).expect("name=value"))
        .collect();
    Query::parse(kind, &pairs, handling, Timestamp::UNIX_EPOCH)
}

fn strict(kind: Kind, text: &str) -> Query {
    parse(kind, text, Handling::Strict).unwrap_or_else(|issues| panic!("{text}: {issues:?}")).0
}

fn texts(query: &Query) -> Vec<&Test> {
    query.filters.iter().flat_map(|f| if let Filter::Match { any, .. } = f { any.as_slice() } else { &[] }).collect()
}

#[test]
fn commas_are_or_repetition_is_and_and_escapes_are_text() {
    let query = strict(Kind::PATIENT, "name=a\\,b,c\\\\d&name=e\\$f");
    let begins = |text: &str| Test::Text(TextTest::Begins(text.to_owned()));
    assert_eq!(query.filters.len(), 2);
    assert_eq!(texts(&query), [&begins("a,b"), &begins("c\\d"), &begins("e$f")]);
    let query = strict(Kind::PATIENT, "identifier=urn:x|a\\|b");
    assert!(
        matches!(texts(&query)[0], Test::Token(t) if t.system.as_deref() == Some("urn:x") && t.code.as_deref() == Some("a|b"))
    );
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (kind, text, said) in [
        (Kind::PATIENT, "nonsense=1", "Patient has no such search parameter"),
        (
            Kind::PATIENT,
            "name:in=x",
            "modifier :in is not supported on a string parameter; supported: :missing, :exact",
        ),
        (Kind::OBSERVATION, "code:in=http://vs", "modifier :in is not supported on a token"),
        (Kind::OBSERVATION, "code:below=x", ":below"),
        (Kind::OBSERVATION, "code:above=x", ":above"),
        (Kind::OBSERVATION, "code:not-in=x", ":not-in"),
        (Kind::PATIENT, "identifier:of-type=a|b|c", ":of-type"),
        (Kind::OBSERVATION, "date:exact=2020", "date parameter; supported: :missing"),
        (Kind::OBSERVATION, "date=yesterday", "is not a date"),
        (Kind::OBSERVATION, "date=gt", "is not a date"),
        (Kind::OBSERVATION, "date=zz2020", "is not a date"),
        (Kind::OBSERVATION, "value-quantity=many", "no number"),
        (Kind::OBSERVATION, "value-quantity=5|mg", "is not a quantity"),
        (Kind::OBSERVATION, "value-quantity=1e999", "no number"),
        (Kind::OBSERVATION, "code-value-quantity=8302-2", "needs 2 parts joined by $"),
        (Kind::OBSERVATION, "code=", "has no value"),
        (Kind::OBSERVATION, "code=a,,b", "is empty"),
        (Kind::OBSERVATION, "code=|", "neither a system nor a code"),
        (Kind::OBSERVATION, "code:missing=maybe", "true or false"),
        (Kind::OBSERVATION, "patient=Practitioner/x", "names a Practitioner"),
        (Kind::OBSERVATION, "patient=a b", "is not a reference"),
        (Kind::OBSERVATION, "code.name=x", "code is not a reference"),
        (Kind::OBSERVATION, "patient:Group.name=x", "never refers to Group"),
        (Kind::OBSERVATION, "patient:Nobody.name=x", "no R4 resource type"),
        (Kind::OBSERVATION, "patient.nonsense=x", "Patient has no such search parameter"),
        (Kind::PATIENT, "_has:Observation:code=x", "_has is written"),
        (Kind::PATIENT, "_has:Observation:code:code=x", "is not a reference"),
        (Kind::PATIENT, "_has:Observation:encounter:code=x", "never refers to Patient"),
        (Kind::PATIENT, "_sort=gender", "sorting by a token parameter is not supported"),
        (Kind::PATIENT, "_sort=nonsense", "no such search parameter"),
        (Kind::PATIENT, "_count=-1", "whole number"),
        (Kind::PATIENT, "_total=maybe", "none, estimate or accurate"),
        (Kind::PATIENT, "_summary=x", "true, text, data, count or false"),
        (Kind::PATIENT, "_include=Observation:patient", "only references of Patient"),
        (Kind::PATIENT, "_revinclude=Observation:code", "is not a reference"),
        (Kind::PATIENT, "_revinclude=Observation:encounter", "never refers to Patient"),
        (Kind::PATIENT, "_id:exact=x", "takes no modifier"),
        (Kind::PATIENT, "_id=a/b", "is not an id"),
        (Kind::PATIENT, "_content=*", "has no words"),
        (Kind::PATIENT, "_query=x", "no such search parameter"),
        (Kind::PATIENT, "_filter=x", "no such search parameter"),
        (Kind::PATIENT, "_contained=true", "no such search parameter"),
        (Kind::LOCATION, "near=1|2", "no such search parameter"),
    ] {
        let issues = parse(kind, text, Handling::Strict).expect_err(text);
        assert!(issues.iter().any(|issue| issue.text.contains(said)), "{text}: {issues:?}");
        let name = text.split(['=']).next().expect("a name");
        assert!(issues[0].text.contains(name), "{text} names its parameter: {issues:?}");
    }
}

#[test]
fn lenient_handling_leaves_out_and_says_so_but_never_finds_everything() {
    let (query, warnings) =
        parse(Kind::PATIENT, "nonsense=1&family=smith&_sort=gender", Handling::Lenient).expect("taken");
    assert_eq!((query.filters.len(), query.sort.len(), warnings.len()), (1, 0, 2));
    assert!(warnings[0].text.contains("\"nonsense\" was left out"));
    let issues = parse(Kind::PATIENT, "nonsense=1&_count=5", Handling::Lenient).expect_err("it would find everything");
    assert!(issues[0].text.contains("find everything"));
    // A wrong value or modifier is wrong either way: without it another question would be answered.
    assert!(parse(Kind::OBSERVATION, "code=x&date=never", Handling::Lenient).is_err());
    assert!(parse(Kind::OBSERVATION, "code=x&code:in=y", Handling::Lenient).is_err());
    // No condition at all is a question by itself.
    assert!(parse(Kind::PATIENT, "_sort=nonsense", Handling::Lenient).is_ok());
}

#[test]
fn result_parameters_are_read() {
    let query = strict(Kind::OBSERVATION, "_sort=-date,status-x,_id".replace(",status-x", "").as_str());
    assert_eq!(query.sort.len(), 2);
    assert!(query.sort[0].descending && query.sort[0].by == SortKey::Clinical);
    let query = strict(Kind::PATIENT, "_count=5000000000&_elements=id,name&_format=json&_total=none");
    assert_eq!((query.count, query.total), (super::query::MOST_COUNT, false));
    assert_eq!(query.elements, ["id", "name"]);
    // A count has no pages, whatever their size.
    let query = strict(Kind::PATIENT, "_count=7&_summary=count&_total=none");
    assert_eq!((query.count, query.total, query.summary), (0, true, Summary::Count));
    let query =
        strict(Kind::PATIENT, "_revinclude=Provenance:target&_include:iterate=Observation:performer:Practitioner");
    let performer = named(Kind::OBSERVATION, "performer").map(|d| d.param);
    assert!(query.includes[0].reverse && query.includes[1].iterate);
    assert_eq!((query.includes[1].param, query.includes[1].target), (performer, Some(Kind::PRACTITIONER)));
}

#[test]
fn numbers_are_as_precise_as_they_are_written() {
    let bounds = |text: &str| {
        let query = strict(Kind::OBSERVATION, &format!("value-quantity={text}"));
        let Test::Quantity(test) = texts(&query)[0].clone() else { panic!("a quantity") };
        (test.compare, test.low, test.high)
    };
    // R4 search.html#number: 100 is [99.5, 100.5), 100.00 is [99.995, 100.005), 1e2 is [95, 105).
    assert_eq!(bounds("100"), (Compare::Equal, 99.5, 100.5));
    assert_eq!(bounds("100.00"), (Compare::Equal, 99.995, 100.005));
    assert_eq!(bounds("1e2"), (Compare::Equal, 95.0, 105.0));
    assert_eq!(bounds("ap100"), (Compare::About, 90.0, 110.0));
    assert_eq!(bounds("-2.5"), (Compare::Equal, -2.55, -2.45));
}

#[test]
fn an_id_alone_may_name_any_type_the_reference_may() {
    let query = strict(Kind::OBSERVATION, "subject=x");
    let Test::Reference(keys) = texts(&query)[0] else { panic!("a reference") };
    let mut kinds: Vec<&str> = keys.iter().map(|key| key.kind.name()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["Device", "Group", "Location", "Patient"]);
}

#[test]
fn chains_are_bounded() {
    let deep = "partof".replace("partof", "part-of.").repeat(6);
    assert!(parse(Kind::ENCOUNTER, &format!("{deep}status=x"), Handling::Strict).is_err());
    let query = strict(Kind::ENCOUNTER, "part-of.part-of.status=finished");
    assert!(matches!(&query.filters[0], Filter::Chain { any, .. } if matches!(any[0].1, Filter::Chain { .. })));
}
