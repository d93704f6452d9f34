//! The practice: its people, rooms, laboratory and payers. The same for every seed but for their ids.

use crate::json::{hl7, link, reference, uuid};
use serde_json::{Value, json};

/// One of the five people of the practice who sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffMember {
    /// The account's user name.
    pub username: &'static str,
    /// Role slug: `front-desk`, `nurse`, `clinician`, `manager` or `privacy-officer`.
    pub role: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Given name.
    pub given: &'static str,
    /// Id of their Practitioner resource.
    pub practitioner: String,
}

struct Row {
    username: Option<&'static str>,
    role: &'static str,
    family: &'static str,
    given: &'static str,
    suffix: &'static str,
    gender: &'static str,
}

const fn row(
    username: Option<&'static str>,
    role: &'static str,
    given: &'static str,
    family: &'static str,
    suffix: &'static str,
    gender: &'static str,
) -> Row {
    Row { username, role, family, given, suffix, gender }
}

/// Five with accounts, then colleagues without one so that charts name various hands.
const STAFF: &[Row] = &[
    row(Some("ferry"), "front-desk", "Fern", "Ferry", "", "female"),
    row(Some("nadeem"), "nurse", "Nadia", "Nadeem", "RN", "female"),
    row(Some("castellano"), "clinician", "Clara", "Castellano", "MD", "female"),
    row(Some("mbeki"), "manager", "Martin", "Mbeki", "", "male"),
    row(Some("petrosyan"), "privacy-officer", "Pavel", "Petrosyan", "", "male"),
    row(None, "clinician", "Hugh", "Ashdown", "DO", "male"),
    row(None, "clinician", "Mei-Ling", "Tsang", "NP", "female"),
    row(None, "clinician", "Émile", "Gauthier", "MD", "male"),
    row(None, "nurse", "Rosa", "Quiroga", "MA", "female"),
    row(None, "nurse", "Tunde", "Adeyemi", "LPN", "male"),
];

/// Positions in `STAFF` of those who see patients, and of those who room them.
const CLINICIANS: [usize; 4] = [2, 5, 6, 7];
const NURSES: [usize; 3] = [1, 8, 9];

/// Rooms of the practice.
pub(crate) const ROOMS: [&str; 6] =
    ["Exam room 1", "Exam room 2", "Exam room 3", "Exam room 4", "Procedure room", "Laboratory draw"];

/// Payers that do not exist.
pub(crate) const PAYERS: [&str; 4] =
    ["Harborlight Health Plan", "Northfold Mutual", "Medicare (demo)", "State Medicaid (demo)"];

/// Name of the practice.
pub const PRACTICE_NAME: &str = "Alder Falls Family Practice";
const HOSPITAL_NAME: &str = "Lindow General Hospital";
const LABORATORY_NAME: &str = "Lindow Reference Laboratory";

/// The ids of everyone and everything practice-wide, under one seed.
pub(crate) struct Directory {
    seed: u64,
    people: Vec<Named>,
    pub(crate) practice: Named,
    pub(crate) laboratory: Named,
    pub(crate) hospital: Named,
    pub(crate) payers: Vec<Named>,
    pub(crate) rooms: Vec<Named>,
}

/// An id with the words shown for it.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Named {
    pub(crate) fn reference(&self, kind: &str) -> Value {
        reference(kind, &self.id, &self.name)
    }
}

const DIRECTORY: u64 = 0xD1;

impl Directory {
    pub(crate) fn new(seed: u64) -> Self {
        let named = |number: u64, name: &str| Named { id: uuid(seed, DIRECTORY, number), name: name.to_owned() };
        let person = |(i, row): (usize, &Row)| {
            let suffix = if row.suffix.is_empty() { String::new() } else { format!(", {}", row.suffix) };
            named(100 + i as u64, &format!("{} {}{suffix}", row.given, row.family))
        };
        let list = |from: u64, names: &[&str]| names.iter().zip(from..).map(|(name, n)| named(n, name)).collect();
        Directory {
            seed,
            people: STAFF.iter().enumerate().map(person).collect(),
            practice: named(1, PRACTICE_NAME),
            laboratory: named(2, LABORATORY_NAME),
            hospital: named(3, HOSPITAL_NAME),
            payers: list(10, &PAYERS),
            rooms: list(20, &ROOMS),
        }
    }

    fn at(&self, positions: &[usize], number: usize) -> &Named {
        let position = positions.get(number % positions.len().max(1)).copied().unwrap_or(0);
        self.people.get(position).unwrap_or(&self.practice)
    }

