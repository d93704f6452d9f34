//! Connections that break at the worst moment: a proxy cuts them around COMMIT. What was acknowledged is stored once; what was not is either
//! stored once or not at all, and the store finds out which.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{commit, entry, key, options, practice, put, reading, secret, writing};
use fhir::Kind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use store::audit::Verdict;
use store::{AuditLog as _, Record as _};
use store_postgres::Db;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What happens at the next COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Next {
    /// It passes.
    Pass = 0,
    /// It reaches the server, whose answer is lost.
    LoseAnswer = 1,
    /// It is lost itself.
    LoseCommit = 2,
}

/// A way to the database that can be cut.
struct Proxy {
    url: String,
    next: Arc<AtomicU8>,
}

impl Proxy {
    async fn before(url: &str) -> Self {
        let address = url.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let own = listener.local_addr().expect("an address").to_string();
        let (url, next) = (url.replace(&address, &own), Arc::new(AtomicU8::new(0)));
        let told = Arc::clone(&next);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, address.clone(), Arc::clone(&told)));
            }
        });
        Self { url, next }
    }

    /// Whether what was to happen did.
    fn cut(&self) -> bool {
        self.next.load(Ordering::SeqCst) == Next::Pass as u8
    }

    fn at_next_commit(&self, what: Next) {
        self.next.store(what as u8, Ordering::SeqCst);
    }
}

/// Whether bytes hold the word, as a whole statement or its completion.
fn holds(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|window| window == b"COMMIT\0")
}

/// Passes bytes both ways until the connection ends or is cut.
async fn pass(mut client: TcpStream, address: String, next: Arc<AtomicU8>) {
    let Ok(mut server) = TcpStream::connect(&address).await else { return };
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut losing = false;
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(1..) = read.as_ref() else { return };
                let bytes = &up[..read.expect("read")];
                if holds(bytes) {
                    match next.swap(Next::Pass as u8, Ordering::SeqCst) {
                        1 => losing = true,
                        2 => return,
                        _ => {}
                    }
                }
                if server.write_all(bytes).await.is_err() { return; }
            }
            read = server.read(&mut down) => {
                let Ok(1..) = read.as_ref() else { return };
                let bytes = &down[..read.expect("read")];
                if losing {
                    // Cut once the server has said that it committed.
                    if holds(bytes) { return; }
                    continue;
                }
                if client.write_all(bytes).await.is_err() { return; }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_commit_is_looked_up_and_never_doubled() {
    let Some((database, direct)) = practice().await else { return };
    let proxy = Proxy::before(database.url()).await;
    let db = Db::open(&proxy.url, &secret(), &options()).await.expect("opened through the proxy");
    let p = key(Kind::PATIENT, "p");
    db.commit(&writing(), commit(1, vec![put(&p, None, "1")])).await.expect("made");
    let mut request = 1;
    for round in 0..6_u32 {
        proxy.at_next_commit(if round % 2 == 0 { Next::LoseAnswer } else { Next::LoseCommit });
        request += 1;
        let done = db.commit(&writing(), commit(request, vec![put(&p, Some(round + 1), "next")])).await;
        assert_eq!(done.expect("stored all the same").versions[0].1, round + 2);
        assert!(proxy.cut());
        proxy.at_next_commit(if round % 2 == 0 { Next::LoseAnswer } else { Next::LoseCommit });
        request += 1;
        db.append(entry(request)).await.expect("appended all the same");
    }
    let read = direct.read(&reading(), &p).await.expect("read").expect("there");
    assert_eq!(read.for_decision().version, 7);
    assert_eq!(direct.verify().await.expect("checked"), Verdict::Whole { entries: 13 }, "each entry once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_ends_are_made_anew() {
    let Some((database, db)) = practice().await else { return };
    let other = common::open(&database).await;
    let p = key(Kind::PATIENT, "p");
    db.commit(&writing(), commit(1, vec![put(&p, None, "1")])).await.expect("made");
    assert!(db.read(&reading(), &p).await.expect("read").is_some());
    for round in 1..=3_u32 {
        common::end_connections(database.url()).await;
        // A reading may meet the end of its connection; the next one does not.
        let read = match other.read(&reading(), &p).await {
            Ok(read) => read,
            Err(store::Error::Unreachable(_)) => other.read(&reading(), &p).await.expect("read again"),
            Err(other) => panic!("{other}"),
        };
        assert!(read.is_some());
        let request = 10 + u128::from(round);
        db.commit(&writing(), commit(request, vec![put(&p, Some(round), "next")])).await.expect("stored");
    }
}
