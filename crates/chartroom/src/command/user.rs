//! `chartroom user`: accounts, on a stopped practice. What the manager's page does, for the manager who cannot reach it.

use super::program;
use crate::cli::{UserAct, UserArgs};
use crate::failure::{Failure, Outcome};
use crate::practice;
use clinic::account::{self, NewPassword, UserForm};
use store::Store;
use store::accounts::User;
use uuid::Uuid;

/// Runs it.
///
/// # Errors
/// As [`practice::open`]; a field to mend; the last manager.
pub async fn run(args: UserArgs) -> Outcome {
    match args.act {
        UserAct::Add { place, username, name, role, practitioner } => {
            let db = practice::open(&place).await?;
            let form = UserForm { username, display_name: name, role, practitioner };
            let words = web::secret::new()?.one_time_password();
            let password = NewPassword { text: &words, salt: web::secret::salt()?, must_change: true };
            let user =
                account::create_user(db.as_ref(), &program("user add"), Uuid::now_v7(), &form, &password).await?;
            println!("user: {} {}", user.username, user.role);
            println!("one-time password: {words}");
        }
        UserAct::List { place } => {
            for user in practice::open(&place).await?.users().await? {
                let state = if user.disabled_at.is_some() { "disabled" } else { "active" };
                println!("{state}\t{}\t{}\t{}", user.username, user.role, user.display_name);
            }
        }
        UserAct::ResetPassword { place, username } => {
            let db = practice::open(&place).await?;
            let user = named(db.as_ref(), &username).await?;
            let words = web::secret::new()?.one_time_password();
            let password = NewPassword { text: &words, salt: web::secret::salt()?, must_change: true };
            account::reset_password(db.as_ref(), &program("user reset-password"), user.id, &password).await?;
            println!("one-time password: {words}");
        }
        UserAct::Disable { place, username } => {
            let db = practice::open(&place).await?;
            let user = named(db.as_ref(), &username).await?;
            account::disable_user(db.as_ref(), &program("user disable"), user.id).await?;
            println!("disabled: {}", user.username);
        }
    }
    Ok(())
}

async fn named(db: &dyn Store, username: &str) -> Outcome<User> {
    let found = db.user_named(&username.trim().to_lowercase()).await?;
    found.ok_or_else(|| Failure::other(format!("there is no user {username}; `chartroom user list` shows them")))
}
