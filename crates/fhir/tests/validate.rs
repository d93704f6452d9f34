//! Each kind of mistake is found, once, where it is.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use fhir::{Issue, IssueType as T, Kind, validate::validate};
use proptest::prelude::*;
use serde_json::{Value, json};

fn patient() -> Value {
    json!({"resourceType": "Patient", "id": "p1", "meta": {"versionId": "1", "lastUpdated": "2024-01-02T03:04:05.678Z"},
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">Ann Moss</div>"},
        "contained": [{"resourceType": "Organization", "id": "org", "name": "Clinic"}],
        "extension": [{"url": "http://example.org/x", "valueDecimal": 1.5}],
        "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}],
        "active": true, "name": [{"use": "official", "family": "Moss", "given": ["Ann", "May"]}],
        "telecom": [{"system": "phone", "value": "555", "rank": 1}], "gender": "female", "birthDate": "1962-05-04",
        "photo": [{"contentType": "image/png", "data": "AAAA"}],
        "multipleBirthInteger": 2, "managingOrganization": {"reference": "#org"},
        "generalPractitioner": [{"reference": "Practitioner/d1"}]})
}

fn observation() -> Value {
    json!({"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
        "subject": {"reference": "Patient/p1"}, "effectivePeriod": {"start": "2024-01-02", "end": "2024-01-03"},
        "issued": "2024-01-02T03:04:05Z", "valueQuantity": {"value": 13.2, "unit": "g/dL", "system": "http://unitsofmeasure.org", "code": "g/dL"},
        "component": [{"code": {"text": "part"}, "valueString": "x"}], "referenceRange": [{"low": {"value": 12}, "high": {"value": 16}}]})
}

fn condition() -> Value {
    json!({"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "clinicalStatus":
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}})
}

fn told(body: &Value) -> Vec<Issue> {
    validate(Kind::parse(body["resourceType"].as_str().unwrap()).unwrap(), body)
}

