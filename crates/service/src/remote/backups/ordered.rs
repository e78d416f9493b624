//! What a daemon that runs schedules itself wants done with backups: only where a step says so, and no more than its author may.

use std::time::Duration;

use panel_domain::activity::Event;
use panel_domain::backup::BackupDisk;
use panel_domain::id::{BackupGroupId, BackupId, ScheduleId, ServerId};
use panel_domain::operation::OperationKind;
use panel_domain::schedule::Action;
use panel_domain::server::ServerAction;
use panel_storage::backups::{self as rows, BackupSelection, Scope};
use panel_storage::{operations, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
pub use wings_client::wire::remote::{
    BackupReservation, BackupSelector, MoveBackup, ReserveBackup, RestoreOrder as RestoreTold,
    RestoreSelected,
};

use crate::authorize::state_of;
use crate::backups::{
    CreateBackup, Doomed, NewBackup, RestoreBackup, RestoreOrder, StartupThen, begin_restore,
    delete_of, disk_of, key_of, open_store, reserve, selected,
};
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;
use crate::remote::startup::ordered;
use crate::remote::this_node;
use crate::servers::operation;

/// How long the address of an archive holds that a node is to fetch. It begins at once.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Writes down a backup that the daemon is about to make for a schedule. Where the server has as many as it may have, the oldest makes room.
///
/// # Errors
/// [`Error::NotFound`] for a server that is not the node's, [`Error::Denied`] when no step says so, [`Error::Invalid`], [`Error::Conflict`].
pub async fn reserve_backup(
    cx: &Cx,
    server: ServerId,
    input: ReserveBackup,
) -> Result<BackupReservation, Error> {
    let node = this_node(cx)?;
    let wanted = CreateBackup {
        name: input.name.filter(|name| !name.is_empty()),
        ignored_files: input.ignored_files,
        group: input.backup_group_uuid.map(BackupGroupId::from),
    };
    ordered(cx, server, input.schedule_uuid, |action| {
        matches!(action, Action::CreateBackup { .. })
    })
    .await?;
    wanted.check()?;
    let mut new = NewBackup::new(cx, wanted.name, wanted.ignored_files);
    new.group = wanted.group;
    new.schedule = input.schedule_uuid.map(ScheduleId::from);
    new.makes_room = Some(Doomed::new(cx));
    let place = node_calls::node(cx, node).await?;
    let mut operation = operation(cx, OperationKind::Backup, server, node, json!({}));
    operation.backup_id = Some(new.id);
    operation.called_at = Some(new.now);
    let entry = cx
        .entry(
            Event::BackupCreate,
            json!({ "backup": new.id, "name": new.name }),
        )
        .on(server)
        .by_schedule();
    let (new, place, operation, entry) = (&new, &place, &operation, &entry);
    let backup = cx
        .write(|tx| {
            async move {
                let row = servers::lock(tx, server)
                    .await?
                    .filter(|row| row.node_id == node)
                    .ok_or(Error::not_found("server"))?;
                state_of(&row, false).allows(ServerAction::Use, true)?;
                let backup = reserve(cx, tx, &row, place, new).await?;
                operations::record(tx, operation);
                entry.record(tx);
                Ok(backup)
            }
            .scope_boxed()
        })
        .await?;
    Ok(BackupReservation {
        adapter: disk_of(&backup)?.adapter().to_owned(),
        uuid: backup.id.uuid(),
    })
}

fn selection_of(selector: BackupSelector) -> Result<BackupSelection, Error> {
    if selector.backup_uuid.is_some() && selector.backup_name.is_some() {
        return Err(Error::invalid(
            "backup_name",
            "must not be given together with backup_uuid",
        ));
    }
    Ok(BackupSelection {
        id: selector.backup_uuid.map(BackupId::from),
        name: selector.backup_name,
        group: selector.backup_group_uuid.map(BackupGroupId::from),
        // The schedule says on whose behalf, not which backup.
        schedule: None,
        oldest: selector.oldest,
    })
}

/// Has one of a server's backups deleted.
///
/// # Errors
/// [`Error::NotFound`] when none is meant, [`Error::Denied`] when no step says so, [`Error::Conflict`] for one that is locked.
pub async fn delete_selected(
    cx: &Cx,
    server: ServerId,
    selector: BackupSelector,
) -> Result<BackupId, Error> {
    ordered(cx, server, selector.schedule_uuid, |action| {
        matches!(action, Action::DeleteBackup { .. })
    })
    .await?;
    let selection = selection_of(selector)?;
    let backup = selected(&mut cx.read_primary().await?, server, &selection).await?;
    delete_of(cx, server, backup.id).await?;
    Ok(backup.id)
}

/// Puts one of a server's backups into another group, or out of its own.
///
/// # Errors
/// As for [`delete_selected`], and [`Error::Invalid`] for a group that is not the server's.
pub async fn move_selected(
    cx: &Cx,
    server: ServerId,
    input: MoveBackup,
) -> Result<BackupId, Error> {
    ordered(cx, server, input.selector.schedule_uuid, |action| {
        matches!(action, Action::MoveBackup { .. })
    })
    .await?;
    let selection = selection_of(input.selector)?;
    let backup = selected(&mut cx.read_primary().await?, server, &selection).await?;
    let target = input.target_backup_group_uuid.map(BackupGroupId::from);
    crate::backups::move_to(cx, server, backup.id, target).await?;
    Ok(backup.id)
}

/// Writes down that the daemon is about to put one of a server's backups back.
///
/// # Errors
/// As for [`delete_selected`].
pub async fn restore_selected(
    cx: &Cx,
    server: ServerId,
    input: RestoreSelected,
) -> Result<RestoreTold, Error> {
    let node = this_node(cx)?;
    let restores_startup = input.restore_startup;
    ordered(cx, server, input.selector.schedule_uuid, |action| {
        matches!(action, Action::RestoreBackup { restore_startup, .. }
            if *restore_startup || !restores_startup)
    })
    .await?;
    let selection = selection_of(input.selector)?;
    let backup = selected(&mut cx.read_primary().await?, server, &selection).await?;
    let download_url = if disk_of(&backup)? == BackupDisk::S3 {
        let (store, _) = open_store(cx, &backup).await?;
        let url = store.download_url(&key_of(&backup), None, cx.now(), LIFETIME);
        Some(url.to_string())
    } else {
        None
    };
    let how = RestoreBackup {
        truncate_directory: input.truncate_directory,
        restore_startup: input.restore_startup,
    };
    let mut order = RestoreOrder::new(cx, server, node, backup.id, how);
    order.calls = false;
    order.operation.called_at = Some(cx.now());
    order.entry = order.entry.by_schedule();
    if input.restore_startup {
        order.startup = StartupThen::AsUser;
    }
    let (id, order) = (backup.id, &order);
    cx.write(|tx| {
        async move {
            let row = servers::lock(tx, server)
                .await?
                .filter(|row| row.node_id == node)
                .ok_or(Error::not_found("server"))?;
            let backup = rows::lock(tx, Scope::Server(server), id)
                .await?
                .ok_or(Error::not_found("backup"))?;
            begin_restore(tx, &row, &backup, order).await
        }
        .scope_boxed()
    })
    .await?;
    Ok(RestoreTold {
        adapter: disk_of(&backup)?.adapter().to_owned(),
        uuid: backup.id.uuid(),
        download_url,
    })
}