    /// Who is at the front desk.
    pub(crate) fn front_desk(&self) -> &Named {
        self.people.first().unwrap_or(&self.practice)
    }

    /// A clinician, by any number; 0 is the one with an account.
    pub(crate) fn clinician(&self, number: usize) -> &Named {
        self.at(&CLINICIANS, number)
    }

    /// A nurse, by any number; 0 is the one with an account.
    pub(crate) fn nurse(&self, number: usize) -> &Named {
        self.at(&NURSES, number)
    }

    /// A room, by any number.
    pub(crate) fn room(&self, number: usize) -> &Named {
        self.rooms.get(number % ROOMS.len()).unwrap_or(&self.practice)
    }

    /// A payer, by any number.
    pub(crate) fn payer(&self, number: usize) -> &Named {
        self.payers.get(number % PAYERS.len()).unwrap_or(&self.practice)
    }

    /// The five who sign in.
    pub(crate) fn accounts(&self) -> Vec<StaffMember> {
        let member = |(row, named): (&Row, &Named)| {
            Some(StaffMember {
                username: row.username?,
                role: row.role,
                family: row.family,
                given: row.given,
                practitioner: named.id.clone(),
            })
        };
        STAFF.iter().zip(&self.people).filter_map(member).collect()
    }

    /// Organization, Location, Practitioner and PractitionerRole resources: what every chart refers to.
    pub(crate) fn resources(&self) -> Vec<Value> {
        let mut all = vec![
            self.organization(&self.practice, ("prov", "Healthcare Provider")),
            self.organization(&self.laboratory, ("prov", "Healthcare Provider")),
            self.organization(&self.hospital, ("prov", "Healthcare Provider")),
        ];
        all.extend(self.payers.iter().map(|p| self.organization(p, ("pay", "Payer"))));
        all.extend(self.rooms.iter().map(|r| self.location(r)));
        for ((row, named), number) in STAFF.iter().zip(&self.people).zip(300..) {
            all.push(practitioner(row, named));
            all.push(self.role(number, row, named));
        }
        all
    }

    fn organization(&self, named: &Named, (code, words): (&str, &str)) -> Value {
        json!({
            "resourceType": "Organization", "id": named.id, "active": true,
            "type": [hl7("organization-type", code, words)],
            "name": named.name,
            "telecom": [{ "system": "phone", "value": "315-555-0100", "use": "work" }],
            "address": [{ "line": ["1 Main Street"], "city": "Alder Falls", "state": "NY", "postalCode": "00100", "country": "US" }],
        })
    }

    fn location(&self, named: &Named) -> Value {
        json!({
            "resourceType": "Location", "id": named.id, "status": "active", "name": named.name, "mode": "instance",
            "physicalType": hl7("location-physical-type", "ro", "Room"),
            "managingOrganization": self.practice.reference("Organization"),
        })
    }

    fn role(&self, number: u64, row: &Row, named: &Named) -> Value {
        let code = match row.role {
            "clinician" if row.suffix == "NP" => Some(("nurse", "Nurse")),
            "clinician" => Some(("doctor", "Doctor")),
            "nurse" => Some(("nurse", "Nurse")),
            _ => None,
        };
        let mut concept = code.map_or_else(|| json!({}), |(code, words)| hl7("practitioner-role", code, words));
        crate::json::set(&mut concept, "text", json!(row.role.replace('-', " ")));
        json!({
            "resourceType": "PractitionerRole", "id": uuid(self.seed, DIRECTORY, number), "active": true,
            "practitioner": named.reference("Practitioner"),
            "organization": self.practice.reference("Organization"),
            "code": [concept],
            "location": [link("Location", &self.room(0).id)],
        })
    }
}

fn practitioner(row: &Row, named: &Named) -> Value {
    let mut name = json!({ "use": "official", "text": named.name, "family": row.family, "given": [row.given] });
    let mut resource = json!({ "resourceType": "Practitioner", "id": named.id, "active": true });
    if !row.suffix.is_empty() {
        crate::json::set(&mut name, "suffix", json!([row.suffix]));
    }
    crate::json::set(&mut resource, "name", json!([name]));
    crate::json::set(&mut resource, "telecom", json!([{ "system": "phone", "value": "315-555-0101", "use": "work" }]));
    crate::json::set(&mut resource, "gender", json!(row.gender));
    resource
}
