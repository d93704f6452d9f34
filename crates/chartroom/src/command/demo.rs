//! `chartroom demo`: a synthetic practice to look around in. Its key lies in its own folder, as there is nothing to protect.

use super::{program, serve};
use crate::cli::{DemoArgs, ListenArgs};
use crate::failure::{Failure, Outcome};
use clinic::account::{self, NewPassword, TokenForm, UserForm};
use ring::rand::SystemRandom;
use std::fmt::Write as _;
use std::path::Path;
use store::accounts::{AccountChange, Accounts as _, PracticeSettings};
use store_sqlite::{Db, Options, key};
use uuid::Uuid;

/// What is printed at each start, kept beside the data: synthetic accounts of a synthetic practice.
const SIGN_INS: &str = "sign-ins";

/// Runs it.
///
/// # Errors
/// [`Failure::LISTEN`]; what the store says.
pub async fn run(args: DemoArgs) -> Outcome {
    if !args.listen.ip().is_loopback() {
        return Err(Failure::new(
            Failure::LISTEN,
            "the demo listens on this machine only: choose an address such as 127.0.0.1:8080",
        ));
    }
    let made = args.data.join(SIGN_INS);
    let db = if made.is_file() { open(&args.data)? } else { make(&args).await? };
    let lines =
        std::fs::read_to_string(&made).map_err(|error| Failure::other(format!("{}: {error}", made.display())))?;
    print!("{lines}");
    let listen = ListenArgs { listen: args.listen, tls_cert: None, tls_key: None, behind_proxy: None };
    serve::serve(db, &listen, None).await
}

fn open(dir: &Path) -> Outcome<Db> {
    let key = key::unlock(dir, &key::read_key_file(&dir.join("demo.key"))?)?;
    Ok(Db::open(dir, &key, &Options::default())?)
}

/// Makes the practice. A folder left half made by an interrupted start has no sign-ins yet, and is made anew.
async fn make(args: &DemoArgs) -> Outcome<Db> {
    let dir = &args.data;
    let broken = |error: std::io::Error| Failure::new(Failure::DATA, format!("{}: {error}", dir.display()));
    if dir.join("demo.key").exists() {
        std::fs::remove_dir_all(dir).map_err(broken)?;
    } else if dir.join("practice.db").exists() {
        return Err(Failure::new(Failure::DATA, format!("{} holds a practice that is not a demo", dir.display())));
    }
    std::fs::create_dir_all(dir).map_err(broken)?;
    let secret = key::create_key_file(&dir.join("demo.key"), &SystemRandom::new())?;
    let (key, _recovery) = key::create(dir, &secret, &SystemRandom::new())?;
    let db = Db::create(dir, &key, &Options::default())?;
    let lines = accounts(&db).await?;
    devload(&db).await; // DEVLOAD
    std::fs::write(dir.join(SIGN_INS), lines).map_err(broken)?;
    Ok(db)
}

/// The practice, its five accounts and its API client, as the lines to print.
async fn accounts(db: &Db) -> Outcome<String> {
    let caller = program("demo");
    let settings = PracticeSettings {
        name: "Harbour View Family Practice".to_owned(),
        time_zone: synthetic::TIME_ZONE.to_owned(),
        ..PracticeSettings::default()
    };
    db.change(AccountChange::SetPractice(settings), caller.entry("practice.settings")).await?;
    let mut lines = String::new();
    let practice = synthetic::Practice::new(1, jiff::Zoned::now().date(), 1, synthetic::Depth::Demo);
    for person in practice.staff() {
        let form = UserForm {
            username: person.username.to_owned(),
            display_name: format!("{} {}", person.given, person.family),
            role: person.role.to_owned(),
            practitioner: String::new(),
        };
        let words = web::secret::new()?.one_time_password();
        let password = NewPassword { text: &words, salt: web::secret::salt()?, must_change: false };
        account::create_user(db, &caller, Uuid::now_v7(), &form, &password).await?;
        let _infallible = writeln!(lines, "sign-in: {} {words} {}", person.username, person.role);
    }
    let secret = web::secret::new()?;
    let form = TokenForm { name: "demo".to_owned(), scope: "system/*.cruds".to_owned(), days: String::new() };
    account::create_token(db, &caller, Uuid::now_v7(), &form, &secret).await?;
    let _infallible = writeln!(lines, "api-token: {}", secret.to_text());
    Ok(lines)
}

#[allow(clippy::all, clippy::unwrap_used, clippy::expect_used, missing_docs)]
async fn devload(db: &Db) {
    use clinic::record::{self, Edit};
    let caller = program("demo");
    let permit = caller.write_practice(clinic::Action::WriteClinical).unwrap();
    let practice = synthetic::Practice::new(1, jiff::Zoned::now().date(), 60, synthetic::Depth::Demo);
    let mut all: Vec<Vec<serde_json::Value>> = vec![practice.directory()];
    all.extend(practice.charts().map(|c| c.resources));
    for path in std::env::var("DEV_BUNDLES").unwrap_or_default().split(':').filter(|p| !p.is_empty()) {
        let text = std::fs::read_to_string(path).unwrap();
        let ids = &text;
        let mut bundle: serde_json::Value = serde_json::from_str(ids).unwrap();
        let mut map = std::collections::HashMap::new();
        for e in bundle["entry"].as_array().unwrap() { map.insert(e["fullUrl"].as_str().unwrap().to_owned(), format!("{}/{}", e["resource"]["resourceType"].as_str().unwrap(), e["resource"]["id"].as_str().unwrap())); }
        fn fix(v: &mut serde_json::Value, map: &std::collections::HashMap<String,String>) { match v { serde_json::Value::Object(o) => for (k, x) in o.iter_mut() { if k == "reference" { if let Some(n) = x.as_str().and_then(|s| map.get(s)) { *x = serde_json::Value::String(n.clone()); } } else { fix(x, map) } }, serde_json::Value::Array(a) => a.iter_mut().for_each(|x| fix(x, map)), _ => {} } }
        let mut rs = Vec::new();
        for e in bundle["entry"].as_array_mut().unwrap() { let mut r = e["resource"].take(); fix(&mut r, &map); rs.push(r); }
        all.push(rs);
    }
    for resources in all {
        let edits: Vec<Edit> = resources.into_iter().map(|body| { let kind = fhir::Kind::parse(body["resourceType"].as_str().unwrap()).unwrap(); let id = fhir::Id::parse(body["id"].as_str().unwrap()).unwrap(); Edit::Create { key: fhir::Key::new(kind, id), body } }).collect();
        if let Err(e) = record::save(db, &permit, edits, None, caller.entry("demo")).await { eprintln!("devload: {e:?}"); }
    }
}
