//! Search: a small practice, and for every kind of value, prefix and modifier which of its resources answer, worked out by hand.

use super::fixture::{Case, clinician, id, patient, reading};
use crate::access::{KindSet, Permit, Scope};
use crate::record::{Change, NewVersion, SearchPage, Write};
use crate::{Error, Result};
use bytes::Bytes;
use fhir::index::Index;
use fhir::search::{Handling, Query};
use fhir::{Key, Kind};
use serde_json::{Value, json};

/// Writes a resource as the front door does.
async fn put(case: &Case, body: Value, based_on: Option<u32>) {
    let kind = Kind::parse(body["resourceType"].as_str().expect("a type")).expect("a known type");
    let key = Key::new(kind, id(body["id"].as_str().expect("an id")));
    let version = NewVersion {
        index: Index::of(kind, &body),
        body: Bytes::from(serde_json::to_vec(&body).expect("JSON")),
        find_keys: Vec::new(),
    };
    case.commit(vec![Write { key, based_on, change: Change::Put(version) }]).await.expect("written");
}

fn query(kind: Kind, text: &str) -> Query {
    let pairs: Vec<(String, String)> = text
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).expect("name=value"))
        .collect();
    let now = "2024-03-11T00:00:00Z".parse().expect("a time");
    match Query::parse(kind, &pairs, Handling::Strict, now) {
        Ok((query, _)) => query,
        Err(issues) => panic!("{kind}?{text}: {issues:?}"),
    }
}

async fn page(case: &Case, permit: &Permit, query: &Query, cursor: Option<&str>) -> Result<SearchPage> {
    let sealed = case.store.search(permit, query, cursor).await?;
    case.store.release(sealed, case.entry("record.search")).await
}

/// The ids of every match, in order.
async fn ids(case: &Case, permit: &Permit, kind: Kind, text: &str) -> Vec<String> {
    let page = page(case, permit, &query(kind, text), None).await.expect(text);
    page.matches.iter().map(|found| found.key.id.to_string()).collect()
}

async fn check(case: &Case, kind: Kind, table: &[(&str, &str)]) {
    for (text, expected) in table {
        let mut found = ids(case, &reading(), kind, text).await;
        found.sort();
        assert_eq!(found.join(" "), *expected, "{kind}?{text}");
    }
}

const LOINC: &str = "http://loinc.org";
const UCUM: &str = "http://unitsofmeasure.org";

fn height(name: &str, of: &str, value: &str, effective: (&str, Value)) -> Value {
    let number: Value = serde_json::from_str(value).expect("a number");
    let mut body = json!({
        "resourceType": "Observation", "id": name, "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
        "code": {"coding": [{"system": LOINC, "code": "8302-2", "display": "Body Height"}]},
        "subject": {"reference": format!("Patient/{of}")},
        "valueQuantity": {"value": number, "unit": "centimetre", "system": UCUM, "code": "cm"}
    });
    body[effective.0] = effective.1;
    body
}

