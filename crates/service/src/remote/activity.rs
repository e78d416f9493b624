//! What daemons saw people do.

use std::collections::HashSet;

use chrono::DateTime;
use ipnet::IpNet;
use panel_domain::activity::{Log, accepts_from_daemon};
use panel_domain::id::{ActivityId, ServerId, UserId};
use panel_storage::activities::{self, Activity};
use panel_storage::{servers, users};
use scoped_futures::ScopedFutureExt;
use sha2::{Digest, Sha256};
pub use wings_client::wire::remote::ActivityBatch;

use super::{storable, this_node};
use crate::cx::Cx;
use crate::error::Error;

/// Rows of a batch that are looked at; daemons send a hundred unless configured otherwise.
const MOST_ROWS: usize = 1_000;

/// Bytes of a row's details that are kept.
const MOST_BYTES: usize = 16 * 1024;

/// Writes a batch. Rows that make no sense, or are not about a server of the node, are skipped: a daemon whose batch is refused
/// sends it for ever. A batch that comes again adds nothing.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a node.
pub async fn record_activity(cx: &Cx, batch: ActivityBatch) -> Result<(), Error> {
    let node = this_node(cx)?;
    let now = cx.now();
    let rows: Vec<_> = batch
        .data
        .into_iter()
        .take(MOST_ROWS)
        .filter(|row| {
            accepts_from_daemon(&row.event) && row.metadata.to_string().len() <= MOST_BYTES
        })
        .collect();
    let mut conn = cx.read_primary().await?;
    let server_ids: Vec<ServerId> = rows.iter().map(|row| ServerId::from(row.server)).collect();
    let own: HashSet<ServerId> = servers::of_node(&mut conn, node, &server_ids)
        .await?
        .into_iter()
        .collect();
    let user_ids: Vec<UserId> = rows
        .iter()
        .filter_map(|row| row.user)
        .map(UserId::from)
        .collect();
    let known: HashSet<UserId> = users::load_many(&mut conn, &user_ids)
        .await?
        .into_iter()
        .map(|user| user.id)
        .collect();
    drop(conn);
    let entries: Vec<Activity> = rows
        .into_iter()
        .filter(|row| own.contains(&ServerId::from(row.server)))
        .map(|row| {
            let server = ServerId::from(row.server);
            let user = row
                .user
                .map(UserId::from)
                .filter(|user| known.contains(user));
            let digest = Sha256::digest(
                format!(
                    "{:?}|{}|{}|{}|{:?}",
                    row.user, row.event, row.metadata, row.timestamp, row.ip
                )
                .as_bytes(),
            );
            Activity {
                // A node's clock may be wrong: order is by when the panel heard of it, within what is plausible.
                id: ActivityId::new_v7(now),
                scope: Log::Server.as_str().to_owned(),
                server_id: Some(server),
                user_id: user,
                impersonator_id: None,
                api_key_id: None,
                by_schedule: row.schedule.is_some(),
                event: row.event,
                ip: row
                    .ip
                    .and_then(|ip| ip.parse().ok())
                    .map(|ip: std::net::IpAddr| IpNet::from(ip)),
                data: if row.metadata.is_object() {
                    storable(row.metadata)
                } else {
                    serde_json::json!({})
                },
                digest: Some(digest.to_vec()),
                // Years before the first of these daemons, which the database may not even be able to say.
                created_at: row.timestamp.clamp(DateTime::UNIX_EPOCH.min(now), now),
            }
        })
        .collect();
    if entries.is_empty() {
        return Ok(());
    }
    let entries = &entries;
    cx.write(|tx| {
        async move {
            activities::record(tx, entries);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
