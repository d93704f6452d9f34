//! A signed note: a Composition with its text, a DocumentReference by which others find it, and a Provenance with the signature.
//!
//! Sources: FHIR R4 Composition, DocumentReference, Provenance and Signature; US Core 6.1 "clinical notes" (category `clinical-note`).

use crate::{Id, Key, Kind, PatientId};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Marks a Composition and a DocumentReference that were signed in Chartroom; its value is the note's kind.
pub const SIGNED: &str = "urn:chartroom:signed-note";
/// Marks the same of what was signed in another Chartroom and imported here: this practice does not answer for it.
pub const SIGNED_ELSEWHERE: &str = "urn:chartroom:signed-elsewhere";
/// What a section says that was left empty.
pub const NOTHING: &str = "(nothing written)";
/// Where the text of a section was copied from.
pub const COPIED: &str = "urn:chartroom:copied-from";
/// On a note whose author is supervised: who was asked to cosign it.
pub const COSIGNER: &str = "urn:chartroom:cosigner";
/// A signature by which its author answers for a note (ASTM E1762-95(2013), as FHIR's signature types have it).
pub const AUTHOR_SIGNATURE: (&str, &str) = ("1.2.840.10065.1.12.1.1", "Author's Signature");
/// A signature by which a supervisor validates a note for the record ("the attending physician signs … to validate the entry").
pub const COSIGNATURE: (&str, &str) = ("1.2.840.10065.1.12.1.6", "Validation Signature");
const SIGNATURE_TYPES: &str = "urn:iso-astm:E1762-95:2013";

/// Who signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer<'a> {
    /// The Practitioner, where linked.
    pub practitioner: Option<&'a Id>,
    /// The name as shown.
    pub name: &'a str,
}

impl Signer<'_> {
    pub(super) fn reference(&self) -> Value {
        match self.practitioner {
            Some(id) => {
                json!({ "reference": Key::new(Kind::PRACTITIONER, id.clone()).to_string(), "display": self.name })
            }
            None => json!({ "display": self.name }),
        }
    }
}

/// A section of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section<'a> {
    /// Its heading.
    pub title: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The note it was copied from, where that is of this chart, and how many of its lines still are (copied, of all).
    pub copied: Option<(Option<&'a str>, usize, usize)>,
    /// Entries that stand in it, such as diagnoses.
    pub entries: Vec<Key>,
}

/// A note about to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNote<'a> {
    /// Its id: the draft's.
    pub id: &'a Id,
    /// The chart.
    pub patient: &'a PatientId,
    /// The visit.
    pub visit: Option<&'a Id>,
    /// The note it adds to.
    pub appends: Option<&'a Id>,
    /// Its kind, as this program names it.
    pub kind: &'a str,
    /// The same in words and in LOINC.
    pub loinc: (&'a str, &'a str),
    /// Its title.
    pub title: &'a str,
    /// Who signs.
    pub signer: Signer<'a>,
    /// Who is asked to cosign, where the author is supervised.
    pub cosigner: Option<Signer<'a>>,
    /// When, an instant.
    pub at: &'a str,
    /// In their order.
    pub sections: Vec<Section<'a>>,
}

impl NewNote<'_> {
    /// The note.
    #[must_use]
    pub fn composition(&self) -> Value {
        let mut body = json!({
            "resourceType": Kind::COMPOSITION.name(), "id": self.id.as_str(),
            "extension": self.marks(),
            "status": "final", "type": self.coded(), "category": [category()],
            "subject": { "reference": self.patient.key().to_string() },
        });
        let Some(members) = body.as_object_mut() else { return body };
        if let Some(visit) = self.visit {
            members.insert("encounter".to_owned(), reference(Kind::ENCOUNTER, visit));
        }
        members.insert("date".to_owned(), json!(self.at));
        members.insert("author".to_owned(), json!([self.signer.reference()]));
        members.insert("title".to_owned(), json!(self.title));
        let attester = json!([{ "mode": "legal", "time": self.at, "party": self.signer.reference() }]);
        members.insert("attester".to_owned(), attester);
        if let Some(note) = self.appends {
            let target = reference(Kind::COMPOSITION, note);
            members.insert("relatesTo".to_owned(), json!([{ "code": "appends", "targetReference": target }]));
        }
        members.insert("section".to_owned(), self.sections.iter().map(section).collect());
        body
    }

    /// By what others find the note, with its whole text.
    #[must_use]
    pub fn document(&self) -> Value {
        let text = self.text();
        let attachment = json!({
            "contentType": "text/plain; charset=utf-8", "data": STANDARD.encode(&text), "size": text.len(), "title": self.title,
            "creation": self.at,
        });
        let mut body = json!({
            "resourceType": Kind::DOCUMENT_REFERENCE.name(), "id": self.id.as_str(),
            "extension": self.marks(),
            "status": "current", "docStatus": if self.cosigner.is_some() { AWAITING } else { COSIGNED }, "type": self.coded(), "category": [category()],
            "subject": { "reference": self.patient.key().to_string() }, "date": self.at, "author": [self.signer.reference()],
            "description": self.title, "content": [{ "attachment": attachment }],
        });
        if let (Some(visit), Some(members)) = (self.visit, body.as_object_mut()) {
            members.insert("context".to_owned(), json!({ "encounter": [reference(Kind::ENCOUNTER, visit)] }));
        }
        body
    }

    fn marks(&self) -> Value {
        let mut marks = vec![json!({ "url": SIGNED, "valueCode": self.kind })];
        marks.extend(self.cosigner.as_ref().map(|who| json!({ "url": COSIGNER, "valueReference": who.reference() })));
        Value::Array(marks)
    }

    /// The whole note as plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for section in &self.sections {
            let gap = if text.is_empty() { "" } else { "\n\n" };
            let _infallible = write!(text, "{gap}{}\n{}", section.title.to_uppercase(), section.text.trim_end());
        }
        text
    }

    fn coded(&self) -> Value {
        let (code, display) = self.loinc;
        json!({ "coding": [{ "system": "http://loinc.org", "code": code, "display": display }], "text": display })
    }
}

