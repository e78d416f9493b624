//! When credentials were last used, written in batches: a request that only reads must not wait for a write.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use foldhash::HashMap;
use panel_domain::actor::UserActor;
use panel_domain::id::{ApiKeyId, SessionId};
use panel_storage::{api_keys, sessions};
use scoped_futures::ScopedFutureExt;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::app::App;
use crate::cx::Cx;
use crate::error::Error;

/// How often uses are written.
const EVERY: Duration = Duration::from_secs(5);

/// A credential that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Used {
    Session(SessionId),
    ApiKey(ApiKeyId),
}

impl Used {
    /// The credential that this user has shown.
    pub(crate) fn of(user: &UserActor) -> Option<Self> {
        let session = user.session().map(Self::Session);
        session.or_else(|| user.api_key().map(Self::ApiKey))
    }
}

#[derive(Debug, Clone, Copy)]
struct Use {
    at: DateTime<Utc>,
    written: bool,
    /// Whether the browser was told that the session lasts longer now.
    renewed: bool,
}

/// The uses this process has seen.
#[derive(Debug, Default)]
pub(crate) struct Uses(Mutex<HashMap<Used, Use>>);

impl Uses {
    /// Notes a use. To the minute is exact enough for what people are shown and for sessions that last for days.
    pub(crate) fn note(&self, used: Used, at: DateTime<Utc>) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = uses.get(&used);
        if known.is_none_or(|known| at - known.at > TimeDelta::minutes(1)) {
            let noted = Use {
                at,
                written: false,
                renewed: false,
            };
            uses.insert(used, noted);
        }
    }

    /// Whether a use at this time has nothing new: it is noted already, and whoever has to be told of it was told.
    pub(crate) fn knows(&self, used: Used, at: DateTime<Utc>) -> bool {
        let uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.get(&used).is_some_and(|known| {
            at - known.at <= TimeDelta::minutes(1)
                && (known.renewed || matches!(used, Used::ApiKey(_)))
        })
    }

    /// Whether the credential was used again after a while, and nobody has been told so yet.
    fn take_renewal(&self, used: Used) -> bool {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.get_mut(&used)
            .is_some_and(|known| !std::mem::replace(&mut known.renewed, true))
    }

    /// What is yet to be written. What was written long ago is forgotten.
    fn take(&self, now: DateTime<Utc>) -> Vec<(Used, DateTime<Utc>)> {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uses.retain(|_, known| !known.written || now - known.at < TimeDelta::minutes(10));
        let mut taken = Vec::new();
        for (used, known) in uses.iter_mut().filter(|(_, known)| !known.written) {
            known.written = true;
            taken.push((*used, known.at));
        }
        taken
    }

    fn put_back(&self, taken: &[(Used, DateTime<Utc>)]) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (used, _) in taken {
            if let Some(known) = uses.get_mut(used) {
                known.written = false;
            }
        }
    }
}

/// Whether the browser is to be told that its session lasts longer now, because it was used: at most once a minute.
#[must_use]
pub fn renews_session(cx: &Cx) -> bool {
    let session = cx.actor().user().and_then(|user| user.session());
    session.is_some_and(|session| cx.parts().uses.take_renewal(Used::Session(session)))
}

/// Writes uses until told to stop, and once more then.
pub(crate) async fn write_uses(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        let stopping = tokio::select! {
            changed = stopped.changed() => changed.is_err() || *stopped.borrow(),
            () = tokio::time::sleep(EVERY) => false,
        };
        let taken = app.0.uses.take(app.now());
        if !taken.is_empty()
            && let Err(error) = write(&app, &taken).await
        {
            tracing::warn!(%error, "When credentials were last used could not be written; trying again");
            app.0.uses.put_back(&taken);
        }
        if stopping {
            return;
        }
    }
}

async fn write(app: &App, taken: &[(Used, DateTime<Utc>)]) -> Result<(), Error> {
    let mut used_sessions = Vec::new();
    let mut used_keys = Vec::new();
    for (used, at) in taken {
        match used {
            Used::Session(id) => used_sessions.push((*id, *at)),
            Used::ApiKey(id) => used_keys.push((*id, *at)),
        }
    }
    let (used_sessions, used_keys) = (&used_sessions, &used_keys);
    app.system()
        .write(|tx| {
            async move {
                if !used_sessions.is_empty() {
                    sessions::touch(tx, used_sessions).await?;
                }
                if !used_keys.is_empty() {
                    api_keys::touch(tx, used_keys).await?;
                }
                Ok(())
            }
            .scope_boxed()
        })
        .await
}
