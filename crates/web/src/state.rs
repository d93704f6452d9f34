//! What every handler shares.

use clinic::terminology::Shelf;
use jiff::Timestamp;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;
use store::Store;

/// The practice being served. Cloned several times with every request, so it is one pointer.
#[derive(Clone)]
pub struct App(Arc<Served>);

/// What is behind an [`App`].
pub struct Served {
    /// Everything kept.
    pub store: Arc<dyn Store>,
    /// The clock; a test sets its own.
    pub clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    /// How it is served.
    pub config: Config,
    /// The code systems at hand.
    pub shelf: Shelf,
}

impl App {
    /// A practice, the clock it goes by, and how it is served.
    pub fn new(store: Arc<dyn Store>, clock: impl Fn() -> Timestamp + Send + Sync + 'static, config: Config) -> Self {
        Self(Arc::new(Served { store, clock: Box::new(clock), config, shelf: Shelf::default() }))
    }
}

impl Deref for App {
    type Target = Served;

    fn deref(&self) -> &Served {
        &self.0
    }
}

/// How it is served, fixed at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether browsers reach it over TLS (ours or a trusted proxy's). False only on loopback.
    pub https: bool,
    /// The proxy whose `X-Forwarded-For` is believed.
    pub proxy: Option<IpAddr>,
    /// Longest body of a page's form, in bytes.
    pub form_limit: usize,
    /// Longest body of a form that brings a file, in bytes. Twice the longest file that is kept: one that is a little too long is told
    /// of in the form, with what was typed kept.
    pub upload_limit: usize,
    /// Longest body of an API request, in bytes.
    pub api_limit: usize,
    /// How long the answer to a bundle of requests may become, in bytes; what does not fit is told in its entry.
    pub answer_limit: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            https: false,
            proxy: None,
            form_limit: 1 << 20,
            upload_limit: 2 * clinic::document::MOST_BYTES,
            api_limit: 64 << 20,
            answer_limit: 64 << 20,
        }
    }
}