/// Sets, or with `Null` removes, what a pointer names.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
    match (parent, value) {
        (Value::Object(map), Value::Null) => drop(map.shift_remove(last)),
        (Value::Object(map), value) => drop(map.insert(last.to_owned(), value)),
        (Value::Array(items), value) => items[last.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    body
}

#[test]
fn what_is_right_has_no_issues() {
    for body in [patient(), observation(), condition()] {
        assert_eq!(told(&body), [], "{body}");
    }
}

#[test]
fn each_mistake_in_a_patient_is_found_where_it_is() {
    for (pointer, value, expression, code) in [
        ("/gendre", json!("x"), "Patient.gendre", T::Structure),
        ("/name/0/fam", json!("x"), "Patient.name[0].fam", T::Structure),
        ("/name/0/Not a name", json!("x"), "Patient.name[0]", T::Structure),
        ("/name", json!({"family": "x"}), "Patient.name", T::Structure),
        ("/name", json!([]), "Patient.name", T::Structure),
        ("/name/0", json!({}), "Patient.name[0]", T::Structure),
        ("/name/0", json!("Ann"), "Patient.name[0]", T::Structure),
        ("/name/0", json!(null), "Patient.name[0]", T::Structure),
        ("/name/0/given/1", json!(5), "Patient.name[0].given[1]", T::Structure),
        ("/name/0/given/1", json!(""), "Patient.name[0].given[1]", T::Value),
        ("/name/0/given/1", json!("a\u{1}b"), "Patient.name[0].given[1]", T::Value),
        ("/name/0/given/1", json!(null), "Patient.name[0].given[1]", T::Structure),
        ("/name/0/family", json!("x".repeat(1_048_577)), "Patient.name[0].family", T::TooLong),
        ("/name/0/use", json!("nick"), "Patient.name[0].use", T::CodeInvalid),
        ("/gender", json!("F"), "Patient.gender", T::CodeInvalid),
        ("/gender", json!(["female"]), "Patient.gender", T::Structure),
        ("/birthDate", json!("1962-02-30"), "Patient.birthDate", T::Value),
        ("/birthDate", json!("1962-05-04T00:00:00Z"), "Patient.birthDate", T::Value),
        ("/birthDate", json!("4 May 1962"), "Patient.birthDate", T::Value),
        ("/active", json!("true"), "Patient.active", T::Structure),
        ("/multipleBirthInteger", json!(1.5), "Patient.multipleBirth", T::Value),
        ("/multipleBirthInteger", json!(2_147_483_648_i64), "Patient.multipleBirth", T::Value),
        ("/multipleBirthBoolean", json!(true), "Patient.multipleBirth", T::Structure),
        ("/multipleBirthString", json!("x"), "Patient.multipleBirthString", T::Structure),
        ("/telecom/0/rank", json!(0), "Patient.telecom[0].rank", T::Value),
        ("/telecom/0/system", json!(null), "Patient.telecom[0]", T::Invariant),
        ("/id", json!("a b"), "Patient.id", T::Value),
        ("/meta/lastUpdated", json!("2024-01-02"), "Patient.meta.lastUpdated", T::Value),
        ("/meta/project", json!("x"), "Patient.meta.project", T::Structure),
        ("/identifier/0/system", json!("has space"), "Patient.identifier[0].system", T::Value),
        ("/photo/0/data", json!("AAA"), "Patient.photo[0].data", T::Value),
        ("/photo/0/contentType", json!(null), "Patient.photo[0]", T::Invariant),
        ("/text/status", json!(null), "Patient.text.status", T::Required),
        (
            "/text/div",
            json!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><script/></div>"),
            "Patient.text.div",
            T::Invalid,
        ),
        ("/managingOrganization/reference", json!("#other"), "Patient.managingOrganization.reference", T::Invariant),
        ("/managingOrganization/reference", json!("Patient/p2"), "Patient.managingOrganization.reference", T::Value),
        (
            "/managingOrganization/reference",
            json!("Organisation/1"),
            "Patient.managingOrganization.reference",
            T::Value,
        ),
        (
            "/managingOrganization/reference",
            json!("http://h/fhir/Patient/2"),
            "Patient.managingOrganization.reference",
            T::Value,
        ),
        ("/managingOrganization/reference", json!("urn:uuid:12"), "Patient.managingOrganization.reference", T::Value),
        (
            "/managingOrganization/reference",
            json!("Organization?name=x"),
            "Patient.managingOrganization.reference",
            T::Value,
        ),
        (
            "/generalPractitioner/0",
            json!({"type": "Patient", "display": "x"}),
            "Patient.generalPractitioner[0]",
            T::Value,
        ),
        ("/contact", json!([{"gender": "male"}]), "Patient.contact[0]", T::Invariant),
        ("/contained/0/id", json!(null), "Patient.contained[0].id", T::Required),
        ("/contained/0/nme", json!("x"), "Patient.contained[0].nme", T::Structure),
        ("/contained/0/resourceType", json!("Thing"), "Patient.contained[0]", T::Invalid),
        (
            "/contained/0/contained",
            json!([{"resourceType": "Basic", "id": "b", "code": {"text": "x"}}]),
            "Patient.contained[0].contained",
            T::Invariant,
        ),
        ("/contained/0/meta", json!({"versionId": "1"}), "Patient.contained[0].meta", T::Invariant),
        ("/extension/0/url", json!(null), "Patient.extension[0].url", T::Required),
        ("/extension/0/valueDecimal", json!(null), "Patient.extension[0]", T::Invariant),
        ("/extension/0/extension", json!([{"url": "y", "valueString": "z"}]), "Patient.extension[0]", T::Invariant),
        ("/extension/0/valueDecimal", json!("1.5"), "Patient.extension[0].value", T::Structure),
        (
            "/_birthDate",
            json!({"extension": [{"url": "x", "valueX": 1}]}),
            "Patient.birthDate.extension[0].valueX",
            T::Structure,
        ),
        ("/_birthDate", json!("x"), "Patient.birthDate", T::Structure),
        ("/_name", json!([{}]), "Patient._name", T::Structure),
        ("/_", json!({}), "Patient._", T::Structure),
    ] {
        let issues: Vec<_> =
            told(&with(patient(), pointer, value.clone())).into_iter().filter(Issue::is_error).collect();
        let first = issues.first().unwrap_or_else(|| panic!("{pointer} = {value:.60}: nothing was found"));
        assert!(issues.iter().any(|i| i.expression == expression && i.code == code), "{pointer}: {issues:#?}");
        assert!(!first.text.is_empty());
    }
}

#[test]
fn rules_across_elements_are_told() {
    let cases = [
        (with(observation(), "/status", json!(null)), "Observation.status", T::Required),
        (with(observation(), "/code", json!(null)), "Observation.code", T::Required),
        (with(observation(), "/dataAbsentReason", json!({"text": "x"})), "Observation", T::Invariant),
        (with(observation(), "/component/0/code", observation()["code"].clone()), "Observation", T::Invariant),
        (with(observation(), "/effectivePeriod/end", json!("2023")), "Observation.effective", T::Invariant),
        (with(observation(), "/valueQuantity/system", json!(null)), "Observation.value", T::Invariant),
        (with(observation(), "/valueString", json!("x")), "Observation.value", T::Structure),
        (
            with(observation(), "/referenceRange/0", json!({"age": {"low": {"value": 2}, "high": {"value": 1}}})),
            "Observation.referenceRange[0].age",
            T::Invariant,
        ),
        (
            with(observation(), "/referenceRange/0", json!({"age": {"low": {"value": 1}}})),
            "Observation.referenceRange[0]",
            T::Invariant,
        ),
        (
            with(observation(), "/referenceRange/0/low/comparator", json!("<")),
            "Observation.referenceRange[0].low.comparator",
            T::Structure,
        ),
        (with(observation(), "/subject/reference", json!("Encounter/1")), "Observation.subject.reference", T::Value),
        (with(condition(), "/abatementDateTime", json!("2024")), "Condition", T::Invariant),
        (with(condition(), "/clinicalStatus", json!({"text": "active"})), "Condition.clinicalStatus", T::CodeInvalid),
        (
            with(condition(), "/clinicalStatus/coding/0/system", json!("http://x")),
            "Condition.clinicalStatus",
            T::CodeInvalid,
        ),
        (
            json!({"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/1"}}),
            "AllergyIntolerance",
            T::Invariant,
        ),
        (json!({"resourceType": "Observation"}), "Observation.code", T::Required),
        (json!({"resourceType": "Basic"}), "Basic.code", T::Required),
        (
            json!({"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": {"reference": "Patient/1"}}),
            "MedicationRequest.medication",
            T::Required,
        ),
        (
            json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": {"resourceType": "Patient", "x": 1},
            "request": {"method": "POST", "url": "Patient"}}]}),
            "Bundle.entry[0].resource.x",
            T::Structure,
        ),
    ];
    for (body, expression, code) in cases {
        let issues = told(&body);
        assert!(
            issues.iter().any(|i| i.is_error() && i.expression == expression && i.code == code),
            "{expression}: {issues:#?}"
        );
    }
}

