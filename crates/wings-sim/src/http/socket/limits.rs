//! How many sockets a server may have, and how often a socket may say something (Pelican).

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use wings_client::wire::websocket::ClientEvent;

use crate::core::Core;
use crate::dialect::Dialect;

/// A place among the sockets of a server, given back at the end. Pelican has 30 of them.
pub(super) struct Place {
    core: Arc<Core>,
    server: Uuid,
}

impl Place {
    pub(super) fn take(core: &Arc<Core>, server: Uuid) -> Option<Self> {
        const MOST: usize = 30;
        let limited = core.dialect() == Dialect::Pelican;
        let taken = core.memory(|memory| {
            let open = memory.sockets.entry(server).or_insert(0);
            let free = !limited || *open < MOST;
            *open += usize::from(free);
            free
        });
        taken.then(|| Self {
            core: Arc::clone(core),
            server,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.core.memory(|memory| {
            if let Some(open) = memory.sockets.get_mut(&self.server) {
                *open = open.saturating_sub(1);
            }
        });
    }
}

/// How often Pelican lets a socket say the same: so many at once, then one each so many seconds.
#[derive(Default)]
pub(super) struct Limits(HashMap<ClientEvent, (f64, Option<DateTime<Utc>>)>);

impl Limits {
    pub(super) fn permit(&mut self, event: ClientEvent, now: DateTime<Utc>) -> bool {
        let (burst, seconds) = match event {
            ClientEvent::Auth | ClientEvent::SendLogs => (2.0, 5.0),
            ClientEvent::SendCommand => (10.0, 1.0),
            _ => (4.0, 1.0),
        };
        let (left, since) = self.0.entry(event).or_insert((burst, None));
        if let Some(since) = since.replace(now) {
            let passed = (now - since).num_milliseconds().max(0);
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a test")]
            let gained = passed as f64 / 1000.0 / seconds;
            *left = (*left + gained).min(burst);
        }
        if *left < 1.0 {
            return false;
        }
        *left -= 1.0;
        true
    }
}
