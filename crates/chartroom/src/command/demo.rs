//! `chartroom demo`: a synthetic practice to look around in. Its key lies in its own folder, as there is nothing to protect.

use super::{demo_charts, program, serve};
use crate::cli::{DemoArgs, ListenArgs};
use crate::failure::{Failure, Outcome};
use crate::practice::{self, Kept};
use clinic::account::{self, NewPassword, TokenForm, UserForm};
use ring::rand::SystemRandom;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use store::Store;
use store::accounts::{AccountChange, PracticeSettings};
use store_sqlite::{FILES, Lock, key, private};
use uuid::Uuid;

/// What is printed at each start, kept beside the data: synthetic accounts of a synthetic practice.
const SIGN_INS: &str = "sign-ins";
/// A demo's key file, which lies in its own folder.
const KEY: &str = "demo.key";

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
    let kept = match &args.database {
        Some(url) => Kept::of(None, Some(url), &args.postgres)?,
        None => Kept::of(Some(&args.data), None, &args.postgres)?,
    };
    let db = if made.is_file() { open(&args.data, &kept).await? } else { make(&args, &kept).await? };
    let lines =
        std::fs::read_to_string(&made).map_err(|error| Failure::other(format!("{}: {error}", made.display())))?;
    let data = args.data.display();
    println!("demo practice in {data}: its key and the passwords below lie in that folder, so keep nothing real in it");
    print!("{lines}");
    let listen = ListenArgs { listen: args.listen, tls_cert: None, tls_key: None, behind_proxy: None };
    serve::serve(db, &listen, None).await
}

async fn open(dir: &Path, kept: &Kept<'_>) -> Outcome<Arc<dyn Store>> {
    practice::warn_if_open(dir);
    kept.open(&key::read_key_file(&dir.join(KEY))?).await
}

/// Leaves a folder empty that an interrupted start left half made (it has no sign-ins yet). Anything else in it is somebody's: then
/// nothing is touched.
fn clear(dir: &Path) -> Outcome {
    let broken = |error: std::io::Error| Failure::new(Failure::DATA, format!("{}: {error}", dir.display()));
    let found = match std::fs::read_dir(dir) {
        Ok(entries) => entries.collect::<Result<Vec<_>, _>>().map_err(broken)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(broken(error)),
    };
    let ours = |name: &std::ffi::OsStr| FILES.iter().chain(&[KEY, SIGN_INS]).any(|file| name == *file);
    let half_made = found.iter().any(|entry| entry.file_name() == KEY);
    if let Some(other) = found.iter().find(|entry| !half_made || !ours(&entry.file_name())) {
        let text = format!(
            "{} holds {}, which is no demo's: choose an empty folder",
            dir.display(),
            other.file_name().display()
        );
        return Err(Failure::new(Failure::DATA, text));
    }
    if half_made {
        // Another start may be making it at this moment.
        let _held = Lock::take(dir)?;
        for entry in found.iter().filter(|entry| entry.file_name() != "lock") {
            std::fs::remove_file(entry.path()).map_err(broken)?;
        }
    }
    Ok(())
}

/// Makes the practice.
async fn make(args: &DemoArgs, kept: &Kept<'_>) -> Outcome<Arc<dyn Store>> {
    let dir = &args.data;
    let broken = |error: std::io::Error| Failure::new(Failure::DATA, format!("{}: {error}", dir.display()));
    clear(dir)?;
    private::make_folder(dir).map_err(broken)?;
    let secret = key::create_key_file(&dir.join(KEY), &SystemRandom::new())?;
    let (store, _recovery) = kept.make(&secret).await?;
    let practice = demo_charts::practice(args.patients);
    name(store.as_ref()).await?;
    demo_charts::load(&store, practice.clone()).await?;
    let lines = accounts(store.as_ref(), &practice).await?;
    private_file(&dir.join(SIGN_INS), &lines).map_err(broken)?;
    Ok(store)
}

/// Passwords of accounts, though of a synthetic practice: readable by their owner alone.
fn private_file(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    std::io::Write::write_all(&mut file, text.as_bytes())?;
    file.sync_all()
}

/// What the practice is called, and its clock.
async fn name(db: &dyn Store) -> Outcome {
    let settings = PracticeSettings {
        name: synthetic::PRACTICE_NAME.to_owned(),
        time_zone: synthetic::TIME_ZONE.to_owned(),
        contact: "1 Mill Street, Alder Falls\nTelephone 555-0100".to_owned(),
        ..PracticeSettings::default()
    };
    db.change(AccountChange::SetPractice(settings), program("demo").entry("practice.settings")).await?;
    Ok(())
}

/// Its five accounts and its API client, as the lines to print.
async fn accounts(db: &dyn Store, practice: &synthetic::Practice) -> Outcome<String> {
    let caller = program("demo");
    let mut lines = String::new();
    for person in practice.staff() {
        let form = UserForm {
            username: person.username.to_owned(),
            display_name: format!("{} {}", person.given, person.family),
            role: person.role.to_owned(),
            practitioner: person.practitioner.clone(),
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
