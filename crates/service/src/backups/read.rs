//! Looking at backups.

use panel_domain::id::{BackupId, ServerRef};
use panel_domain::page::{Page, Paged};
use panel_domain::permission::ServerPermission;
use panel_domain::server::ServerAction;
use panel_storage::backups::{self as rows, BackupFilter, Scope};

use super::{Backup, of_server};
use crate::cx::Cx;
use crate::error::Error;

/// Which backups of a server a list shows.
#[derive(Debug, Clone, Default)]
pub struct ListBackups {
    /// Part of the name.
    pub search: Option<String>,
    /// Only those in no group.
    pub ungrouped: bool,
}

/// One page of the backups that a server can use, the youngest first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn list(
    cx: &Cx,
    server: ServerRef,
    input: ListBackups,
    page: Page,
) -> Result<Paged<Backup>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsRead, ServerAction::View)
        .await?;
    let scope = Scope::Server(allowed.resource().id);
    let filter = BackupFilter {
        search: input.search,
        ungrouped: input.ungrouped,
        by_policy: Some(false),
        ..BackupFilter::default()
    };
    let mut conn = cx.read().await?;
    let (found, total) =
        rows::list(&mut conn, scope, &filter, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, found))
}

/// One page of the backups of a server that the panel made by itself, the youngest first.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn list_system(
    cx: &Cx,
    server: ServerRef,
    search: Option<String>,
    page: Page,
) -> Result<Paged<Backup>, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsRead, ServerAction::View)
        .await?;
    let scope = Scope::Server(allowed.resource().id);
    let filter = BackupFilter {
        search,
        by_policy: Some(true),
        ..BackupFilter::default()
    };
    let mut conn = cx.read().await?;
    let (found, total) =
        rows::list(&mut conn, scope, &filter, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, found))
}

/// A backup of a server.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`].
pub async fn get(cx: &Cx, server: ServerRef, id: BackupId) -> Result<Backup, Error> {
    let allowed = cx
        .authorize_server(server, ServerPermission::BackupsRead, ServerAction::View)
        .await?;
    of_server(&mut cx.read().await?, allowed.resource().id, id).await
}