/// What `docStatus` says until a note is cosigned, and from then on (R4: composition-status).
const AWAITING: &str = "preliminary";
const COSIGNED: &str = "final";

/// Says of the DocumentReference of a signed note that the note is cosigned. The note itself does not change.
pub fn put_cosigned(document: &mut Value) {
    super::parts::set(document, "docStatus", json!(COSIGNED));
}

/// Whether a DocumentReference is of a signed note that waits for its cosignature.
#[must_use]
pub fn awaits_cosignature(document: &Value) -> bool {
    cosigner(document).is_some() && document.get("docStatus").and_then(Value::as_str) == Some(AWAITING)
}

/// The name of whom a note asked to cosign it, when it did.
#[must_use]
pub fn cosigner(note: &Value) -> Option<&str> {
    super::parts::extension(note, COSIGNER)?.pointer("/valueReference/display")?.as_str()
}

/// Whether a Provenance is a signature of this type.
#[must_use]
pub fn is_signature(provenance: &Value, (code, _): (&str, &str)) -> bool {
    provenance.pointer("/signature/0/type/0/code").and_then(Value::as_str) == Some(code)
}

fn category() -> Value {
    let system = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category";
    json!({ "coding": [{ "system": system, "code": "clinical-note", "display": "Clinical Note" }] })
}

fn reference(kind: Kind, id: &Id) -> Value {
    json!({ "reference": Key::new(kind, id.clone()).to_string() })
}

fn section(section: &Section<'_>) -> Value {
    let mut body = json!({
        "title": section.title,
        "text": { "status": "generated", "div": narrative(section.text) },
    });
    let Some(members) = body.as_object_mut() else { return body };
    if let Some((note, copied, of)) = section.copied {
        let note =
            note.map(|note| json!({ "url": "note", "valueReference": { "reference": format!("Composition/{note}") } }));
        let lines =
            [json!({ "url": "lines", "valueUnsignedInt": copied }), json!({ "url": "of", "valueUnsignedInt": of })];
        let parts: Vec<Value> = note.into_iter().chain(lines).collect();
        members.shift_insert(0, "extension".to_owned(), json!([{ "url": COPIED, "extension": parts }]));
    }
    if !section.entries.is_empty() {
        let entries: Vec<Value> = section.entries.iter().map(|key| json!({ "reference": key.to_string() })).collect();
        members.insert("entry".to_owned(), Value::Array(entries));
    }
    body
}

/// Plain text as XHTML: each line a line, nothing of it markup.
#[must_use]
pub fn narrative(text: &str) -> String {
    let mut div = String::from("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>");
    let text = text.trim_end();
    // XHTML needs a text: what is empty says so.
    let text = if text.is_empty() { NOTHING } else { text };
    for c in text.chars() {
        match c {
            '&' => div.push_str("&amp;"),
            '<' => div.push_str("&lt;"),
            '>' => div.push_str("&gt;"),
            '"' => div.push_str("&quot;"),
            '\'' => div.push_str("&#39;"),
            '\n' => div.push_str("<br/>"),
            '\r' => {}
            c if c.is_control() && c != '\t' => div.push('\u{fffd}'),
            c => div.push(c),
        }
    }
    div.push_str("</p></div>");
    div
}