/// A resource with what it must have, and one part more.
fn minimal(kind: &str, part: &str, value: Value) -> Value {
    let patient = json!({"reference": "Patient/1"});
    let mut body = match kind {
        "Appointment" => {
            json!({"status": "booked", "participant": [{"status": "accepted", "actor": patient}], "start": "2024-01-02T03:04:05Z", "end": "2024-01-02T03:34:05Z"})
        }
        "CarePlan" => json!({"status": "active", "intent": "plan", "subject": patient}),
        "Composition" => {
            json!({"status": "final", "type": {"text": "note"}, "date": "2024", "author": [patient], "title": "Note"})
        }
        "FamilyMemberHistory" => json!({"status": "partial", "patient": patient, "relationship": {"text": "mother"}}),
        "Goal" => json!({"lifecycleStatus": "active", "description": {"text": "x"}, "subject": patient}),
        "MedicationRequest" => {
            json!({"status": "active", "intent": "order", "medicationCodeableConcept": {"text": "x"}, "subject": patient})
        }
        "Organization" => json!({"name": "x"}),
        "Parameters" => json!({}),
        "ServiceRequest" => json!({"status": "active", "intent": "order", "subject": patient}),
        _ => panic!("{kind}"),
    };
    body["resourceType"] = kind.into();
    with(body, &format!("/{part}"), value)
}

fn timed(repeat: &Value) -> Value {
    minimal("MedicationRequest", "dosageInstruction", json!([{"timing": {"repeat": repeat}}]))
}

