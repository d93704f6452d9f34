//! Listening: connections, TLS, time limits, stopping.

mod crowd;
mod files;
mod tls;

pub use tls::Tls;

use crate::failure::{Failure, Outcome};
use axum::Router;
use axum::extract::Request;
use crowd::Crowd;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::Watcher;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower::ServiceExt as _;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use web::address::Peer;

/// Connections at once. More wait in the system's queue, while idle ones make room.
const CONNECTIONS: usize = 4096;
/// A TLS handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A request's head takes no longer, from the first byte or the answer before.
const HEAD: Duration = Duration::from_secs(30);
/// Between two pieces of a request's body.
const BODY_PIECE: Duration = Duration::from_secs(30);
/// A request and its answer, all told: a body dripped in slowly ends here.
const REQUEST: Duration = Duration::from_secs(300);
/// What is under way when told to stop may go on so long.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// A socket that listens.
pub struct Listening {
    socket: TcpListener,
    tls: Option<Tls>,
    proxy: Option<IpAddr>,
}

impl Listening {
    /// Listens at an address.
    ///
    /// # Errors
    /// [`Failure::LISTEN`].
    pub async fn bind(address: SocketAddr, tls: Option<Tls>) -> Outcome<Self> {
        let socket = TcpListener::bind(address).await.map_err(|error| {
            let text = match error.kind() {
                std::io::ErrorKind::AddrInUse => {
                    format!("{address} is in use by another program: stop it, or choose another address with --listen")
                }
                _ => format!("{address} cannot be listened on: {error}"),
            };
            Failure::new(Failure::LISTEN, text)
        })?;
        Ok(Self { socket, tls, proxy: None })
    }

    /// Talks to this proxy alone (and to this machine itself): whoever came past it would be talking in the clear.
    #[must_use]
    pub fn behind(self, proxy: Option<IpAddr>) -> Self {
        Self { proxy: proxy.map(|proxy| proxy.to_canonical()), ..self }
    }

    /// Where it listens (the port the system chose, when 0 was asked).
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> Outcome<SocketAddr> {
        self.socket.local_addr().map_err(|error| Failure::new(Failure::LISTEN, error.to_string()))
    }

    /// Serves until `stop`; then no new connection is taken, and what is under way ends or is cut off.
    pub async fn serve(self, router: Router, stop: impl Future<Output = ()>) {
        let router = router
            .layer(RequestBodyTimeoutLayer::new(BODY_PIECE))
            .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::REQUEST_TIMEOUT, REQUEST));
        let connections = Arc::new(Semaphore::new(files::room(CONNECTIONS)));
        let mut crowd = Crowd::default();
        let mut stop = std::pin::pin!(stop);
        loop {
            if connections.available_permits() == 0 {
                crowd.make_room();
            }
            let permit = tokio::select! {
                permit = Arc::clone(&connections).acquire_owned() => permit,
                () = &mut stop => break,
            };
            let Ok(permit) = permit else { break };
            let (stream, peer) = tokio::select! {
                accepted = self.socket.accept() => match accepted {
                    Ok(accepted) => accepted,
                    // Too many open files, or the client gone already: neither ends the server.
                    Err(error) => {
                        tracing::warn!(%error, "a connection was not accepted");
                        crowd.make_room();
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = &mut stop => break,
            };
            if !welcome(self.proxy, peer.ip()) {
                tracing::debug!(%peer, "a connection came past the proxy");
                continue;
            }
            let (router, tls, watcher) = (router.clone(), self.tls.clone(), crowd.join());
            tokio::spawn(async move {
                connection(stream, peer, router, tls, watcher).await;
                drop(permit);
            });
        }
        drop(self.socket);
        if timeout(LAST_WORDS, crowd.leave()).await.is_err() {
            tracing::warn!("connections were cut off after {} s", LAST_WORDS.as_secs());
        }
    }
}

/// Whether a connection from this address is answered.
fn welcome(proxy: Option<IpAddr>, peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    proxy.is_none_or(|proxy| proxy == peer) || peer.is_loopback()
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, tls: Option<Tls>, watcher: Watcher) {
    let _unless_gone = stream.set_nodelay(true);
    let Some(tls) = tls else { return talk(stream, peer, router, watcher).await };
    match timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => talk(stream, peer, router, watcher).await,
        Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn talk<S>(stream: S, peer: SocketAddr, router: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let asked = Arc::new(AtomicBool::new(false));
    let noting = Arc::clone(&asked);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        noting.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(Peer(peer.ip().to_canonical()));
        router.clone().oneshot(request)
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD)
        .keep_alive_timeout(HEAD)
        .max_concurrent_streams(128)
        .max_header_list_size(32 * 1024);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    tokio::select! {
        ended = watcher.watch(connection) => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended");
            }
        }
        () = silence(&asked) => tracing::debug!("a connection asked nothing"),
    }
}

/// Resolves when nothing was asked in time: the protocol's own time limits only begin with its first bytes.
async fn silence(asked: &AtomicBool) {
    tokio::time::sleep(HEAD).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

/// Resolves when the system (SIGTERM) or the person at the keyboard (Ctrl C) says stop. Listens from the call on, not from the first
/// poll: whoever reads that the server listens may tell it to stop at once.
///
/// # Errors
/// When the system does not let the program listen for it.
pub fn stop_signal() -> Outcome<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let told = |error: std::io::Error| Failure::other(format!("signals cannot be listened for: {error}"));
        let mut interrupt = signal(SignalKind::interrupt()).map_err(told)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(told)?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ended = tokio::signal::ctrl_c().await;
    })
}

#[cfg(test)]
mod tests {
    use super::welcome;

    #[test]
    fn behind_a_proxy_nobody_is_answered_past_it() {
        let at = |text: &str| text.parse().expect("an address");
        assert!(welcome(None, at("203.0.113.9")));
        for (peer, answered) in [
            ("10.0.0.2", true),
            ("::ffff:10.0.0.2", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("10.0.0.3", false),
            ("::ffff:10.0.0.3", false),
            ("2001:db8::2", false),
        ] {
            assert_eq!(welcome(Some(at("10.0.0.2")), at(peer)), answered, "{peer}");
        }
    }
}