/// The Provenance of a signature without the signature's data: what was signed, by whom, when, and every entry the signer was shown.
#[must_use]
pub fn provenance(
    note: (&Key, u32, &str),
    patient: &PatientId,
    signer: &Signer<'_>,
    kind: (&str, &str),
    at: &str,
    seen: &[(Key, u32)],
) -> Value {
    let versioned = |key: &Key, version: u32| json!({ "reference": format!("{key}/_history/{version}") });
    let mut body = json!({
        "resourceType": Kind::PROVENANCE.name(),
        "extension": [{ "url": SIGNED, "valueCode": note.2 }],
        "target": [versioned(note.0, note.1), { "reference": patient.key().to_string() }],
        "recorded": at,
        "agent": [{
            "type": { "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/provenance-participant-type", "code": "attester", "display": "Attester" }] },
            "who": signer.reference(),
        }],
    });
    let Some(members) = body.as_object_mut() else { return body };
    if !seen.is_empty() {
        let entity = |(key, version): &(Key, u32)| json!({ "role": "source", "what": versioned(key, *version) });
        members.insert("entity".to_owned(), seen.iter().map(entity).collect());
    }
    let (code, display) = kind;
    let signature = json!([{
        "type": [{ "system": SIGNATURE_TYPES, "code": code, "display": display }], "when": at, "who": signer.reference(),
        "targetFormat": "application/fhir+json", "sigFormat": "application/octet-stream",
    }]);
    members.insert("signature".to_owned(), signature);
    body
}

/// What a signature covers: the note without its `meta`, and the Provenance without the signature's data, its id and its `meta`. Each
/// preceded by its length, so that no two pairs share a message.
#[must_use]
pub fn message(note: &Value, provenance: &Value) -> Vec<u8> {
    let (mut note, mut provenance) = (note.clone(), provenance.clone());
    for body in [&mut note, &mut provenance] {
        super::parts::remove(body, "meta");
    }
    super::parts::remove(&mut provenance, "id");
    if let Some(signature) = provenance.pointer_mut("/signature/0") {
        super::parts::remove(signature, "data");
    }
    let mut message = b"chartroom signed note 1".to_vec();
    for body in [note, provenance] {
        let bytes = crate::json::write(&body);
        message.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        message.extend_from_slice(bytes.as_ref());
    }
    message
}

/// Puts the signature's bytes into its Provenance.
pub fn put_signature(provenance: &mut Value, data: &[u8]) {
    if let Some(signature) = provenance.pointer_mut("/signature/0") {
        super::parts::set(signature, "data", json!(STANDARD.encode(data)));
    }
}

/// The signature's bytes of a Provenance, if it is one of ours.
#[must_use]
pub fn signature(provenance: &Value) -> Option<Vec<u8>> {
    STANDARD.decode(provenance.pointer("/signature/0/data")?.as_str()?).ok()
}

/// The kind of a note that was signed in Chartroom.
#[must_use]
pub fn signed_kind(body: &Value) -> Option<&str> {
    super::parts::extension(body, SIGNED)?.get("valueCode")?.as_str()
}

/// Whether a body is of a sort that signed notes are made of, and bears their mark, whatever it says.
#[must_use]
pub fn claims(body: &Value) -> bool {
    let kind = body.get("resourceType").and_then(Value::as_str).and_then(Kind::parse);
    kind.is_some_and(|kind| SORTS.contains(&kind)) && super::parts::extension(body, SIGNED).is_some()
}

/// What a signed note is made of.
pub const SORTS: [Kind; 3] = [Kind::COMPOSITION, Kind::DOCUMENT_REFERENCE, Kind::PROVENANCE];

