//! How many consoles are relayed, and for whom; downloads and uploads are counted in the same way.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use panel_domain::id::{ServerId, UserId};
use panel_service::Error;
use uuid::Uuid;

/// Most of one user, and of one server, in a process.
const MOST_OF_USER: usize = 40;
const MOST_OF_SERVER: usize = 200;

/// The consoles that a process relays, or the downloads and uploads. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenSockets(Arc<Mutex<HashMap<Uuid, usize>>>);

/// One of them, as long as it lives.
#[derive(Debug)]
pub(crate) struct OpenSocket {
    all: OpenSockets,
    counted: [Uuid; 2],
}

impl OpenSockets {
    /// Counts one more.
    ///
    /// # Errors
    ///
    /// The user, or all people on the server together, have too many open.
    pub(crate) fn open(&self, user: UserId, server: ServerId) -> Result<OpenSocket, Error> {
        let counted = [(user.uuid(), MOST_OF_USER), (server.uuid(), MOST_OF_SERVER)];
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, most) in counted {
            if open.get(&id).copied().unwrap_or_default() >= most {
                return Err(Error::RateLimited {
                    limit: u32::try_from(most).unwrap_or(u32::MAX),
                    retry_after: Duration::from_secs(10),
                });
            }
        }
        for (id, _) in counted {
            *open.entry(id).or_default() += 1;
        }
        Ok(OpenSocket {
            all: self.clone(),
            counted: counted.map(|(id, _)| id),
        })
    }
}

impl Drop for OpenSocket {
    fn drop(&mut self) {
        let mut open = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        for id in &self.counted {
            if let Some(count) = open.get_mut(id) {
                *count -= 1;
                if *count == 0 {
                    open.remove(id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_more_than_the_share() {
        let sockets = OpenSockets::default();
        let (user, server) = (UserId::new_v4(), ServerId::new_v4());
        let mut open: Vec<_> = (0..MOST_OF_USER)
            .map(|_| sockets.open(user, server).unwrap())
            .collect();
        assert!(matches!(
            sockets.open(user, server),
            Err(Error::RateLimited { .. })
        ));
        let others = sockets.open(UserId::new_v4(), server).unwrap();
        open.pop();
        open.push(sockets.open(user, server).unwrap());
        drop((open, others));
        assert!(sockets.0.lock().unwrap().is_empty());
    }
}