async fn practice(case: &Case) {
    let mut o1 = height("o1", "a", "170", ("effectiveDateTime", json!("2024-03-10T10:00:00Z")));
    o1["performer"] = json!([{"reference": "Practitioner/d1"}]);
    o1["encounter"] = json!({"reference": "Encounter/e1"});
    o1["meta"] = json!({"tag": [{"system": "urn:tags", "code": "seen"}], "profile": ["http://example.org/height"]});
    let part = |code: &str, value: u32| {
        json!({"code": {"coding": [{"system": LOINC, "code": code}]},
               "valueQuantity": {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}})
    };
    let all = [
        json!({"resourceType": "Practitioner", "id": "d1", "name": [{"family": "Okafor", "given": ["Ama"]}]}),
        json!({"resourceType": "Practitioner", "id": "d2", "name": [{"family": "Berg"}]}),
        json!({"resourceType": "Patient", "id": "a", "gender": "female", "birthDate": "1980-05-04",
            "name": [{"family": "Núñez", "given": ["María", "Luz"]}, {"use": "maiden", "family": "O'Brien"}],
            "identifier": [{"system": "urn:mrn", "value": "A-1"}],
            "telecom": [{"system": "phone", "value": "(555) 010-1234"}, {"system": "email", "value": "Maria@Example.org"}],
            "address": [{"line": ["1 Main St"], "city": "Boston", "state": "MA"}],
            "generalPractitioner": [{"reference": "Practitioner/d1"}]}),
        json!({"resourceType": "Patient", "id": "b", "gender": "male", "birthDate": "1980", "active": true,
            "name": [{"family": "Smith", "given": ["John"]}], "deceasedBoolean": false}),
        json!({"resourceType": "Patient", "id": "c", "gender": "female", "birthDate": "1990-01-01",
            "name": [{"family": "Smithson", "given": ["Anna"]}], "deceasedDateTime": "2020-01-02"}),
        json!({"resourceType": "Encounter", "id": "e1", "status": "finished", "class": {"system": "urn:act", "code": "AMB"},
            "subject": {"reference": "Patient/a"}, "period": {"start": "2024-03-10T09:00:00Z", "end": "2024-03-10T11:00:00Z"},
            "participant": [{"individual": {"reference": "Practitioner/d1"}}], "length": {"value": 2, "code": "h", "system": UCUM}}),
        o1,
        json!({"resourceType": "Observation", "id": "o2", "status": "final",
            "code": {"coding": [{"system": LOINC, "code": "85354-9", "display": "Blood pressure panel"}]},
            "subject": {"reference": "Patient/a"}, "effectiveDateTime": "2024-03-11",
            "performer": [{"identifier": {"system": "urn:npi", "value": "99"}}],
            "component": [part("8480-6", 120), part("8462-4", 80)]}),
        height("o3", "a", "170.4", ("effectiveDateTime", json!("2024-04-01"))),
        height("o4", "b", "180", ("effectivePeriod", json!({"start": "2024-03-09", "end": "2024-03-12"}))),
        json!({"resourceType": "Observation", "id": "o5", "status": "preliminary", "code": {"text": "Pain score"},
            "subject": {"reference": "Patient/b"}, "valueString": "Severe pain, worse at night"}),
        json!({"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/a"},
            "text": {"status": "generated", "div": "<div>Poorly <b>controlled</b> since spring</div>"},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9",
                "display": "Type 2 diabetes mellitus without complications"}]},
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/condition-assertedDate", "valueDateTime": "2011"}],
            "onsetDateTime": "2010", "recordedDate": "2010-02-01", "encounter": {"reference": "Encounter/e1"}}),
        json!({"resourceType": "Condition", "id": "c2", "subject": {"reference": "Patient/b"}, "onsetAge": {"value": 52,
            "unit": "years", "system": UCUM, "code": "a"}, "abatementString": "after surgery",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I10"}], "text": "High blood pressure"}}),
        json!({"resourceType": "DocumentReference", "id": "doc1", "status": "current", "subject": {"reference": "Patient/a"},
            "relatesTo": [{"code": "replaces", "target": {"reference": "DocumentReference/doc0"}},
                {"code": "appends", "target": {"reference": "DocumentReference/doc9"}}],
            "content": [{"attachment": {"contentType": "text/plain", "url": "urn:doc:1", "data": "VGhlIHF1aWNrIGJyb3duIGZveA=="}}]}),
        json!({"resourceType": "Appointment", "id": "ap1", "status": "booked", "start": "2024-05-01T10:00:00Z",
            "participant": [{"actor": {"reference": "Practitioner/d2"}, "status": "accepted"},
                {"actor": {"reference": "Patient/a"}, "status": "accepted"}]}),
        json!({"resourceType": "Medication", "id": "med", "code": {"coding": [{"system": "urn:rx", "code": "617"}]}}),
        json!({"resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
            "subject": {"reference": "Patient/a"}, "medicationReference": {"reference": "Medication/med"},
            "authoredOn": "2024-03-10"}),
        json!({"resourceType": "Provenance", "id": "pr", "recorded": "2024-03-10T10:00:00Z",
            "target": [{"reference": "Observation/o1"}], "agent": [{"who": {"reference": "Practitioner/d1"}}]}),
    ];
    for body in all {
        put(case, body, None).await;
    }
}

