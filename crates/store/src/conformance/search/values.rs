//! What each kind of value answers to: tokens, strings, dates, quantities, composites.

use super::*;

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
