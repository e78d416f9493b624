//! What a policy covers.

use chrono::{DateTime, Utc};
use panel_domain::activity::Event;
use panel_domain::id::SystemBackupPolicyId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::locations::Location;
use panel_storage::system_backup_policies::{self as rows, Covered};
use scoped_futures::ScopedFutureExt;
use serde_json::{Value, json};

use super::find;
use crate::cx::Cx;
use crate::error::Error;
use crate::nodes::NodeInfo;
use crate::servers::{AdminServer, for_admin};

/// Asks for the permission to see policies and what they cover, and that the policy is there.
async fn enter(cx: &Cx, policy: SystemBackupPolicyId, what: AdminPermission) -> Result<(), Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesRead)?;
    cx.require_admin(what)?;
    find(cx, policy).await.map(drop)
}

/// One page of the locations that a policy names, by name, and since when.
///
/// # Errors
/// [`Error::Denied`] without the permissions to see policies and locations, [`Error::NotFound`].
pub async fn locations(
    cx: &Cx,
    policy: SystemBackupPolicyId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<(Location, DateTime<Utc>)>, Error> {
    enter(cx, policy, AdminPermission::LocationsRead).await?;
    let mut conn = cx.read().await?;
    let (found, total) =
        rows::locations_of(&mut conn, policy, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, found))
}

/// One page of the nodes that a policy names, by name, and since when.
///
/// # Errors
/// [`Error::Denied`] without the permissions to see policies and nodes, [`Error::NotFound`].
pub async fn nodes(
    cx: &Cx,
    policy: SystemBackupPolicyId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<(NodeInfo, DateTime<Utc>)>, Error> {
    enter(cx, policy, AdminPermission::NodesRead).await?;
    let mut conn = cx.read().await?;
    let (found, total) =
        rows::nodes_of(&mut conn, policy, search, page.offset(), page.per_page()).await?;
    Ok(Paged::new(page, total, found)
        .map(|(node, location, since)| (NodeInfo { node, location }, since)))
}

/// One page of the servers that a policy names, by name, and since when.
///
/// # Errors
/// [`Error::Denied`] without the permissions to see policies and servers, [`Error::NotFound`].
pub async fn servers(
    cx: &Cx,
    policy: SystemBackupPolicyId,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<(AdminServer, DateTime<Utc>)>, Error> {
    enter(cx, policy, AdminPermission::ServersRead).await?;
    let mut conn = cx.read().await?;
    let (found, total) =
        rows::servers_of(&mut conn, policy, search, page.offset(), page.per_page()).await?;
    let (details, since): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let shown = for_admin(details).into_iter().zip(since).collect();
    Ok(Paged::new(page, total, shown))
}

/// How the log names what a policy covers.
fn named(covered: Covered) -> Value {
    match covered {
        Covered::Location(id) => json!({ "location": id }),
        Covered::Node(id) => json!({ "node": id }),
        Covered::Server(id) => json!({ "server": id }),
    }
}

/// What a request calls it, and its field.
const fn words(covered: Covered) -> (&'static str, &'static str) {
    match covered {
        Covered::Location(_) => ("location", "location_uuid"),
        Covered::Node(_) => ("node", "node_uuid"),
        Covered::Server(_) => ("server", "server_uuid"),
    }
}

/// Has a policy cover something.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`]; [`Error::Invalid`] for something that is not there, [`Error::Conflict`] when it is covered already.
pub async fn attach(cx: &Cx, policy: SystemBackupPolicyId, covered: Covered) -> Result<(), Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesUpdate)?;
    let row = find(cx, policy).await?;
    let entry = cx.entry(
        Event::SystemBackupPolicyUpdate,
        json!({ "uuid": policy, "name": row.name, "attached": named(covered) }),
    );
    let (entry, now) = (&entry, cx.now());
    cx.write(|tx| {
        async move {
            use panel_storage::Error as Storage;
            let (noun, field) = words(covered);
            match rows::attach(tx, policy, covered, now).await {
                Err(Storage::ForeignKey { constraint }) if constraint.contains("policy_id") => {
                    return Err(Error::not_found("system backup policy"));
                }
                Err(Storage::ForeignKey { .. }) => {
                    return Err(Error::invalid(field, format!("must be an existing {noun}")));
                }
                Err(Storage::Conflict { .. }) => {
                    return Err(Error::conflict(
                        "already_covered",
                        format!("the policy covers this {noun} already"),
                    ));
                }
                other => other?,
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

/// Has a policy no longer cover something. The backups of it stay.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn detach(cx: &Cx, policy: SystemBackupPolicyId, covered: Covered) -> Result<(), Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesUpdate)?;
    let row = find(cx, policy).await?;
    let entry = cx.entry(
        Event::SystemBackupPolicyUpdate,
        json!({ "uuid": policy, "name": row.name, "detached": named(covered) }),
    );
    let entry = &entry;
    cx.write(|tx| {
        async move {
            if !rows::detach(tx, policy, covered).await? {
                return Err(Error::not_found(words(covered).0));
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