pub async fn tokens(case: Case) {
    practice(&case).await;
    check(
        &case,
        Kind::OBSERVATION,
        &[
            ("code=8302-2", "o1 o3 o4"),
            ("code=http://loinc.org|8302-2", "o1 o3 o4"),
            ("code=http://other.org|8302-2", ""),
            ("code=|8302-2", ""),
            ("code=http://loinc.org|", "o1 o2 o3 o4"),
            ("code=8302-2,85354-9", "o1 o2 o3 o4"),
            ("code=8302-2&code=85354-9", ""),
            ("code:not=8302-2", "o2 o5"),
            ("code:not=8302-2,85354-9", "o5"),
            ("code:text=body", "o1 o3 o4"),
            ("code:text=HEIGHT", "o1 o3 o4"),
            ("code:text=pain", "o5"),
            ("code:text=eight", ""),
            ("status=preliminary", "o5"),
            ("status=http://hl7.org/fhir/observation-status|preliminary", "o5"),
            ("status=|preliminary", "o5"),
            ("combo-code=8480-6", "o2"),
            ("component-code=8480-6", "o2"),
            ("code=8480-6", ""),
            ("category:missing=true", "o2 o5"),
            ("category:missing=false", "o1 o3 o4"),
            ("_tag=urn:tags|seen", "o1"),
            ("_profile=http://example.org/height", "o1"),
            ("_profile=http://example.org/heigh", ""),
            ("patient=a&code=8302-2&status=final", "o1 o3"),
        ],
    )
    .await;
    check(
        &case,
        Kind::PATIENT,
        &[
            ("gender=FEMALE", "a c"),
            ("identifier=urn:mrn|A-1", "a"),
            ("identifier=a-1", "a"),
            ("identifier=urn:mrn|", "a"),
            ("identifier=urn:mrn|A-1\\,", ""),
            ("phone=5550101234", "a"),
            ("telecom=555.010.1234", "a"),
            ("email=maria@example.org", "a"),
            ("email=5550101234", ""),
            ("deceased=true", "c"),
            ("deceased=false", "a b"),
            ("active=true", "b"),
            ("active:missing=true", "a c"),
            ("_id=a,c,zzz", "a c"),
        ],
    )
    .await;
}

pub async fn strings(case: Case) {
    practice(&case).await;
    check(
        &case,
        Kind::PATIENT,
        &[
            ("name=nunez", "a"),
            ("name=NÚÑ", "a"),
            ("name=o'brien", "a"),
            ("family=smith", "b c"),
            ("family:exact=Smith", "b"),
            ("family:exact=smith", ""),
            ("name:contains=ohn", "b"),
            ("given=luz,john", "a b"),
            ("given=luz&given=maria", "a"),
            ("name=luz&name=smith", ""),
            ("phonetic=Smyth", "b"),
            ("address=bos", "a"),
            ("address-city=boston", "a"),
            ("address-state=ma", "a"),
            ("address:missing=true", "b c"),
            ("family=%", ""),
            ("family=smith_", ""),
        ],
    )
    .await;
    check(&case, Kind::OBSERVATION, &[("value-string=severe", "o5"), ("value-string=night", "")]).await;
}

/// R4 search.html, table of prefixes for dates.
pub async fn dates(case: Case) {
    practice(&case).await;
    check(
        &case,
        Kind::OBSERVATION,
        &[
            ("date=2024-03-10", "o1"),
            ("date=2024-03", "o1 o2 o4"),
            ("date=2024-03-10T10:00:00Z", "o1"),
            ("date=2024-03-10T11:00:00%2B01:00", "o1"),
            ("date=ne2024-03", "o3"),
            ("date=gt2024-03-11", "o3 o4"),
            ("date=lt2024-03-10", "o4"),
            ("date=ge2024-03-11", "o2 o3 o4"),
            ("date=le2024-03-10", "o1 o4"),
            ("date=sa2024-03-10", "o2 o3"),
            ("date=eb2024-03-11", "o1"),
            ("date=ap2024-03-10", "o1 o2 o4"),
            ("date=ge2024-03-10&date=lt2024-03-12", "o1 o2 o4"),
            ("date=2024-03-11,2024-04", "o2 o3"),
            ("date:missing=true", "o5"),
            ("patient=a&date=2024-03", "o1 o2"),
            ("_lastUpdated=gt2025", "o1 o2 o3 o4 o5"),
            ("_lastUpdated=lt2025", ""),
        ]
        .map(|(text, expected)| (text.replace("%2B", "+"), expected))
        .iter()
        .map(|(text, expected)| (text.as_str(), *expected))
        .collect::<Vec<_>>(),
    )
    .await;
    check(
        &case,
        Kind::PATIENT,
        &[
            ("birthdate=1980", "a b"),
            ("birthdate=1980-05-04", "a"),
            ("birthdate=lt1981", "a b"),
            ("death-date=2020", "c"),
        ],
    )
    .await;
    check(
        &case,
        Kind::CONDITION,
        &[
            ("onset-date=2010", "c1"),
            ("asserted-date=2011", "c1"),
            ("recorded-date=ge2010-02", "c1"),
            ("patient=a&onset-date=lt2011", "c1"),
            ("abatement-date:missing=true&patient=a", "c1"),
        ],
    )
    .await;
}

