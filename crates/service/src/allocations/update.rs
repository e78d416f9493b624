//! Changing addresses of a node.

use std::net::IpAddr;

use ipnet::IpNet;
use panel_domain::activity::Event;
use panel_domain::allocation;
use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_jobs::payload::SyncServer;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::allocations::{self, Selection};
use panel_storage::nodes;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::create::check_alias;
use crate::cx::Cx;
use crate::error::Error;

/// What the chosen addresses become.
#[derive(Debug, Clone)]
pub struct AllocationsUpdate {
    /// Which ones.
    pub selection: Selection,
    /// Their new address.
    pub ip: IpAddr,
    /// What is shown to people instead of it.
    pub ip_alias: Option<String>,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Updated {
    /// How many were changed.
    pub updated: i64,
    /// How many were left alone, because the node has their new address and port already.
    pub skipped: i64,
}

/// Gives chosen ports of a node another address. Servers that use them are told.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`].
pub async fn update(cx: &Cx, node: NodeId, input: AllocationsUpdate) -> Result<Updated, Error> {
    cx.require_admin(AdminPermission::NodesAllocations)?;
    let mut invalid = Invalid::new();
    invalid.take("ip", allocation::parse_addresses(&input.ip.to_string()));
    check_alias(input.ip_alias.as_deref(), &mut invalid);
    invalid.finish()?;
    let now = cx.now();
    let ip = IpNet::from(input.ip);
    let entry = cx.entry(
        Event::NodeAllocationUpdate,
        json!({ "node_uuid": node, "ip": input.ip, "ip_alias": input.ip_alias }),
    );
    let (input, entry) = (&input, &entry);
    cx.write(|tx| {
        async move {
            nodes::lock(tx, node)
                .await?
                .ok_or(Error::not_found("node"))?;
            let chosen = allocations::count(tx, node, &input.selection).await?;
            let changed =
                allocations::readdress(tx, node, &input.selection, ip, input.ip_alias.as_deref())
                    .await?;
            for server in allocations::servers_of(tx, &changed).await? {
                let job = SyncServer { server };
                enqueue(tx, &job, now, EnqueueOptions::default())?;
            }
            entry.record(tx);
            let updated = i64::try_from(changed.len()).map_err(Error::internal)?;
            Ok(Updated {
                updated,
                skipped: chosen - updated,
            })
        }
        .scope_boxed()
    })
    .await
}
