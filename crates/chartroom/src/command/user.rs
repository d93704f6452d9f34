//! `chartroom user`: accounts, on a stopped practice. What the manager's page does, for the manager who cannot reach it.

use super::program;
use crate::cli::{UserAct, UserArgs};
use crate::failure::{Failure, Outcome};
use crate::keys;
use clinic::account::{self, NewPassword, UserForm};
use store::Accounts as _;
use store::accounts::User;
use store_sqlite::Db;
use uuid::Uuid;

/// Runs it.
///
/// # Errors
/// As [`keys::open`]; a field to mend; the last manager.
pub async fn run(args: UserArgs) -> Outcome {
    match args.act {
        UserAct::Add { place, username, name, role, practitioner } => {
            let db = keys::open(&place)?;
            let form = UserForm { username, display_name: name, role, practitioner };
            let words = web::secret::new()?.one_time_password();
            let password = NewPassword { text: &words, salt: web::secret::salt()?, must_change: true };
            let user = account::create_user(&db, &program("user add"), Uuid::now_v7(), &form, &password).await?;
            println!("user: {} {}", user.username, user.role);
            println!("one-time password: {words}");
        }
        UserAct::List { place } => {
            for user in keys::open(&place)?.users().await? {
                let state = if user.disabled_at.is_some() { "disabled" } else { "active" };
                println!("{state}\t{}\t{}\t{}", user.username, user.role, user.display_name);
            }
        }
        UserAct::ResetPassword { place, username } => {
            let db = keys::open(&place)?;
            let user = named(&db, &username).await?;
            let words = web::secret::new()?.one_time_password();
            let password = NewPassword { text: &words, salt: web::secret::salt()?, must_change: true };
            account::reset_password(&db, &program("user reset-password"), user.id, &password).await?;
            println!("one-time password: {words}");
        }
        UserAct::Disable { place, username } => {
            let db = keys::open(&place)?;
            let user = named(&db, &username).await?;
            account::disable_user(&db, &program("user disable"), user.id).await?;
            println!("disabled: {}", user.username);
        }
    }
    Ok(())
}

async fn named(db: &Db, username: &str) -> Outcome<User> {
    let found = db.user_named(&username.trim().to_lowercase()).await?;
    found.ok_or_else(|| Failure::other(format!("there is no user {username}; `chartroom user list` shows them")))
}