pub async fn quantities(case: Case) {
    practice(&case).await;
    check(
        &case,
        Kind::OBSERVATION,
        &[
            ("value-quantity=170", "o1 o3"),
            ("value-quantity=170.0", "o1"),
            ("value-quantity=1.7e2", "o1 o3"),
            ("value-quantity=gt170", "o3 o4"),
            ("value-quantity=ge170", "o1 o3 o4"),
            ("value-quantity=lt180", "o1 o3"),
            ("value-quantity=le170", "o1"),
            ("value-quantity=ne170", "o4"),
            ("value-quantity=sa170", "o3 o4"),
            ("value-quantity=eb180", "o1 o3"),
            ("value-quantity=ap170", "o1 o3 o4"),
            ("value-quantity=170||cm", "o1 o3"),
            ("value-quantity=170||centimetre", "o1 o3"),
            ("value-quantity=170|http://unitsofmeasure.org|cm", "o1 o3"),
            ("value-quantity=170|http://unitsofmeasure.org|kg", ""),
            ("value-quantity=1.7|http://unitsofmeasure.org|m", "o1 o3"),
            ("value-quantity=gt1.75|http://unitsofmeasure.org|m", "o4"),
            ("value-quantity=gt60|http://unitsofmeasure.org|[in_i]", "o1 o3 o4"),
            ("value-quantity=1.7|http://other.org|m", ""),
            ("code-value-quantity=8302-2$gt1750|http://unitsofmeasure.org|mm", "o4"),
            ("value-quantity=120", ""),
            ("component-value-quantity=120", "o2"),
            ("combo-value-quantity=gt100", "o1 o2 o3 o4"),
            ("patient=a&value-quantity=gt170", "o3"),
        ],
    )
    .await;
    check(&case, Kind::CONDITION, &[("onset-age=52", "c2"), ("onset-age=gt60", "")]).await;
    check(&case, Kind::ENCOUNTER, &[("length=2||h", "e1")]).await;
}

pub async fn composites(case: Case) {
    practice(&case).await;
    check(
        &case,
        Kind::OBSERVATION,
        &[
            ("code-value-quantity=http://loinc.org|8302-2$gt175", "o4"),
            ("code-value-quantity=8302-2$170", "o1 o3"),
            ("component-code-value-quantity=8480-6$120", "o2"),
            ("component-code-value-quantity=8480-6$80", ""),
            ("component-code-value-quantity=8462-4$80", "o2"),
            ("combo-code-value-quantity=8302-2$180", "o4"),
            ("combo-code-value-quantity=8462-4$80,8302-2$180", "o2 o4"),
            ("patient=a&code-value-quantity=8302-2$gt100", "o1 o3"),
            ("patient=b&combo-code-value-quantity=8462-4$80", ""),
        ],
    )
    .await;
    check(
        &case,
        Kind::DOCUMENT_REFERENCE,
        &[
            ("relationship=replaces$DocumentReference/doc0", "doc1"),
            ("relationship=replaces$DocumentReference/doc9", ""),
            ("relationship=appends$DocumentReference/doc9", "doc1"),
        ],
    )
    .await;
}

pub async fn references_chains_and_has(case: Case) {
    practice(&case).await;
    check(
        &case,
        Kind::OBSERVATION,
        &[
            ("patient=a", "o1 o2 o3"),
            ("patient=Patient/a", "o1 o2 o3"),
            ("subject=Patient/a", "o1 o2 o3"),
            ("subject:Patient=a", "o1 o2 o3"),
            ("patient=a,b", "o1 o2 o3 o4 o5"),
            ("patient=nobody", ""),
            ("performer=d1", "o1"),
            ("performer=Practitioner/d1", "o1"),
            ("performer=Organization/d1", ""),
            ("performer:identifier=urn:npi|99", "o2"),
            ("performer:missing=true", "o3 o4 o5"),
            ("subject:missing=true", ""),
            ("patient:missing=false&code=8302-2", "o1 o3 o4"),
            ("encounter=e1", "o1"),
            ("patient.name=nunez", "o1 o2 o3"),
            ("subject:Patient.family=smith", "o4 o5"),
            ("subject:Patient.family:exact=Smith&status=final", "o4"),
            ("encounter.participant:Practitioner.name=okafor", "o1"),
            ("performer.name=okafor", "o1"),
            ("patient._has:Condition:patient:code=I10", "o4 o5"),
        ],
    )
    .await;
    check(
        &case,
        Kind::PATIENT,
        &[
            ("general-practitioner=Practitioner/d1", "a"),
            ("general-practitioner:Practitioner.family=okafor", "a"),
            ("_has:Observation:patient:code=85354-9", "a"),
            ("_has:Observation:subject:code=8302-2", "a b"),
            ("_has:Condition:patient:code=I10&gender=male", "b"),
            ("_has:Condition:patient:code=I10&gender=female", ""),
        ],
    )
    .await;
    check(
        &case,
        Kind::PRACTITIONER,
        &[
            ("_has:Observation:performer:code=8302-2", "d1"),
            ("_has:Encounter:participant:_has:Condition:encounter:code=E11.9", "d1"),
            ("_has:Appointment:practitioner:patient=a", "d2"),
        ],
    )
    .await;
    check(
        &case,
        Kind::APPOINTMENT,
        &[
            ("patient=a", "ap1"),
            ("practitioner=d2", "ap1"),
            ("practitioner=d1", ""),
            ("actor=Patient/a", "ap1"),
            ("date=2024-05", "ap1"),
        ],
    )
    .await;
    check(
        &case,
        Kind::MEDICATION_REQUEST,
        &[("medication.code=617", "m1"), ("medication=Medication/med&intent=order", "m1")],
    )
    .await;
    check(
        &case,
        Kind::CONDITION,
        &[("encounter=e1&patient=a", "c1"), ("_text=controlled", "c1"), ("_text=diabetes", "")],
    )
    .await;
    check(
        &case,
        Kind::CONDITION,
        &[("_content=diabetes", "c1"), ("_content=controlled type", "c1"), ("_content=pressure", "c2")],
    )
    .await;
    check(
        &case,
        Kind::DOCUMENT_REFERENCE,
        &[("_content=FOX", "doc1"), ("_content=fo", ""), ("location=urn:doc:1", "doc1")],
    )
    .await;
}

