//! What is written into the logs, in the transaction that does it.

mod list;

pub use list::list;

use ipnet::IpNet;
use panel_domain::activity::{Event, Log};
use panel_domain::actor::UserActor;
use panel_domain::id::{ActivityId, ServerId, UserId};
use panel_storage::Tx;
use panel_storage::activities::{self, Activity};
use serde_json::Value;

use crate::cx::Cx;

/// An entry that is yet to be written. Made before the transaction, which may run more than once.
#[derive(Debug, Clone)]
pub(crate) struct Entry(Activity);

impl Cx {
    /// An entry of the log that `event` belongs to, by the caller. Server events need [`Entry::on`].
    pub(crate) fn entry(&self, event: Event, data: Value) -> Entry {
        let user: Option<&UserActor> = self.actor().user();
        let now = self.now();
        Entry(Activity {
            id: ActivityId::new_v7(now),
            scope: event.log().as_str().to_owned(),
            server_id: None,
            user_id: user.map(|user| user.id),
            impersonator_id: user.and_then(|user| user.impersonator),
            api_key_id: user.and_then(UserActor::api_key),
            by_schedule: false,
            event: event.as_str().to_owned(),
            ip: self.request().ip.map(IpNet::from),
            data,
            digest: None,
            created_at: now,
        })
    }
}

impl Entry {
    /// In the log of this server.
    pub(crate) fn on(mut self, server: ServerId) -> Self {
        self.0.server_id = Some(server);
        self.0.scope = Log::Server.as_str().to_owned();
        self
    }

    /// With these details instead, for what only the transaction knows.
    pub(crate) fn with(mut self, data: Value) -> Self {
        self.0.data = data;
        self
    }

    /// Done by a schedule.
    pub(crate) fn by_schedule(mut self) -> Self {
        self.0.by_schedule = true;
        self
    }

    /// By this user, who was not signed in when it happened.
    pub(crate) fn by(mut self, user: UserId) -> Self {
        self.0.user_id = Some(user);
        self
    }

    /// Writes it.
    pub(crate) fn record(&self, tx: &mut Tx) {
        activities::record(tx, std::slice::from_ref(&self.0));
    }
}

/// Writes several entries at once.
pub(crate) fn record_all(tx: &mut Tx, entries: &[Entry]) {
    let rows: Vec<Activity> = entries.iter().map(|entry| entry.0.clone()).collect();
    activities::record(tx, &rows);
}
