//! Groups of backups, each with how many of its backups are kept and for how long.

use panel_domain::activity::Event;
use panel_domain::backup;
use panel_domain::id::{BackupGroupId, ServerRef};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_domain::validate::Invalid;
use panel_storage::backups::{
    self as rows, BackupFilter, BackupGroupChanges, GROUP_NAME_KEY, Scope,
};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::Backup;
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::servers::lock_server;

pub use panel_storage::backups::GroupUse as BackupGroup;

/// The most groups that a server may have.
const MAX_GROUPS: i64 = 10;

const NAME_TAKEN: &str = "is the name of another backup group of this server";

/// A new group.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// Unique on the server.
    pub name: String,
    /// How many of its backups are kept.
    pub retention_count: Option<i32>,
    /// For how many days they are kept.
    pub retention_days: Option<i32>,
}

/// Changes of a group: `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
pub struct ChangeGroup {
    /// Unique on the server.
    pub name: Option<String>,
    /// How many of its backups are kept.
    pub retention_count: Option<Option<i32>>,
    /// For how many days they are kept.
    pub retention_days: Option<Option<i32>>,
}

/// The groups of a server, by name.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn groups(cx: &Cx, server: ServerRef) -> Result<Vec<BackupGroup>, Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::BackupGroupsRead,
            ServerAction::View,
        )
        .await?;
    Ok(rows::groups(&mut cx.read().await?, allowed.resource().id).await?)
}

/// One page of the backups in a group, the youngest first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn group_backups(
    cx: &Cx,
    server: ServerRef,
    id: BackupGroupId,
    search: Option<String>,
    page: Page,
) -> Result<Paged<Backup>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsRead, ServerAction::View)
        .await?;
    let server = allowed.resource().id;
    let mut conn = cx.read().await?;
    rows::find_group(&mut conn, server, id)
        .await?
        .ok_or(Error::not_found("backup group"))?;
    let filter = BackupFilter {
        search,
        group: Some(id),
        ..BackupFilter::default()
    };
    let (found, total) = rows::list(
        &mut conn,
        Scope::Server(server),
        &filter,
        page.offset(),
        page.per_page(),
    )
    .await?;
    Ok(Paged::new(page, total, found))
}

/// Makes a group.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has, [`Error::Conflict`] when the
/// server has as many as it may have.
pub async fn create_group(
    cx: &Cx,
    server: ServerRef,
    input: NewGroup,
) -> Result<BackupGroup, Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::BackupGroupsCreate,
            ServerAction::Use,
        )
        .await?;
    let server = allowed.resource().id;
    let mut invalid = Invalid::new();
    backup::check_name("name", &input.name, &mut invalid);
    backup::check_retention(input.retention_count, input.retention_days, &mut invalid);
    invalid.finish()?;
    let row = rows::BackupGroup {
        id: BackupGroupId::new_v4(),
        server_id: server,
        name: input.name,
        retention_count: input.retention_count,
        retention_days: input.retention_days,
        created_at: cx.now(),
    };
    let entry = cx
        .entry(
            Event::BackupGroupCreate,
            json!({ "group": row.id, "name": row.name }),
        )
        .on(server);
    let (made, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            lock_server(tx, server).await?;
            if rows::count_groups(tx, server).await? >= MAX_GROUPS {
                return Err(Error::conflict(
                    "backup_group_limit_reached",
                    format!("a server may have {MAX_GROUPS} backup groups"),
                ));
            }
            rows::insert_group(tx, made)
                .await
                .taken(GROUP_NAME_KEY, "name", NAME_TAKEN)?;
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(BackupGroup {
        id: row.id.uuid(),
        name: row.name,
        retention_count: row.retention_count,
        retention_days: row.retention_days,
        created_at: row.created_at,
        total: 0,
        usable: 0,
        usable_unlocked: 0,
    })
}

/// Changes a group. Backups that it does not keep any longer are deleted within the hour.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn update_group(
    cx: &Cx,
    server: ServerRef,
    id: BackupGroupId,
    input: ChangeGroup,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::BackupGroupsUpdate,
            ServerAction::Use,
        )
        .await?;
    let server = allowed.resource().id;
    let mut invalid = Invalid::new();
    if let Some(name) = &input.name {
        backup::check_name("name", name, &mut invalid);
    }
    backup::check_retention(
        input.retention_count.flatten(),
        input.retention_days.flatten(),
        &mut invalid,
    );
    invalid.finish()?;
    let changes = BackupGroupChanges {
        name: input.name,
        retention_count: input.retention_count,
        retention_days: input.retention_days,
    };
    let entry = cx
        .entry(Event::BackupGroupUpdate, json!({ "group": id }))
        .on(server);
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            if changes.name.is_none()
                && changes.retention_count.is_none()
                && changes.retention_days.is_none()
            {
                rows::find_group(tx, server, id)
                    .await?
                    .ok_or(Error::not_found("backup group"))?;
                return Ok(());
            }
            let found = rows::update_group(tx, server, id, changes).await.taken(
                GROUP_NAME_KEY,
                "name",
                NAME_TAKEN,
            )?;
            if !found {
                return Err(Error::not_found("backup group"));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Deletes a group. Its backups stay, in none; with `lock_backups` they are locked.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn delete_group(
    cx: &Cx,
    server: ServerRef,
    id: BackupGroupId,
    lock_backups: bool,
) -> Result<(), Error> {
    let allowed = cx
        .authorize_server(
            server,
            ServerPermission::BackupGroupsDelete,
            ServerAction::Use,
        )
        .await?;
    let server = allowed.resource().id;
    let entry = cx.entry(Event::BackupGroupDelete, json!({})).on(server);
    let entry = &entry;
    cx.write(|tx| {
        async move {
            let group = rows::find_group(tx, server, id)
                .await?
                .ok_or(Error::not_found("backup group"))?;
            if lock_backups {
                rows::lock_all(tx, id).await?;
            }
            rows::delete_group(tx, server, id).await?;
            entry
                .clone()
                .with(json!({ "group": id, "name": group.name }))
                .record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