pub async fn sorts_put_what_has_no_value_last(case: Case) {
    practice(&case).await;
    for (kind, text, expected) in [
        (Kind::OBSERVATION, "patient=a&code=8302-2&_sort=-date", "o3 o1"),
        (Kind::OBSERVATION, "patient=a&code=8302-2&_sort=date", "o1 o3"),
        (Kind::OBSERVATION, "patient=a&_sort=-date", "o3 o2 o1"),
        (Kind::OBSERVATION, "_sort=date", "o4 o1 o2 o3 o5"),
        (Kind::OBSERVATION, "_sort=-date", "o3 o2 o1 o4 o5"),
        (Kind::OBSERVATION, "_sort=value-quantity,-_id", "o1 o3 o4 o5 o2"),
        (Kind::OBSERVATION, "_sort=-value-quantity,_id", "o4 o3 o1 o2 o5"),
        (Kind::PATIENT, "_sort=family", "a b c"),
        (Kind::PATIENT, "_sort=-family", "c b a"),
        (Kind::PATIENT, "_sort=birthdate", "b a c"),
        (Kind::PATIENT, "_sort=-_lastUpdated", "c b a"),
        (Kind::CONDITION, "_sort=-onset-date", "c1 c2"),
        (Kind::CONDITION, "_sort=onset-date", "c1 c2"),
    ] {
        assert_eq!(ids(&case, &reading(), kind, text).await.join(" "), expected, "{kind}?{text}");
    }
}

pub async fn a_new_version_replaces_what_the_old_one_was_found_by(case: Case) {
    practice(&case).await;
    let moved = height("o1", "b", "150", ("effectiveDateTime", json!("2025-01-01")));
    put(&case, moved, Some(1)).await;
    check(
        &case,
        Kind::OBSERVATION,
        &[
            ("value-quantity=170.0", ""),
            ("value-quantity=150", "o1"),
            ("date=2024-03-10", ""),
            ("patient=a&code=8302-2", "o3"),
            ("patient=b&code=8302-2", "o1 o4"),
            ("performer=d1", ""),
            ("_tag=seen", ""),
        ],
    )
    .await;
    let key = Key::new(Kind::OBSERVATION, id("o1"));
    case.commit(vec![Write { key, based_on: Some(2), change: Change::Delete }]).await.expect("deleted");
    check(&case, Kind::OBSERVATION, &[("code=8302-2", "o3 o4"), ("patient=b", "o4 o5"), ("value-quantity=150", "")])
        .await;
}

/// Pages, following links, of `count` each.
async fn paged(case: &Case, kind: Kind, text: &str, count: u32, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let asked = Query { count, ..query(kind, text) };
    let (mut all, mut cursor, mut round) = (Vec::new(), None, 0);
    loop {
        let page = page(case, &reading(), &asked, cursor.as_deref()).await.expect("a page");
        assert!(page.matches.len() <= count as usize);
        all.extend(page.matches.iter().map(|found| found.key.id.to_string()));
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
        between(round).await;
        round += 1;
        assert!(round < 1000, "paging ends");
    }
}

