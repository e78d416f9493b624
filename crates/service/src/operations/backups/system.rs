//! Making the backups that policies ask for.
//!
//! A policy that is due puts the servers that it covers into a queue. From there they are taken a few at a time on each node: a server
//! leaves the queue together with the order to make its backup, so whoever does this twice makes it once.

use chrono::{DateTime, TimeDelta, Utc};
use panel_domain::activity::Event;
use panel_domain::backup::next_due;
use panel_domain::id::{BackupConfigurationId, NodeId, ServerId, SystemBackupPolicyId};
use panel_domain::operation::OperationKind;
use panel_domain::schedule::LATE_LIMIT;
use panel_jobs::payload::MakeBackup;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::operations;
use panel_storage::servers::Server;
use panel_storage::system_backup_policies::{self as rows, Turn};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::backups::{NewBackup, reserve};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;
use crate::servers::{lock_server, operation};

/// Policies that one transaction looks at.
const POLICIES: i64 = 20;
/// Servers whose turn comes in one round.
const TURNS: i64 = 200;

/// Begins what is due, and makes the backups whose turn has come. Gives how many were ordered.
///
/// # Errors
/// Those of the database.
pub async fn make_system_backups(cx: &Cx) -> Result<usize, Error> {
    let now = cx.now();
    cx.write(|tx| {
        async move {
            for policy in rows::lock_due(tx, now, POLICIES).await? {
                let in_time = policy.due_at.is_some_and(|due| due + LATE_LIMIT >= now);
                let next = policy.enabled.then(|| next_due(&policy.cron, now));
                let begun = (policy.enabled && in_time).then_some(now);
                rows::begin_due(tx, policy.id, next.flatten(), begun).await?;
                if begun.is_some() {
                    rows::fill_queue(tx, policy.id, now).await?;
                } else {
                    tracing::warn!(policy.name, "A policy's time for backups was missed");
                }
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    let turns = rows::next_turns(&mut cx.read_primary().await?, TURNS).await?;
    let mut ordered = 0;
    for (number, turn) in turns.iter().enumerate() {
        let order = order(cx, turn, now + milliseconds(number)).await;
        match order {
            Ok(done) => ordered += usize::from(done),
            Err(error @ (Error::Internal(_) | Error::Unavailable { .. })) => return Err(error),
            Err(error) => {
                tracing::warn!(server.id = %turn.server_id, policy.name = turn.policy_name, %error, "A policy's backup was not made");
                skip(cx, turn).await?;
            }
        }
    }
    Ok(ordered)
}

/// Backups of one round have an order.
fn milliseconds(number: usize) -> TimeDelta {
    TimeDelta::milliseconds(i64::try_from(number).unwrap_or_default())
}

/// Orders the backup of a server. `false`: it is no longer its turn, or it has no files to be kept now.
async fn order(cx: &Cx, turn: &Turn, now: DateTime<Utc>) -> Result<bool, Error> {
    let policy = SystemBackupPolicyId::from(turn.policy_id);
    let server = ServerId::from(turn.server_id);
    let node = NodeId::from(turn.node_id);
    let place = node_calls::node(cx, node).await?;
    let mut new = NewBackup::new(cx, None, Vec::new());
    new.now = now;
    new.policy = Some(policy);
    new.place = turn
        .backup_configuration_id
        .map(BackupConfigurationId::from);
    let mut operation = operation(cx, OperationKind::Backup, server, node, json!({}));
    operation.backup_id = Some(new.id);
    let job = MakeBackup {
        operation: operation.id,
    };
    let entry = cx
        .entry(
            Event::BackupCreate,
            json!({ "backup": new.id, "name": new.name, "policy": turn.policy_name }),
        )
        .on(server);
    let (place, new, operation, job, entry) = (&place, &new, &operation, &job, &entry);
    cx.write(|tx| {
        async move {
            if !rows::leave_queue(tx, policy, server).await? {
                return Ok(false);
            }
            let row = lock_server(tx, server).await?;
            if row.node_id != node || !is_settled(&row) {
                return Ok(false);
            }
            reserve(cx, tx, &row, place, new).await?;
            operations::record(tx, operation);
            enqueue(tx, job, new.now, EnqueueOptions::default())?;
            entry.record(tx);
            Ok(true)
        }
        .scope_boxed()
    })
    .await
}

/// Whether a server's files are where they are said to be, and nobody but the server writes them.
fn is_settled(row: &Server) -> bool {
    row.status.is_none() && row.destination_node_id.is_none() && row.deleting_at.is_none()
}

/// Passes a server over until the policy is due again.
async fn skip(cx: &Cx, turn: &Turn) -> Result<(), Error> {
    let (policy, server) = (turn.policy_id.into(), turn.server_id.into());
    cx.write(|tx| {
        async move {
            rows::leave_queue(tx, policy, server).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