#[test]
fn rules_of_orders_plans_and_bookings_are_told() {
    let good = [
        timed(&json!({"frequency": 1, "period": 1, "periodUnit": "d", "when": ["ACM"], "offset": 30})),
        minimal("Appointment", "comment", json!("x")),
        with(minimal("Appointment", "end", json!(null)), "/start", json!(null))
            .as_object()
            .map(|m| {
                let mut m = m.clone();
                m.insert("status".into(), "waitlist".into());
                Value::Object(m)
            })
            .unwrap(),
        minimal("FamilyMemberHistory", "ageAge", json!({"value": 80, "unit": "years"})),
        minimal(
            "Parameters",
            "parameter",
            json!([{"name": "a", "part": [{"name": "b", "resource": {"resourceType": "Basic", "code": {"text": "x"}}}]}]),
        ),
    ];
    for body in good {
        assert_eq!(told(&body), [], "{body}");
    }
    for (body, expression, rule) in [
        (timed(&json!({"period": 1})), "MedicationRequest.dosageInstruction[0].timing.repeat", "tim-2"),
        (
            timed(&json!({"period": -1, "periodUnit": "d"})),
            "MedicationRequest.dosageInstruction[0].timing.repeat",
            "tim-5",
        ),
        (timed(&json!({"offset": 30, "when": ["C"]})), "MedicationRequest.dosageInstruction[0].timing.repeat", "tim-9"),
        (
            timed(&json!({"timeOfDay": ["08:00:00"], "when": ["C"]})),
            "MedicationRequest.dosageInstruction[0].timing.repeat",
            "tim-10",
        ),
        (minimal("Appointment", "end", json!(null)), "Appointment", "app-2"),
        (minimal("Appointment", "cancelationReason", json!({"text": "x"})), "Appointment", "app-4"),
        (minimal("Appointment", "participant", json!([{"status": "accepted"}])), "Appointment.participant[0]", "app-1"),
        (
            minimal(
                "CarePlan",
                "activity",
                json!([{"reference": {"display": "x"}, "detail": {"status": "completed"}}]),
            ),
            "CarePlan.activity[0]",
            "cpl-3",
        ),
        (minimal("Composition", "section", json!([{"title": "x"}])), "Composition.section[0]", "cmp-1"),
        (minimal("FamilyMemberHistory", "estimatedAge", json!(true)), "FamilyMemberHistory", "fhs-2"),
        (minimal("Goal", "target", json!([{"detailString": "x"}])), "Goal.target[0]", "gol-1"),
        (minimal("Organization", "name", json!(null)), "Organization", "org-1"),
        (minimal("Parameters", "parameter", json!([{"name": "a"}])), "Parameters.parameter[0]", "inv-1"),
        (minimal("ServiceRequest", "orderDetail", json!([{"text": "x"}])), "ServiceRequest", "prr-1"),
    ] {
        let issues = told(&body);
        assert!(issues.iter().any(|i| i.expression == expression && i.text.contains(rule)), "{rule}: {issues:#?}");
    }
}

#[test]
fn periods_compare_only_as_far_as_they_are_known() {
    for (start, end, good) in [
        ("2024", "2024-01-01", true),
        ("2024-05", "2024", true),
        ("2024-05-02", "2024-05-01", false),
        ("2024-05-02T00:30:00Z", "2024-05-01", true),
        ("2024-05-03T00:00:00Z", "2024-05-01", false),
        ("2024-05-02T10:00:00+02:00", "2024-05-02T09:00:00Z", true),
        ("2024-05-02T10:00:00Z", "2024-05-02T09:00:00Z", false),
    ] {
        let body = with(observation(), "/effectivePeriod", json!({"start": start, "end": end}));
        assert_eq!(told(&body).is_empty(), good, "{start} to {end}");
    }
}