pub async fn pages_join_whatever_the_order_and_while_data_changes(case: Case) {
    practice(&case).await;
    for n in 0..40 {
        let date = if n % 5 == 0 {
            ("note", json!([]))
        } else {
            ("effectiveDateTime", json!(format!("2023-0{}-01", 1 + n % 4)))
        };
        put(&case, height(&format!("x{n:02}"), if n % 2 == 0 { "a" } else { "c" }, "160", date), None).await;
    }
    let orders = [
        "_sort=date",
        "_sort=-date",
        "_sort=-value-quantity",
        "_sort=_id",
        "_sort=-_lastUpdated",
        "_sort=-date,_id",
        "_id:missing",
    ];
    for filter in
        ["code=8302-2", "patient=a", "patient=a&code=8302-2", "status=final", "value-quantity=160", "date=2023"]
    {
        let whole = ids(&case, &reading(), Kind::OBSERVATION, filter).await;
        assert!(whole.len() > 10, "{filter}");
        for order in orders {
            let text = if order == "_id:missing" { filter.to_owned() } else { format!("{filter}&{order}") };
            let at_once = ids(&case, &reading(), Kind::OBSERVATION, &text).await;
            assert_eq!(paged(&case, Kind::OBSERVATION, &text, 3, async |_| {}).await, at_once, "{text}");
        }
    }
    // One that stood on a later page changes, one is new: neither shows; all others do, once.
    let text = "patient=a&code=8302-2&_sort=-date";
    let before = ids(&case, &reading(), Kind::OBSERVATION, text).await;
    let change = async |round: usize| {
        if round == 0 {
            put(&case, height("x20", "a", "161", ("effectiveDateTime", json!("2026-01-01"))), Some(1)).await;
            put(&case, height("new", "a", "161", ("effectiveDateTime", json!("2020-01-01"))), None).await;
        }
    };
    let seen = paged(&case, Kind::OBSERVATION, text, 4, change).await;
    let expected: Vec<String> = before.into_iter().filter(|name| name != "x20").collect();
    assert_eq!(seen, expected);
}

pub async fn page_links_are_opaque_and_bound_to_their_search(case: Case) {
    practice(&case).await;
    let asked = Query { count: 1, ..query(Kind::PATIENT, "family=smith&_sort=family") };
    let first = page(&case, &reading(), &asked, None).await.expect("a page");
    let link = first.next.expect("there is more");
    assert!(
        !link.to_lowercase().contains("smith") && link.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    );
    let other = Query { count: 1, ..query(Kind::PATIENT, "family=nunez&_sort=family") };
    let mut damaged = link.clone();
    damaged.replace_range(20..21, if &link[20..21] == "A" { "B" } else { "A" });
    for (query, link) in [(&other, link.as_str()), (&asked, &damaged), (&asked, "x"), (&asked, "")] {
        let refused = case.store.search(&reading(), query, Some(link)).await;
        assert!(matches!(refused, Err(Error::BadCursor)));
    }
}

pub async fn totals_and_counts(case: Case) {
    practice(&case).await;
    for (text, shown, total) in [
        ("code=8302-2", 3, Some(3)),
        ("code=8302-2&_count=2", 2, None),
        ("code=8302-2&_count=2&_total=accurate", 2, Some(3)),
        ("code=8302-2&_count=0", 0, Some(3)),
        ("_total=accurate&_count=1", 1, Some(5)),
        ("code=8302-2&_count=99999999999999999999", 3, Some(3)),
    ] {
        let page = page(&case, &reading(), &query(Kind::OBSERVATION, text), None).await.expect(text);
        assert_eq!((page.matches.len(), page.total), (shown, total), "{text}");
    }
}

async fn included(case: &Case, permit: &Permit, kind: Kind, text: &str) -> String {
    let page = page(case, permit, &query(kind, text), None).await.expect(text);
    let mut keys: Vec<String> = page.included.iter().map(|found| found.key.to_string()).collect();
    keys.sort();
    keys.join(" ")
}

pub async fn includes(case: Case) {
    practice(&case).await;
    for (kind, text, expected) in [
        (Kind::OBSERVATION, "_id=o1&_include=Observation:patient", "Patient/a"),
        (Kind::OBSERVATION, "_id=o1&_include=Observation:subject:Patient", "Patient/a"),
        (Kind::OBSERVATION, "_id=o1&_include=Observation:subject:Group", ""),
        (Kind::OBSERVATION, "code=8302-2&_include=Observation:patient", "Patient/a Patient/b"),
        (Kind::OBSERVATION, "_id=o1&_include=*", "Encounter/e1 Patient/a Practitioner/d1"),
        (
            Kind::OBSERVATION,
            "_id=o1&_include=Observation:encounter&_include:iterate=Encounter:participant",
            "Encounter/e1 Practitioner/d1",
        ),
        (Kind::OBSERVATION, "_id=o1&_revinclude=Provenance:target", "Provenance/pr"),
        (Kind::PATIENT, "_id=a&_revinclude=Condition:patient", "Condition/c1"),
        (Kind::PATIENT, "_id=a&_revinclude=Appointment:patient", "Appointment/ap1"),
        (
            Kind::PATIENT,
            "_id=a&_revinclude=Condition:patient&_revinclude:iterate=Provenance:target&_revinclude=Observation:subject",
            "Condition/c1 Observation/o1 Observation/o2 Observation/o3 Provenance/pr",
        ),
        (Kind::MEDICATION_REQUEST, "_include=MedicationRequest:medication", "Medication/med"),
        (Kind::DOCUMENT_REFERENCE, "_include=DocumentReference:relatesto", ""),
    ] {
        assert_eq!(included(&case, &reading(), kind, text).await, expected, "{kind}?{text}");
    }
}