/// Says of what bears the mark of a signed note that it was signed elsewhere. Answers with the body as it was, where it bore one.
#[must_use]
pub fn put_elsewhere(body: &mut Value) -> Option<Value> {
    let sent = claims(body).then(|| body.clone())?;
    let marks = body.get_mut("extension").and_then(Value::as_array_mut).into_iter().flatten();
    for mark in marks.filter(|mark| mark.get("url").and_then(Value::as_str) == Some(SIGNED)) {
        super::parts::set(mark, "url", json!(SIGNED_ELSEWHERE));
    }
    Some(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note<'a>(id: &'a Id, patient: &'a PatientId) -> NewNote<'a> {
        NewNote {
            id,
            patient,
            visit: None,
            appends: None,
            kind: "progress",
            loinc: ("11506-3", "Progress note"),
            title: "Progress note",
            signer: Signer { practitioner: None, name: "Dr Ama Okafor" },
            cosigner: None,
            at: "2026-11-25T10:00:00Z",
            sections: vec![
                Section {
                    title: "Subjective",
                    text: "Cough <3 days>\n\n\"dry\" & worse",
                    copied: None,
                    entries: vec![],
                },
                Section { title: "Plan", text: "", copied: Some((Some("n0"), 1, 2)), entries: vec![] },
            ],
        }
    }

    #[test]
    fn all_three_are_valid_and_name_the_patient() {
        let (id, patient) = (Id::parse("n1").expect("id"), PatientId::parse("p1").expect("id"));
        let visit = Id::parse("v1").expect("id");
        let senior = Some(Signer { practitioner: Some(&visit), name: "Dr Senior" });
        for note in [
            note(&id, &patient),
            NewNote { visit: Some(&visit), appends: Some(&visit), cosigner: senior, ..note(&id, &patient) },
        ] {
            let key = Key::new(Kind::COMPOSITION, id.clone());
            let seen = [(Key::new(Kind::CONDITION, id.clone()), 3)];
            let mut proof = provenance((&key, 1, note.kind), &patient, &note.signer, AUTHOR_SIGNATURE, note.at, &seen);
            put_signature(&mut proof, b"signature");
            assert_eq!(signature(&proof).as_deref(), Some(&b"signature"[..]));
            for (kind, body) in [
                (Kind::COMPOSITION, note.composition()),
                (Kind::DOCUMENT_REFERENCE, note.document()),
                (Kind::PROVENANCE, proof),
            ] {
                let issues = crate::validate::validate(kind, &body);
                assert!(!issues.iter().any(crate::Issue::is_error), "{kind}: {issues:?}");
                assert_eq!(crate::index::Index::of(kind, &body).patient.as_ref(), Some(&patient), "{kind}");
            }
        }
    }

    #[test]
    fn a_note_to_be_cosigned_says_so_until_it_is() {
        let (id, patient) = (Id::parse("n1").expect("id"), PatientId::parse("p1").expect("id"));
        let senior = Some(Signer { practitioner: None, name: "Dr Senior" });
        let note = NewNote { cosigner: senior, ..note(&id, &patient) };
        assert_eq!(cosigner(&note.composition()), Some("Dr Senior"));
        let mut document = note.document();
        assert!(awaits_cosignature(&document));
        put_cosigned(&mut document);
        assert!(!awaits_cosignature(&document) && document["docStatus"] == "final");
        assert!(!awaits_cosignature(&NewNote { cosigner: None, ..note }.document()));
    }

    #[test]
    fn what_was_signed_elsewhere_says_so_and_what_bears_no_mark_stays_as_it_is() {
        let (id, patient) = (Id::parse("n1").expect("id"), PatientId::parse("p1").expect("id"));
        let mut body = note(&id, &patient).composition();
        let before = body.clone();
        assert_eq!(put_elsewhere(&mut body), Some(before));
        assert_eq!((signed_kind(&body), &body["extension"][0]["valueCode"]), (None, &json!("progress")));
        let kept = body.clone();
        assert_eq!((put_elsewhere(&mut body), body), (None, kept));
        let mut other = json!({"resourceType": "Observation", "extension": [{"url": SIGNED, "valueCode": "x"}]});
        assert_eq!(put_elsewhere(&mut other), None);
    }

    #[test]
    fn text_is_never_markup_and_keeps_its_lines() {
        let div = narrative("Cough <3 days>\n\n\"dry\" & worse\n");
        assert_eq!(
            div,
            "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Cough &lt;3 days&gt;<br/><br/>&quot;dry&quot; &amp; worse</p></div>"
        );
    }

    #[test]
    fn the_message_changes_with_anything_but_what_the_store_adds() {
        let (id, patient) = (Id::parse("n1").expect("id"), PatientId::parse("p1").expect("id"));
        let (note, key) = (note(&id, &patient), Key::new(Kind::COMPOSITION, id.clone()));
        let proof = provenance((&key, 1, note.kind), &patient, &note.signer, AUTHOR_SIGNATURE, note.at, &[]);
        let (body, signed) = (note.composition(), message(&note.composition(), &proof));
        let mut stored = body.clone();
        stored["meta"] = json!({ "versionId": "1" });
        let mut kept = proof.clone();
        put_signature(&mut kept, b"x");
        kept["id"] = json!("y");
        assert_eq!(message(&stored, &kept), signed);
        let mut other = body.clone();
        other["section"][0]["text"]["div"] = json!(narrative("Cough"));
        assert_ne!(message(&other, &proof), signed);
        let mut later = proof.clone();
        later["recorded"] = json!("2027-01-01T00:00:00Z");
        assert_ne!(message(&body, &later), signed);
    }
}
