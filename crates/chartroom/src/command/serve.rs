//! `chartroom serve`: a practice, to browsers and API clients, until told to stop.

use super::program;
use crate::cli::{ListenArgs, ServeArgs};
use crate::failure::{Failure, Outcome};
use crate::practice;
use crate::server::{self, Listening, Tls};
use clinic::account;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use store::Store;
use web::{App, Config};

/// Runs it.
///
/// # Errors
/// As [`practice::open`]; [`Failure::LISTEN`]; [`Failure::CERTIFICATE`].
pub async fn run(args: ServeArgs) -> Outcome {
    let tls = checked(&args.listen)?;
    let db = practice::open(&args.place).await?;
    let reindexing = args.reindex.then(|| tokio::spawn(reindex(Arc::clone(&db))));
    let served = serve(db, &args.listen, tls).await;
    if let Some(task) = reindexing {
        // Cut short, it leaves every index whole.
        task.abort();
    }
    served
}

/// Makes every index anew while the practice is served.
async fn reindex(store: Arc<dyn Store>) {
    let told = AtomicU64::new(0);
    let progress = move |done: u64, all: u64| {
        let tenth = (done * 10).checked_div(all).unwrap_or_default();
        if told.fetch_max(tenth, Ordering::Relaxed) < tenth {
            eprintln!("reindexing: {done} of {all}");
        }
    };
    match store.reindex(practice::find_keys(), Arc::new(progress)).await {
        Ok(done) => eprintln!("reindexed {done}"),
        Err(error) => eprintln!("the reindex ended early, every index is as it was or new: {error}"),
    }
}

/// What must be right before the practice is opened at all: nobody beyond this machine without TLS; a certificate that works.
fn checked(listen: &ListenArgs) -> Outcome<Option<Tls>> {
    let tls = match (&listen.tls_cert, &listen.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
        _ => None,
    };
    if tls.is_none() && listen.behind_proxy.is_none() && !listen.listen.ip().is_loopback() {
        let text = format!(
            "{} is not this machine alone, so TLS is needed: give --tls-cert and --tls-key, or --behind-proxy IP",
            listen.listen
        );
        return Err(Failure::new(Failure::LISTEN, text));
    }
    Ok(tls)
}

/// Serves an open practice until told to stop.
///
/// # Errors
/// [`Failure::LISTEN`]; [`Failure::WRITER`]; what the store says.
pub async fn serve(store: Arc<dyn Store>, listen: &ListenArgs, tls: Option<Tls>) -> Outcome {
    let https = tls.is_some() || listen.behind_proxy.is_some();
    let config = Config { https, proxy: listen.behind_proxy.map(|proxy| proxy.to_canonical()), ..Config::default() };
    let listening = Listening::bind(listen.listen, tls).await?.behind(listen.behind_proxy);
    let address = listening.address()?;
    let app = App::new(Arc::clone(&store), Timestamp::now, config);
    offer_setup(&app, listen, address).await?;
    let stop = server::stop_signal()?;
    let scheme = if listen.tls_cert.is_some() { "https" } else { "http" };
    println!("listening on {scheme}://{address}");
    let mut writer_ended = false;
    let end = async {
        tokio::select! {
            () = stop => {}
            () = store.stopped() => {
                tracing::error!("the database's writer ended: nothing can be saved or shown, so the server ends itself");
                writer_ended = true;
            }
        }
    };
    listening.serve(web::app(app), end).await;
    if writer_ended {
        let text = "the database's writer ended by a defect (see the log before this): what was acknowledged is kept; start again";
        return Err(Failure::new(Failure::WRITER, text));
    }
    store.settle().await?;
    tracing::info!("stopped");
    Ok(())
}

/// While nobody manages the practice, each start prints a new one-time link for whoever will.
async fn offer_setup(app: &App, listen: &ListenArgs, address: SocketAddr) -> Outcome {
    let secret = web::secret::new()?;
    if account::offer_setup(app.store.as_ref(), &program("serve"), &secret).await? {
        let host = match (&listen.behind_proxy, &listen.tls_cert) {
            (Some(_), _) => "https://YOUR-ADDRESS".to_owned(),
            (None, Some(_)) => format!("https://{address}"),
            (None, None) => format!("http://{address}"),
        };
        println!("set-up link (works once, for 24 hours): {host}/setup/{}", secret.to_text());
    }
    Ok(())
}