/// Nothing of patient b ever shows under a permit for patient a, by whichever way.
pub async fn another_chart_never_answers(case: Case) {
    practice(&case).await;
    put(
        &case,
        json!({"resourceType": "Condition", "id": "canary", "subject": {"reference": "Patient/b"},
        "asserter": {"reference": "Patient/a"}, "evidence": [{"detail": [{"reference": "Observation/o1"}]}],
        "code": {"text": "canary"}}),
        None,
    )
    .await;
    put(
        &case,
        json!({"resourceType": "Condition", "id": "bridge", "subject": {"reference": "Patient/a"},
        "asserter": {"reference": "Patient/b"}, "code": {"text": "bridge"}}),
        None,
    )
    .await;
    let permit = Permit::grant(clinician(), KindSet::ALL, Scope::Patient(patient("a")));
    for (kind, text, expected) in [
        (Kind::OBSERVATION, "", "o1 o2 o3"),
        (Kind::OBSERVATION, "code=8302-2", "o1 o3"),
        (Kind::OBSERVATION, "patient=b", ""),
        (Kind::OBSERVATION, "value-quantity=180", ""),
        (Kind::OBSERVATION, "date=2024-03", "o1 o2"),
        (Kind::OBSERVATION, "patient.name=smith", ""),
        (Kind::PATIENT, "family=smith", ""),
        (Kind::PATIENT, "_id=a,b", "a"),
        (Kind::PATIENT, "_has:Condition:asserter:code:text=canary", ""),
        (Kind::CONDITION, "_content=canary", ""),
        (Kind::CONDITION, "asserter:Patient.family=smith", ""),
        (Kind::CONDITION, "asserter:Patient.gender:not=female", ""),
        (Kind::PRACTITIONER, "", "d1 d2"),
    ] {
        let mut found = ids(&case, &permit, kind, text).await;
        found.sort();
        assert_eq!(found.join(" "), expected, "{kind}?{text}");
        let total = page(&case, &permit, &Query { count: 0, ..query(kind, text) }, None).await.expect(text).total;
        assert_eq!(total, Some(found.len() as u64), "the total of {kind}?{text} counts nothing hidden");
    }
    for (kind, text, expected) in [
        (Kind::CONDITION, "_id=bridge&_include=*", "Patient/a"),
        (Kind::OBSERVATION, "_id=o1&_revinclude=Condition:evidence-detail", ""),
        (Kind::PATIENT, "_id=a&_revinclude=Condition:asserter", ""),
        (Kind::PATIENT, "_id=a&_include:iterate=*&_revinclude=Condition:patient", "Condition/bridge Condition/c1"),
    ] {
        let mut found = included(&case, &permit, kind, text).await;
        if text.contains("iterate") {
            found = found
                .split(' ')
                .filter(|key| key.starts_with("Condition") || key.ends_with("/b"))
                .collect::<Vec<_>>()
                .join(" ");
        }
        assert_eq!(found, expected, "{kind}?{text}");
    }
    let narrow = Permit::grant(clinician(), KindSet::of(&[Kind::OBSERVATION]), Scope::Practice);
    for (kind, text) in [
        (Kind::CONDITION, "code=I10"),
        (Kind::OBSERVATION, "patient.name=smith"),
        (Kind::OBSERVATION, "encounter._has:Condition:encounter:code=I10"),
    ] {
        let refused = case.store.search(&narrow, &query(kind, text), None).await;
        assert!(matches!(refused, Err(Error::NotPermitted)), "{kind}?{text}");
    }
    assert_eq!(
        included(&case, &narrow, Kind::OBSERVATION, "_id=o1&_include=*&_revinclude=Provenance:target").await,
        ""
    );
}

