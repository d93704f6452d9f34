//! The connections that are open, so that those that are idle make room when there is none: somebody who waits goes before somebody who
//! asks nothing.

use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::task::JoinSet;

/// So many newest connections are not asked to leave: theirs may be the request that is just coming.
const NEWEST: usize = 512;

/// Everybody who is connected, the newest apart.
#[derive(Default)]
pub struct Crowd {
    older: Vec<GracefulShutdown>,
    newest: GracefulShutdown,
    leaving: JoinSet<()>,
}

impl Crowd {
    /// One more connection.
    pub fn join(&mut self) -> Watcher {
        if self.newest.count() >= NEWEST {
            self.older.retain(|some| some.count() > 0);
            self.older.push(std::mem::take(&mut self.newest));
        }
        self.newest.watcher()
    }

    /// Asks all but the newest to leave: at once if they are idle, after their answer otherwise. Browsers come back by themselves.
    pub fn make_room(&mut self) {
        while self.leaving.try_join_next().is_some() {}
        for some in self.older.drain(..) {
            self.leaving.spawn(some.shutdown());
        }
    }

    /// Asks all to leave and waits until they have.
    pub async fn leave(mut self) {
        self.make_room();
        self.leaving.spawn(self.newest.shutdown());
        while self.leaving.join_next().await.is_some() {}
    }
}