#[test]
fn legal_oddities_are_accepted() {
    for (pointer, value) in [
        ("/name/0/given", json!(["Ann", null])),
        ("/birthDate", json!("1962")),
        (
            "/extension/0",
            json!({"url": "http://example.org/unknown", "extension": [{"url": "a", "valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 2}}}]}),
        ),
        ("/managingOrganization/reference", json!("Organization/1/_history/2")),
        ("/managingOrganization/reference", json!("https://example.org/fhir/Organization/1")),
        ("/managingOrganization/reference", json!("https://example.org/anything")),
        ("/managingOrganization/reference", json!("urn:uuid:c757873d-ec9a-4326-a141-556f43239520")),
        ("/managingOrganization/reference", json!("urn:oid:2.16.840.1")),
        ("/managingOrganization", json!({"display": "Somebody"})),
    ] {
        let mut body = with(patient(), pointer, value.clone());
        body["name"][0]["_given"] = json!([null, {"extension": [{"url": "http://x", "valueCode": "CL"}]}]);
        let errors: Vec<_> = told(&body).into_iter().filter(Issue::is_error).collect();
        assert_eq!(errors, [], "{pointer} {value}");
    }
    let unknown_birth =
        json!({"resourceType": "Patient", "_birthDate": {"extension": [{"url": "http://x", "valueCode": "unknown"}]}});
    assert_eq!(told(&unknown_birth), []);
}

#[test]
fn what_may_matter_is_a_warning() {
    let body = with(patient(), "/modifierExtension", json!([{"url": "http://x", "valueBoolean": true}]));
    let issues = told(&body);
    assert_eq!(
        (issues.len(), issues[0].is_error(), &*issues[0].expression),
        (1, false, "Patient.modifierExtension[0]")
    );
    let problem = json!([{"coding": [{"code": "problem-list-item"}]}]);
    let issues = told(&with(with(condition(), "/clinicalStatus", json!(null)), "/category", problem));
    assert_eq!((issues.len(), issues[0].is_error()), (1, false));
    let unused = told(&with(patient(), "/managingOrganization", json!(null)));
    assert_eq!((unused.len(), unused[0].is_error(), &*unused[0].expression), (1, false, "Patient.contained[0]"));
}

#[test]
fn the_type_must_be_the_one_asked_for() {
    let issues = validate(Kind::OBSERVATION, &patient());
    assert_eq!((issues.len(), issues[0].code, &*issues[0].expression), (1, T::Invalid, "Observation"));
    for body in [json!({}), json!(null), json!([1]), json!({"resourceType": 5}), json!({"resourceType": "X"})] {
        assert!(validate(Kind::PATIENT, &body)[0].is_error());
    }
}

#[test]
fn issues_never_repeat_patient_data() {
    let body = json!({"resourceType": "Patient", "gender": "Zebedee", "birthDate": "Zebedee", "name": "Zebedee",
        "Zebedee born 1962": 1, "photo": [{"data": "Zebedee!"}], "managingOrganization": {"reference": "Zebedee"}});
    for issue in told(&body) {
        assert!(!format!("{issue:?}").contains("Zebedee"), "{issue:?}");
    }
}

#[test]
fn a_flood_of_mistakes_is_cut_short() {
    let many: Vec<_> = (0..100_000).map(|_| json!(5)).collect();
    assert!(told(&json!({"resourceType": "Patient", "name": many})).len() <= 101);
    let deep =
        (0..60).fold(json!({"url": "a", "valueString": "x"}), |inner, _| json!({"url": "a", "extension": [inner]}));
    assert!(told(&json!({"resourceType": "Patient", "extension": [deep]})).iter().all(|i| !i.is_error()));
}

/// JSON that often uses R4's own names, so that it reaches deep.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "name",
        "given",
        "_given",
        "extension",
        "url",
        "valueString",
        "valueQuantity",
        "value",
        "code",
        "coding",
        "text",
        "div",
        "contained",
        "resourceType",
        "id",
        "reference",
        "subject",
        "status",
        "period",
        "start",
        "end",
        "component",
        "repeat",
        "timing",
        "dosageInstruction",
        "entry",
        "resource",
        "low",
        "high",
        "birthDate",
        "_birthDate",
        "meta",
        "é",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "<div[ -~]{0,30}".prop_map(Value::from),
        "[#/A-Za-z:0-9?-]{0,20}".prop_map(Value::from),
        "[0-9TZ:+-]{0,25}".prop_map(Value::from),
        prop::sample::select(vec![
            "Patient",
            "Observation",
            "Bundle",
            "MedicationRequest",
            "#",
            "2024-01-02T03:04:05Z"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 80, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().map(|(n, v)| (n.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn never_panics(mut body in any_json(), kind in 0u8..146) {
        let kind = Kind::from_number(kind).unwrap();
        let _ = validate(kind, &body);
        if let Value::Object(map) = &mut body {
            map.insert("resourceType".into(), kind.name().into());
            let _ = validate(kind, &body);
        }
    }

    #[test]
    fn any_change_to_a_valid_body_never_panics(at in 0usize..400, put in any_json()) {
        let mut body = patient();
        let mut left = at;
        replace(&mut body, &mut left, &put);
        let _ = told_any(&body);
    }
}

fn told_any(body: &Value) -> Vec<Issue> {
    validate(Kind::PATIENT, body)
}

/// Replaces the value met after `left` steps.
fn replace(value: &mut Value, left: &mut usize, put: &Value) {
    if *left == 0 {
        *value = put.clone();
        *left = usize::MAX;
        return;
    }
    *left = left.saturating_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, left, put)),
        Value::Object(map) => map.values_mut().for_each(|member| replace(member, left, put)),
        _ => {}
    }
}
