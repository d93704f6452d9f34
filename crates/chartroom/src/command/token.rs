//! `chartroom token`: tokens of API clients, on a stopped practice.

use super::program;
use crate::cli::{TokenAct, TokenArgs};
use crate::failure::{Failure, Outcome};
use crate::practice;
use clinic::account::{self, TokenForm};
use uuid::Uuid;

/// Runs it.
///
/// # Errors
/// As [`practice::open`]; a name in use, a scope that is not understood.
pub async fn run(args: TokenArgs) -> Outcome {
    match args.act {
        TokenAct::Create { place, name, scope, days } => {
            let db = practice::open(&place).await?;
            let secret = web::secret::new()?;
            let form = TokenForm { name, scope, days: days.map(|days| days.to_string()).unwrap_or_default() };
            account::create_token(db.as_ref(), &program("token create"), Uuid::now_v7(), &form, &secret).await?;
            println!("api-token: {}", secret.to_text());
        }
        TokenAct::List { place } => {
            for token in practice::open(&place).await?.tokens().await? {
                let state = if token.revoked_at.is_some() { "revoked" } else { "active" };
                let ends = token.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string());
                println!("{state}\t{}\t{}\tends {ends}", token.name, token.scope);
            }
        }
        TokenAct::Revoke { place, name } => {
            let db = practice::open(&place).await?;
            let tokens = db.tokens().await?;
            let token = tokens.iter().find(|token| token.name == name && token.revoked_at.is_none());
            let token = token.ok_or_else(|| Failure::other(format!("there is no active token called {name}")))?;
            account::revoke_token(db.as_ref(), &program("token revoke"), token.id).await?;
            println!("revoked: {name}");
        }
    }
    Ok(())
}
