//! What resources are to each other: references, chains, `_has`, includes, and the bounds of a chart.

use super::*;

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
        (
            Kind::OBSERVATION,
            "_id=o1&_include=Observation:subject:Group&_include=Observation:subject:Patient",
            "Patient/a",
        ),
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
