//! Registering a patient and editing who they are.

use chartroom_tests::{Answer, Browser, Practice};
use clinic::account::{self, UserForm};
use serde_json::json;
use store::Role;

const ANA: [(&str, &str); 4] =
    [("family", "García"), ("given", "Ana"), ("birth_date", "4 May 1962"), ("sex", "female")];

async fn register(browser: &Browser, fields: &[(&str, &str)]) -> Answer {
    let once = browser.get("/patients/new").await.attribute("name=\"once\"", "value").expect("a form");
    let mut all = vec![("once", once.as_str())];
    all.extend_from_slice(fields);
    browser.post("/patients/new", &all).await
}

/// The record number an edit page's patient has, read through search.
async fn record_numbers(browser: &Browser, name: &str) -> Vec<String> {
    let page = browser.post("/search", &[("q", name)]).await.text();
    let mut numbers: Vec<String> = page
        .split("<span class=\"id\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap_or_default().replace('\u{a0}', ""))
        .collect();
    numbers.sort();
    numbers
}

#[tokio::test]
async fn a_registered_patient_has_the_next_number_and_is_found() {
    let practice = Practice::new().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    for (family, number) in [("Abel", "100001"), ("Bruhn", "100002"), ("Czerny", "100003")] {
        let answer =
            register(&desk, &[("family", family), ("given", "Ana"), ("birth_date", "1962"), ("sex", "other")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert!(answer.location().starts_with("/patients/"));
        assert_eq!(record_numbers(&desk, family).await, [number]);
    }
    assert_eq!(record_numbers(&desk, "ana").await, ["100001", "100002", "100003"]);
}

#[tokio::test]
async fn a_form_with_mistakes_keeps_what_was_typed_and_takes_no_number() {
    let practice = Practice::new().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    let answer = register(&desk, &[("given", "Ana <b>"), ("birth_date", "5/4/1962"), ("email", "nowhere")]).await;
    assert_eq!(answer.status, 422);
    let page = answer.text();
    for expected in [
        "Birth date: this could be 04-May-1962 or 05-Apr-1962",
        "E-mail: write the whole address",
        "Sex: choose one",
        "value=\"Ana &lt;b&gt;\"",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    assert!(page.contains("href=\"#birth_date\""), "the summary leads to the field");
    assert_eq!(register(&desk, &ANA).await.status, 303);
    assert_eq!(record_numbers(&desk, "garcia").await, ["100001"]);
}

#[tokio::test]
async fn a_look_alike_is_shown_before_anything_is_saved() {
    let practice = Practice::new().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    assert_eq!(register(&desk, &ANA).await.status, 303);
    let again = [("family", "Garcia"), ("given", "Anna"), ("birth_date", "1962-05-04"), ("sex", "female")];
    let answer = register(&desk, &again).await;
    assert_eq!(answer.status, 409);
    let page = answer.text();
    assert!(page.contains("Is it one of these?") && page.contains("GARCÍA, Ana") && page.contains("04-May-1962"));
    assert_eq!(record_numbers(&desk, "garcia").await.len(), 1, "nothing was saved");
    let once = answer.attribute("name=\"once\"", "value").expect("a form");
    let others = answer.attribute("name=\"others\"", "value").expect("a button");
    // What was typed is changed after the warning, into somebody else who is there: the answer was not about them.
    let kevin = [("family", "Anderson"), ("given", "Kevin"), ("birth_date", "1957-08-04"), ("sex", "male")];
    assert_eq!(register(&desk, &kevin).await.status, 303);
    let mut changed = kevin.to_vec();
    changed.extend([("others", others.as_str()), ("once", once.as_str())]);
    assert_eq!(desk.post("/patients/new", &changed).await.status, 409);
    let mut confirmed = again.to_vec();
    confirmed.extend([("others", others.as_str()), ("once", once.as_str())]);
    assert_eq!(desk.post("/patients/new", &confirmed).await.status, 303);
    assert_eq!(record_numbers(&desk, "garcia").await, ["100001", "100003"]);
}

#[tokio::test]
async fn an_edit_that_makes_one_patient_look_like_another_asks_first() {
    let practice = Practice::new().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    assert_eq!(register(&desk, &ANA).await.status, 303);
    let kevin = [("family", "Anderson"), ("given", "Kevin"), ("birth_date", "1957-08-04"), ("sex", "male")];
    let chart = register(&desk, &kevin).await.location().to_owned();
    let id = chart.rsplit('/').next().expect("an id").to_owned();
    let edit = |more: &[(&'static str, &str)]| {
        let mut form = vec![("patient", id.as_str()), ("version", "1")];
        form.extend_from_slice(more);
        form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let send = async |form: Vec<(String, String)>| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        desk.post(&format!("/patients/{id}/edit"), &form).await
    };
    let ana = [("family", "Garcia"), ("given", "Ana"), ("birth_date", "1962-05-04"), ("sex", "female")];
    let asked = send(edit(&ana)).await;
    assert_eq!((asked.status, asked.text().contains("Is it one of these?")), (409, true));
    let others = asked.attribute("name=\"others\"", "value").expect("a button");
    let answered = [&ana[..], &[("others", others.as_str())]].concat();
    assert_eq!(send(edit(&answered)).await.status, 303);
    // An edit of something else asks nothing.
    let again = send(
        edit(&[&ana[..], &[("mobile", "919-555-0107")]].concat())
            .into_iter()
            .map(|(n, v)| if n == "version" { (n, "2".to_owned()) } else { (n, v) })
            .collect(),
    )
    .await;
    assert_eq!(again.status, 303);
}

#[tokio::test]
async fn sending_the_form_twice_registers_once() {
    let practice = Practice::new().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    let once = desk.get("/patients/new").await.attribute("name=\"once\"", "value").expect("a form");
    let mut fields = ANA.to_vec();
    fields.push(("once", once.as_str()));
    let first = desk.post("/patients/new", &fields).await;
    let second = desk.post("/patients/new", &fields).await;
    assert_eq!((first.status, second.status), (303, 303));
    assert_eq!(first.location(), second.location());
    assert_eq!(record_numbers(&desk, "garcia").await.len(), 1);
}

#[tokio::test]
async fn an_edit_names_its_patient_and_version_or_saves_nothing() {
    let practice = Practice::new().await;
    let desk = practice.signed_in(Role::FrontDesk).await;
    let home = register(&desk, &ANA).await.location().to_owned();
    let (id, edit) = (home.trim_start_matches("/patients/").to_owned(), format!("{home}/edit"));
    let form = desk.get(&edit).await;
    assert_eq!(form.attribute("name=\"family\"", "value").as_deref(), Some("García"));
    assert_eq!(form.attribute("name=\"birth_date\"", "value").as_deref(), Some("04-May-1962"));
    let version = form.attribute("name=\"version\"", "value").expect("a version");
    let married = |patient: &str, version: &str| {
        let mut fields: Vec<(String, String)> = ANA.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        fields[0].1 = "Larsen".into();
        fields.extend(
            [("patient", patient), ("version", version), ("former_family", "García")]
                .map(|(n, v)| (n.into(), v.into())),
        );
        fields
    };
    let post = async |fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        desk.post(&edit, &fields).await.status
    };
    assert_eq!(post(married("somebody-else", &version)).await, 409);
    assert_eq!(post(married(&id, "")).await, 428);
    assert_eq!(post(married(&id, "7")).await, 412);
    assert_eq!(record_numbers(&desk, "larsen").await.len(), 0, "nothing was saved");
    assert_eq!(post(married(&id, &version)).await, 303);
    assert_eq!(post(married(&id, &version)).await, 412, "somebody saved meanwhile");
    let found = desk.post("/search", &[("q", "garcia")]).await.text();
    assert!(found.contains("LARSEN, Ana") && found.contains("formerly García"), "found by the former name");
}

#[tokio::test]
async fn an_edit_that_comes_too_late_keeps_what_was_typed_and_says_who_changed_what() {
    let practice = Practice::new().await;
    practice
        .put(json!({"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1980-01-01",
            "name": [{"family": "Ownby", "given": ["Carl"]}]}))
        .await;
    let (desk, nurse) = (practice.signed_in(Role::FrontDesk).await, practice.signed_in(Role::Nurse).await);
    let form = |version: &'static str, mobile: &'static str, city: &'static str, email: &'static str| {
        [
            ("patient", "p"),
            ("version", version),
            ("family", "Ownby"),
            ("given", "Carl"),
            ("birth_date", "01-Jan-1980"),
            ("sex", "male"),
            ("mobile", mobile),
            ("city", city),
            ("email", email),
        ]
    };
    let saved = nurse.post("/patients/p/edit", &form("1", "919 555 0111", "Durham", "")).await;
    assert_eq!(saved.status, 303);
    let late = desk.post("/patients/p/edit", &form("1", "919 555 0122", "", "carl@example.org")).await;
    assert_eq!(late.status, 412);
    assert_eq!(late.attribute("name=\"version\"", "value").as_deref(), Some("2"));
    let page = late.text();
    assert!(page.contains("Test nurse</strong> saved"), "who");
    let told = page.split_once("What they changed").expect("the changes").1.split_once("</table>").expect("the end").0;
    for words in ["Mobile phone", "919 555 0111", "919 555 0122", "Town", "Durham"] {
        assert!(told.contains(words), "{words} in {told}");
    }
    assert!(!told.contains("E-mail"), "theirs only: {told}");
    for kept in ["value=\"919 555 0122\"", "value=\"carl@example.org\"", "value=\"Durham\""] {
        assert!(page.contains(kept), "{kept} in the form");
    }
    assert_eq!(
        desk.post("/patients/p/edit", &form("2", "919 555 0122", "Durham", "carl@example.org")).await.status,
        303
    );
    let now = desk.get("/patients/p/edit").await.text();
    assert!(now.contains("919 555 0122") && now.contains("Durham"));
}

#[tokio::test]
async fn the_practice_s_own_practitioners_are_offered_and_others_by_name() {
    let practice = Practice::new().await;
    for (id, family, given) in [("okafor", "Okafor", "Ama"), ("rossi", "Rossi", "Lia"), ("tran", "Tran", "Rosalind")] {
        practice
            .put(json!({"resourceType": "Practitioner", "id": id, "name": [{"family": family, "given": [given]}]}))
            .await;
    }
    practice
        .put(json!({"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1980-01-01",
            "name": [{"family": "Ownby", "given": ["Carl"]}], "generalPractitioner": [{"reference": "Practitioner/tran"}]}))
        .await;
    let doctor = practice.user("ama.okafor", Role::Clinician).await;
    let form = UserForm {
        username: doctor.username.clone(),
        display_name: doctor.display_name.clone(),
        role: "clinician".to_owned(),
        practitioner: "okafor".to_owned(),
    };
    account::update_user(practice.store(), &practice.program(), doctor.id, &form).await.expect("an account");
    let desk = practice.signed_in(Role::FrontDesk).await;
    let offered = |page: &str| {
        let select = page
            .split_once("id=\"general_practitioner\"")
            .expect("the list")
            .1
            .split_once("</select>")
            .expect("its end")
            .0
            .to_owned();
        ["okafor", "rossi", "tran"].map(|id| select.contains(&format!("Practitioner/{id}\"")))
    };
    assert_eq!(offered(&desk.get("/patients/new").await.text()), [true, false, false], "an account names her");
    assert_eq!(offered(&desk.get("/patients/p/edit").await.text()), [true, false, true], "and the one on file is kept");

    let typed = [
        ("patient", "p"),
        ("version", "1"),
        ("family", "Ownby"),
        ("given", "Carlo"),
        ("birth_date", "1980-01-01"),
        ("sex", "male"),
        ("general_practitioner", "Practitioner/tran"),
    ];
    let mut asking = typed.to_vec();
    asking.push(("practitioner_name", "lia ros"));
    let found = desk.post("/patients/p/edit", &asking).await;
    assert_eq!(found.status, 200);
    let page = found.text();
    assert_eq!(offered(&page), [true, true, true]);
    assert!(
        page.contains("1 found") && page.contains("value=\"Carlo\"") && page.contains("Nothing was saved yet"),
        "{page}"
    );
    assert!(page.contains("<option value=\"Practitioner/tran\" selected>"), "what was chosen stays chosen");
    assert!(desk.get("/patients/p/edit").await.text().contains("value=\"Carl\""), "searching saved nothing");
    asking.pop();
    asking.push(("practitioner_name", "nobody"));
    assert!(desk.post("/patients/p/edit", &asking).await.text().contains("Nobody else on record is called “nobody”"));
    let chosen: Vec<_> = typed
        .iter()
        .copied()
        .map(|(name, value)| (name, if name == "general_practitioner" { "Practitioner/rossi" } else { value }))
        .collect();
    assert_eq!(desk.post("/patients/p/edit", &chosen).await.status, 303);
    assert_eq!(offered(&desk.get("/patients/p/edit").await.text()), [true, true, false]);
}

#[tokio::test]
async fn roles_that_may_not_register_are_refused() {
    let practice = Practice::new().await;
    for role in [Role::Manager, Role::PrivacyOfficer] {
        let browser = practice.signed_in(role).await;
        assert_eq!(browser.get("/patients/new").await.status, 403);
        assert_eq!(browser.post("/patients/new", &ANA).await.status, 403);
        assert!(!browser.get("/").await.text().contains("/patients/new"));
    }
}
