//! A synthetic practice: deterministic, fictional patients with coherent ten-year FHIR R4 charts, for the demo, tests and benches.
//!
//! Pure: no clock, no file, no store. The same `(seed, today)` gives the same resources, byte for byte, whatever the machine and
//! whatever was generated before; patient `i` can be made by itself and charts can be made in parallel.
//!
//! ```
//! use synthetic::{Depth, Practice, transaction};
//!
//! let practice = Practice::new(7, jiff::civil::date(2026, 11, 23), 500, Depth::Demo);
//! // 1. What every chart refers to: organizations, rooms, practitioners.
//! let first = transaction(practice.directory());
//! assert_eq!(first["type"], "transaction");
//! // 2. Charts, one patient at a time; each is complete in itself (its references end in it or in the directory).
//! for chart in practice.charts().take(3) {
//!     let bundle = transaction(chart.resources);
//!     assert_eq!(bundle["entry"][0]["resource"]["resourceType"], "Patient");
//! }
//! // 3. Accounts for the five who sign in.
//! assert_eq!(practice.staff().len(), 5);
//! // 4. For the benches: one very large chart in parts, and what people type into the search box.
//! let part = practice.big_chart().next().expect("a first part");
//! assert_eq!(part.patient, practice.big_patient());
//! assert_eq!(practice.queries(1, 5_000).count(), 5_000);
//! ```
//!
//! `cargo run --release -p synthetic --example dump -- 500 demo` prints a practice as NDJSON. Some 60,000 resources a second are made
//! on one core of a small machine (2026-11; CPU time, texts written), so the store sets the pace.
//!
//! # What the resources say, where FHIR leaves a choice
//! - **Record numbers** are not set: the store gives them. **Ids** are UUIDs from the seed; entries are `PUT Kind/id`.
//! - **Names**: `official` is the legal name, `usual` what they like to be called (given name only), `maiden` or `old` (with
//!   `period.end`) what they were called before.
//! - **Pronouns**: extension `http://hl7.org/fhir/StructureDefinition/individual-pronouns` (LOINC answers). **Gender identity**:
//!   `us-core-genderIdentity`, in words. **Sex assigned at birth**: `us-core-birthsex`. **Interpreter**:
//!   `patient-interpreterRequired` with `communication`.
//! - **Allergies**: none known is one AllergyIntolerance coded `no-known-allergies` of
//!   `http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips` (HL7 International Patient Summary, CC0; SNOMED CT's 716186003 is
//!   not shipped), text "No known allergies". Not asked: nothing is recorded. Else one resource per substance.
//! - **Medicines**: `dosageInstruction` has the sig as text and structured; `timing.repeat.boundsPeriod` is when it was taken.
//! - **Problems** are Conditions of category `problem-list-item`; what a visit was for is one of `encounter-diagnosis`.
//! - **Test patient**: `meta.security` HTEST (v3-ActReason). **Twins**: `multipleBirthInteger`.
//! - **Times** carry the offset of US Eastern time ([`TIME_ZONE`]); today's visits stand as they would at 10:20.
//!
//! LOINC: this material contains content from LOINC (<http://loinc.org>). LOINC is copyright © Regenstrief Institute, Inc. and the
//! LOINC Committee and is available at no cost under the license at <http://loinc.org/license>.

mod agenda;
mod allergy;
mod allergy_table;
mod big;
mod body;
mod chart;
#[cfg(test)]
mod code_check;
mod contact;
mod course;
mod day;
mod document;
mod drug_table;
mod elsewhere;
mod fold;
mod growth;
mod history;
mod immunization;
mod json;
mod lab_table;
mod medicine;
mod name_table;
mod names;
mod note;
mod note_text;
mod onset;
mod paper;
mod patient;
mod person;
mod picture;
mod plan;
mod practice;
mod problem;
mod problem_table;
mod queries;
mod resemblance;
mod result;
mod rng;
mod schedule;
mod staff;
mod treatment;
mod vaccine_table;
mod visit;

pub use big::{BIG_DOCUMENTS, BIG_OBSERVATIONS, BIG_VISITS};
pub use course::Depth;
pub use practice::{DEMO_SEED, PatientChart, Practice, TIME_ZONE, transaction};
pub use queries::Query;
pub use staff::{PRACTICE_NAME, StaffMember};
