//! What is killed in a round.

use crate::practice::{Practice, Server};
use std::fmt;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Chance that a seed repeats.
pub struct Dice(u64);

impl Dice {
    pub fn of(seed: u64, round: u64) -> Self {
        Self(seed.wrapping_add(round.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// A number below this one ("SplitMix64", Steele, Lea and Flood, 2014).
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// One server; the others go on.
    Server(usize),
    /// All servers.
    Servers,
    /// The whole database; the servers go on once it is back: at once, or only when somebody was told to wait.
    Database { late: bool },
    /// One of the database's processes: it ends all its connections and recovers by itself.
    Connection,
    /// The database and all servers.
    Everything,
}

/// How much was killed.
#[derive(Default)]
pub struct Killed {
    servers: u64,
    databases: u64,
    connections: u64,
}

impl fmt::Display for Killed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { servers, databases, connections } = self;
        write!(out, "{servers} servers, {databases} databases and {connections} connections' processes killed")
    }
}

impl Blow {
    pub fn of(practice: &Practice, dice: &mut Dice) -> Self {
        match (&practice.database, dice.below(6)) {
            (None, _) | (_, 0) => Self::Servers,
            (_, n @ 1..=2) => Self::Server(n as usize - 1),
            (_, 3) => Self::Database { late: dice.below(2) == 0 },
            (_, 4) => Self::Connection,
            _ => Self::Everything,
        }
    }

    /// The servers that it ends.
    fn ends(self, server: usize) -> bool {
        match self {
            Self::Server(one) => one == server,
            Self::Servers | Self::Everything => true,
            Self::Database { .. } | Self::Connection => false,
        }
    }

    /// Kills. A database that is gone comes back while its servers are being asked.
    pub fn strike(
        self,
        practice: &Arc<Practice>,
        servers: &[Server],
        told: &Arc<Notify>,
        killed: &mut Killed,
    ) -> Option<JoinHandle<()>> {
        for (_, server) in servers.iter().enumerate().filter(|(n, _)| self.ends(*n)) {
            server.kill();
            killed.servers += 1;
        }
        let database = practice.database.as_ref()?;
        match self {
            Self::Database { .. } | Self::Everything => {
                database.kill().expect("killed");
                killed.databases += 1;
                let (practice, told) = (Arc::clone(practice), Arc::clone(told));
                Some(tokio::spawn(async move {
                    if self == (Self::Database { late: true }) {
                        told.notified().await;
                    }
                    let restart = move || practice.database.as_ref().expect("it is kept in one").restart();
                    tokio::task::spawn_blocking(restart).await.expect("done").expect("it comes back");
                }))
            }
            Self::Connection => {
                killed.connections += u64::from(database.kill_one().expect("it runs"));
                None
            }
            Self::Server(_) | Self::Servers => None,
        }
    }

    /// Starts again what does not come back by itself.
    pub fn clear_up(self, practice: &Practice, servers: &mut [Server]) {
        for (_, server) in servers.iter_mut().enumerate().filter(|(n, _)| self.ends(*n)) {
            server.ended();
            *server = practice.serve();
        }
    }

    /// Kills the same servers once more, while nobody writes.
    pub fn strike_at_rest(self, practice: &Practice, servers: &mut [Server], killed: &mut Killed) {
        for (_, server) in servers.iter_mut().enumerate().filter(|(n, _)| self.ends(*n)) {
            server.kill();
            server.ended();
            killed.servers += 1;
            *server = practice.serve();
        }
    }
}
