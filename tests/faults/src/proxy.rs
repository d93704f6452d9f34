//! A line to a database that breaks on demand: a proxy on loopback that counts what passes and, after so many bytes, fails.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How the line fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineFault {
    /// Every piece comes this much later; nothing is lost.
    Slow(Duration),
    /// Every connection is reset (RST) and new ones too, until [`Proxy::heal`].
    Reset,
    /// Every connection is reset once; new ones work at once.
    ResetOnce,
    /// Nothing comes through any more, in either direction, and nobody is told (a pulled cable): until [`Proxy::heal`].
    Silent,
}

/// Which bytes are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// What the program sends.
    Up,
    /// What the database answers.
    Down,
}

struct Plan {
    fault: LineFault,
    direction: Direction,
    left: u64,
    /// Instead of so many bytes: the piece that holds these, and whether it still passes.
    word: Option<(&'static [u8], bool)>,
}

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    active: Option<LineFault>,
    fired: bool,
    passed: [u64; 2],
    /// How many more connections fail before it heals by itself.
    heals_after: Option<u32>,
}

/// The proxy. Dropping it ends it and its connections.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// Counts up when every connection of before must end.
    ends: watch::Sender<u64>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Listens on a port of its own and passes on to `database`.
    ///
    /// # Errors
    /// When no port is to be had.
    pub async fn start(database: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::default()));
        let (ends, _) = watch::channel(0);
        let task = tokio::spawn(accept(listener, database, Arc::clone(&state), ends.clone()));
        Ok(Self { address, state, ends, task })
    }

    /// Where to connect instead of to the database.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// After so many more bytes in this direction the line fails.
    pub fn fail_after(&self, bytes: u64, direction: Direction, fault: LineFault) {
        let mut state = lock(&self.state);
        *state = State { plan: Some(Plan { fault, direction, left: bytes, word: None }), ..State::default() };
    }

    /// The line fails at the piece that holds this word, which still `passes` or does not.
    pub fn fail_at(&self, word: &'static [u8], passes: bool, direction: Direction, fault: LineFault) {
        let plan = Plan { fault, direction, left: u64::MAX, word: Some((word, passes)) };
        *lock(&self.state) = State { plan: Some(plan), ..State::default() };
    }

    /// As [`Self::fail_after`]; once so many more connections have been tried, the line works again, the last of them included.
    pub fn fail_for(&self, connections: u32, bytes: u64, direction: Direction, fault: LineFault) {
        self.fail_after(bytes, direction, fault);
        lock(&self.state).heals_after = Some(connections);
    }

    /// Whether it has failed.
    #[must_use]
    pub fn fired(&self) -> bool {
        lock(&self.state).fired
    }

    /// Bytes that passed since the last [`Self::fail_after`].
    #[must_use]
    pub fn passed(&self, direction: Direction) -> u64 {
        lock(&self.state).passed[direction as usize]
    }

    /// The line works again; connections that hang are reset.
    pub fn heal(&self) {
        heal(&mut lock(&self.state), &self.ends);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.ends.send_modify(|ends| *ends += 1);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn heal(state: &mut State, ends: &watch::Sender<u64>) {
    state.plan = None;
    if state.active.take() == Some(LineFault::Silent) {
        ends.send_modify(|ends| *ends += 1);
    }
}

/// One more connection: a line that fails for a while may have had enough of them.
fn tried(state: &mut State, ends: &watch::Sender<u64>) {
    if let (Some(_), Some(left)) = (state.active, state.heals_after.as_mut()) {
        *left = left.saturating_sub(1);
        if *left == 0 {
            heal(state, ends);
        }
    }
}

async fn accept(listener: TcpListener, database: SocketAddr, state: Arc<Mutex<State>>, ends: watch::Sender<u64>) {
    while let Ok((client, _)) = listener.accept().await {
        tried(&mut lock(&state), &ends);
        if lock(&state).active == Some(LineFault::Reset) {
            reset(&client);
            continue;
        }
        let Ok(server) = TcpStream::connect(database).await else {
            reset(&client);
            continue;
        };
        tokio::spawn(join(client, server, Arc::clone(&state), ends.clone()));
    }
}

/// Both directions of one connection, until either side ends or all must.
async fn join(client: TcpStream, server: TcpStream, state: Arc<Mutex<State>>, ends: watch::Sender<u64>) {
    let mut ended = ends.subscribe();
    ended.mark_unchanged();
    let _latency = (client.set_nodelay(true), server.set_nodelay(true));
    let _hard = (client.set_zero_linger(), server.set_zero_linger());
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        () = pump(from_client, to_server, Direction::Up, &state, &ends) => {}
        () = pump(from_server, to_client, Direction::Down, &state, &ends) => {}
        _ = ended.changed() => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    direction: Direction,
    state: &Mutex<State>,
    ends: &watch::Sender<u64>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(read) = from.read(&mut buffer).await else { return };
        if read == 0 {
            return;
        }
        let (pass, fault) = judge(&mut lock(state), direction, buffer.get(..read).unwrap_or_default());
        if let Some(LineFault::Slow(delay)) = fault {
            tokio::time::sleep(delay).await;
        }
        if to.write_all(buffer.get(..pass as usize).unwrap_or_default()).await.is_err() {
            return;
        }
        if matches!(fault, Some(LineFault::Reset | LineFault::ResetOnce)) {
            ends.send_modify(|ends| *ends += 1);
            return;
        }
    }
}

