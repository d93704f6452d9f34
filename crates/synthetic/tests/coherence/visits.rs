//! Visits are where and when visits can be.

use crate::{TODAY, demo, kind, of_kind, text};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn nothing_happens_before_birth_or_after_death_or_in_the_future() {
    let (_, charts) = demo();
    let today = TODAY.to_string();
    let mut dead = 0;
    for chart in charts {
        let patient = &chart.resources[0];
        let born = text(patient, "/birthDate");
        let died = text(patient, "/deceasedDateTime");
        dead += usize::from(!died.is_empty());
        for resource in &chart.resources {
            for path in [
                "/period/start",
                "/effectiveDateTime",
                "/occurrenceDateTime",
                "/authoredOn",
                "/onsetDateTime",
                "/recordedDate",
                "/date",
                "/performedDateTime",
            ] {
                let when = text(resource, path);
                let day = when.get(..10).unwrap_or(when);
                if day.is_empty() || day.len() < 10 {
                    continue;
                }
                assert!(day >= born, "{} {path} {when} before birth {born}", kind(resource));
                assert!(died.is_empty() || day <= died, "{} {path} {when} after death {died}", kind(resource));
                let planned = ["Appointment", "CarePlan", "ServiceRequest", "Task", "Goal"].contains(&kind(resource));
                assert!(planned || day <= today.as_str(), "{} {path} {when} is in the future", kind(resource));
            }
        }
    }
    assert!(dead >= 3, "some patients have died: {dead}");
}

#[test]
fn visits_are_in_business_hours_on_working_days() {
    let (_, charts) = demo();
    for encounter in charts.iter().flat_map(|c| of_kind(c, "Encounter")).filter(|e| text(e, "/class/code") != "IMP") {
        let start = text(encounter, "/period/start");
        let day: Date = start[..10].parse().unwrap();
        let hour: u32 = start[11..13].parse().unwrap();
        assert!((8..17).contains(&hour) && hour != 12, "visit at {start}");
        assert!(
            !matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday),
            "visit on {start}"
        );
    }
}

#[test]
fn care_is_given_in_the_practice_by_video_and_in_hospital() {
    let (_, charts) = demo();
    let mut classes = BTreeMap::new();
    for encounter in charts.iter().flat_map(|c| of_kind(c, "Encounter")) {
        *classes.entry(text(encounter, "/class/code")).or_insert(0) += 1;
        assert_eq!(text(encounter, "/class/code") == "AMB", encounter.get("location").is_some());
    }
    assert!(classes["AMB"] > 1_500 && classes["VR"] > 20 && classes["IMP"] > 10, "{classes:?}");
    let images =
        charts.iter().flat_map(|c| of_kind(c, "DiagnosticReport")).filter(|r| r.get("presentedForm").is_some()).count();
    assert!(images > 20, "{images} imaging reports");
}

#[test]
fn todays_visits_are_there_in_every_state_and_nobody_is_booked_twice() {
    let (_, charts) = demo();
    let mut states = BTreeMap::new();
    let mut names = Vec::new();
    let mut taken = BTreeSet::new();
    for (chart, encounter) in charts.iter().flat_map(|c| of_kind(c, "Encounter").map(move |e| (c, e))) {
        let start = text(encounter, "/period/start");
        if start.starts_with(&TODAY.to_string()) {
            *states.entry(text(encounter, "/status").to_owned()).or_insert(0) += 1;
            let patient = &chart.resources[0];
            names.push(format!("{} {}", text(patient, "/name/0/family"), text(patient, "/name/0/given/0")));
            let clinician = text(encounter, "/participant/0/individual/reference");
            let room = text(encounter, "/location/0/location/reference");
            assert!(taken.insert((start.to_owned(), clinician.to_owned())), "{clinician} twice at {start}");
            assert!(taken.insert((start.to_owned(), room.to_owned())), "{room} twice at {start}");
        } else {
            assert_eq!(text(encounter, "/status"), "finished");
        }
    }
    for state in ["planned", "arrived", "in-progress", "finished"] {
        assert!(
            names.iter().any(|n| names.iter().filter(|other| *other == n).count() > 1),
            "two of one name come today"
        );
        assert!(states.get(state).copied().unwrap_or(0) > 0, "no visit is {state} today: {states:?}");
    }
}

#[test]
fn appointments_to_come_are_on_working_days_and_hold_no_clinician_twice() {
    let (_, charts) = demo();
    let mut taken = BTreeSet::new();
    let mut to_come = 0;
    for appointment in charts.iter().flat_map(|c| of_kind(c, "Appointment")) {
        let (start, clinician) = (text(appointment, "/start"), text(appointment, "/participant/1/actor/reference"));
        assert!(taken.insert((start.to_owned(), clinician.to_owned())), "{clinician} twice at {start}");
        to_come += usize::from(start[..10] > *TODAY.to_string());
        let day: Date = start[..10].parse().unwrap();
        assert!(
            !matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday),
            "booked on {start}"
        );
    }
    assert!(to_come > 20, "only {to_come} visits are booked");
}