/// `Patient/a/Type`: R4's patient compartment, in which only that chart and what belongs to none is looked through or brought along.
pub async fn compartments(case: Case) {
    practice(&case).await;
    let of_b = json!({"resourceType": "Condition", "id": "of-b", "subject": {"reference": "Patient/b"},
        "asserter": {"reference": "Patient/a"}, "code": {"text": "canary"}});
    let of_a = json!({"resourceType": "Condition", "id": "of-a", "subject": {"reference": "Patient/a"},
        "asserter": {"reference": "Patient/b"}, "code": {"text": "bridge"}});
    let family = json!({"resourceType": "Appointment", "id": "both", "status": "booked", "participant": [
        {"status": "accepted", "actor": {"reference": "Patient/b"}}, {"status": "accepted", "actor": {"reference": "Patient/a"}}]});
    for body in [of_b, of_a, family] {
        put(&case, body, None).await;
    }
    let within = |of: &str, kind, text| query(kind, text).within(patient(of)).expect("a compartment");
    for (of, kind, text, expected) in [
        ("a", Kind::OBSERVATION, "", "o1 o2 o3"),
        ("b", Kind::OBSERVATION, "", "o4 o5"),
        ("a", Kind::OBSERVATION, "code=8302-2&_sort=-date", "o1 o3"),
        ("a", Kind::OBSERVATION, "patient=b", ""),
        ("nobody", Kind::OBSERVATION, "", ""),
        ("a", Kind::ENCOUNTER, "status=finished", "e1"),
        ("b", Kind::ENCOUNTER, "", ""),
        ("a", Kind::PATIENT, "", "a"),
        // Asserted by, and present at: R4's definition of the compartment.
        ("a", Kind::CONDITION, "", "c1 of-a of-b"),
        ("a", Kind::APPOINTMENT, "", "ap1 both"),
        ("b", Kind::APPOINTMENT, "", "both"),
        // What the other chart says is not looked through.
        ("a", Kind::CONDITION, "asserter:Patient.family=smith", ""),
        ("a", Kind::CONDITION, "asserter:Patient.family=nunez", "of-b"),
        ("a", Kind::PATIENT, "_has:Condition:asserter:code:text=canary", ""),
        ("a", Kind::OBSERVATION, "performer:Practitioner.name=okafor", "o1"),
    ] {
        let asked = within(of, kind, text);
        let found = page(&case, &reading(), &asked, None).await.expect(text);
        let mut ids: Vec<String> = found.matches.iter().map(|found| found.key.id.to_string()).collect();
        ids.sort();
        assert_eq!(ids.join(" "), expected, "Patient/{of}/{kind}?{text}");
        let total = page(&case, &reading(), &Query { count: 0, ..asked }, None).await.expect(text).total;
        assert_eq!(total, Some(ids.len() as u64), "the total of Patient/{of}/{kind}?{text}");
    }
    let asked =
        within("a", Kind::CONDITION, "_include=*&_revinclude:iterate=Provenance:target&_revinclude=Observation:focus");
    let found = page(&case, &reading(), &asked, None).await.expect("includes");
    assert!(found.included.iter().all(|found| found.patient.as_ref().is_none_or(|whose| *whose == patient("a"))));
    assert!(found.included.iter().any(|found| found.key.id.as_str() == "a"));
    assert!(query(Kind::PRACTITIONER, "").within(patient("a")).is_none());
}

/// Text that means something to a database means nothing here.
pub async fn hostile_text_is_only_text(case: Case) {
    practice(&case).await;
    for text in
        ["'", "\"", "%", "_", "*", "--", "'; DROP TABLE resource; --", "\u{0}", "\u{202e}", "NEAR(a b)", "a OR b", "ﷺ"]
    {
        let escaped = text.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|").replace('$', "\\$");
        for name in ["name", "name:contains", "name:exact", "identifier", "address", "organization:identifier"] {
            let pairs = [(name.to_owned(), escaped.clone())];
            let now = "2024-03-11T00:00:00Z".parse().expect("a time");
            if let Ok((query, _)) = Query::parse(Kind::PATIENT, &pairs, Handling::Strict, now) {
                let page = page(&case, &reading(), &query, None).await.expect("an answer");
                // O'Brien has an apostrophe.
                assert!(page.matches.is_empty() || text == "'", "{name}={text:?}");
            }
        }
        for name in ["_content", "_text"] {
            let pairs = [(name.to_owned(), escaped.clone())];
            let now = "2024-03-11T00:00:00Z".parse().expect("a time");
            if let Ok((query, _)) = Query::parse(Kind::CONDITION, &pairs, Handling::Strict, now) {
                page(&case, &reading(), &query, None).await.expect("an answer");
            }
        }
    }
}