/// How many of these bytes pass, and what happens then.
fn judge(state: &mut State, direction: Direction, piece: &[u8]) -> (u64, Option<LineFault>) {
    let bytes = piece.len() as u64;
    let mut named = false;
    let passes = match (state.active, &mut state.plan) {
        (Some(LineFault::Silent), _) => return (0, state.active),
        (Some(active), _) => return (bytes, Some(active)),
        (None, Some(plan)) if plan.direction == direction => {
            let word = plan.word.filter(|(word, _)| piece.windows(word.len()).any(|window| window == *word));
            named = word.is_some();
            let passes = if word.is_some_and(|(_, passes)| !passes) { 0 } else { plan.left.min(bytes) };
            plan.left -= passes;
            passes
        }
        _ => bytes,
    };
    state.passed[direction as usize] += passes;
    if passes == bytes && !named {
        return (bytes, None);
    }
    state.fired = true;
    let fault = state.plan.take().map(|plan| plan.fault);
    state.active = fault.filter(|fault| *fault != LineFault::ResetOnce);
    (if matches!(fault, Some(LineFault::Slow(_))) { bytes } else { passes }, fault)
}

fn reset(stream: &TcpStream) {
    // Closing then sends RST.
    let _closing = stream.set_zero_linger();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers every byte with the same byte.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.into_split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        address
    }

    async fn said(stream: &mut TcpStream, text: &[u8]) -> io::Result<Vec<u8>> {
        stream.write_all(text).await?;
        let mut answer = vec![0; text.len()];
        stream.read_exact(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn a_line_passes_breaks_where_told_and_heals() {
        let proxy = Proxy::start(echo().await).await.expect("a proxy");
        let mut line = TcpStream::connect(proxy.address()).await.expect("connected");
        assert_eq!(said(&mut line, b"hello").await.expect("passed"), b"hello");
        proxy.fail_after(3, Direction::Down, LineFault::Reset);
        assert_eq!(said(&mut line, b"abc").await.expect("three bytes pass"), b"abc");
        assert!(said(&mut line, b"d").await.is_err(), "the fourth breaks the line");
        assert!(proxy.fired());
        let again = async { said(&mut TcpStream::connect(proxy.address()).await?, b"e").await };
        assert!(again.await.is_err(), "and new ones are refused");
        proxy.heal();
        let mut line = TcpStream::connect(proxy.address()).await.expect("connected");
        assert_eq!(said(&mut line, b"well").await.expect("passed"), b"well");
        proxy.fail_after(0, Direction::Up, LineFault::Silent);
        let silent = tokio::time::timeout(Duration::from_millis(50), said(&mut line, b"?")).await;
        assert!(silent.is_err(), "nothing comes and nobody is told");
        proxy.heal();
        assert!(said(&mut line, b"?").await.is_err(), "what hung is reset");
    }
}
