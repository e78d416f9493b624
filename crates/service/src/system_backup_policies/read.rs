//! Looking at policies.

use std::ops::Deref;

use panel_domain::id::SystemBackupPolicyId;
use panel_domain::page::{Page, Paged};
use panel_domain::permission::AdminPermission;
use panel_storage::Readable;
use panel_storage::system_backup_policies::{self as rows, Totals};

use crate::cx::Cx;
use crate::error::Error;

/// A policy with what it covers.
#[derive(Debug, Clone)]
pub struct SystemBackupPolicy {
    /// The policy.
    pub row: rows::SystemBackupPolicy,
    /// What it covers, and the backups that it has made.
    pub totals: Totals,
}

impl Deref for SystemBackupPolicy {
    type Target = rows::SystemBackupPolicy;

    fn deref(&self) -> &Self::Target {
        &self.row
    }
}

impl SystemBackupPolicy {
    /// One that covers nothing.
    pub(super) const fn new(row: rows::SystemBackupPolicy) -> Self {
        Self {
            totals: Totals {
                id: row.id.uuid(),
                locations: 0,
                nodes: 0,
                servers: 0,
                backups: 0,
            },
            row,
        }
    }
}

async fn with_totals(
    conn: &mut impl Readable,
    found: Vec<rows::SystemBackupPolicy>,
) -> Result<Vec<SystemBackupPolicy>, Error> {
    let ids: Vec<SystemBackupPolicyId> = found.iter().map(|row| row.id).collect();
    let totals = rows::totals(conn, &ids).await?;
    let policies = found.into_iter().map(|row| {
        let mut policy = SystemBackupPolicy::new(row);
        if let Some(counted) = totals.iter().find(|one| one.id == policy.id.uuid()) {
            policy.totals = *counted;
        }
        policy
    });
    Ok(policies.collect())
}

/// One page of policies, by name.
///
/// # Errors
/// [`Error::Denied`].
pub async fn list(
    cx: &Cx,
    page: Page,
    search: Option<&str>,
) -> Result<Paged<SystemBackupPolicy>, Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesRead)?;
    let mut conn = cx.read().await?;
    let (found, total) = rows::list(&mut conn, search, page.offset(), page.per_page()).await?;
    let shown = with_totals(&mut conn, found).await?;
    Ok(Paged::new(page, total, shown))
}

/// A policy.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn get(cx: &Cx, id: SystemBackupPolicyId) -> Result<SystemBackupPolicy, Error> {
    cx.require_admin(AdminPermission::SystemBackupPoliciesRead)?;
    let row = find(cx, id).await?;
    let mut conn = cx.read().await?;
    let mut shown = with_totals(&mut conn, vec![row]).await?;
    shown.pop().ok_or(Error::not_found("system backup policy"))
}

/// The row of a policy.
pub(crate) async fn find(
    cx: &Cx,
    id: SystemBackupPolicyId,
) -> Result<rows::SystemBackupPolicy, Error> {
    rows::find(&mut cx.read().await?, id)
        .await?
        .ok_or(Error::not_found("system backup policy"))
}
