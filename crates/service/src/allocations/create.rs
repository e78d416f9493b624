//! Giving a node addresses.

use ipnet::IpNet;
use panel_domain::activity::Event;
use panel_domain::allocation;
use panel_domain::id::{AllocationId, NodeId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::allocations::{self, Allocation};
use panel_storage::nodes;
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::cx::Cx;
use crate::error::Error;

/// Ports of addresses that a node gets.
#[derive(Debug, Clone)]
pub struct NewAllocations {
    /// The addresses, as people write them: `192.0.2.1`, several with commas, or a network.
    pub ip: String,
    /// What is shown to people instead of the address.
    pub ip_alias: Option<String>,
    /// The ports.
    pub ports: Vec<i64>,
    /// More ports, as people write them: `25565-25600, 27015`.
    pub port_ranges: Vec<String>,
}

/// Gives a node addresses and ports, and tells how many were new; those it has already stay as they are.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`].
pub async fn create(cx: &Cx, node: NodeId, input: NewAllocations) -> Result<i64, Error> {
    cx.require_admin(AdminPermission::NodesAllocations)?;
    let mut invalid = Invalid::new();
    let addresses = invalid.take("ip", allocation::parse_addresses(&input.ip));
    let ports = invalid.take("ports", ports_of(&input));
    check_alias(input.ip_alias.as_deref(), &mut invalid);
    let rows = match addresses.zip(ports) {
        Some((addresses, ports)) => {
            invalid.take(
                "ports",
                allocation::check_count(addresses.len(), ports.len()),
            );
            if !invalid.is_empty() {
                return Err(invalid.into());
            }
            let now = cx.now();
            let row = |ip, port| Allocation {
                id: AllocationId::new_v4(),
                node_id: node,
                ip: IpNet::from(ip),
                port: i32::from(port),
                ip_alias: input.ip_alias.clone(),
                created_at: now,
            };
            let of_address =
                |ip| -> Vec<Allocation> { ports.iter().map(|port| row(ip, *port)).collect() };
            addresses.into_iter().flat_map(of_address).collect()
        }
        None => Vec::new(),
    };
    invalid.finish()?;
    let entry = cx.entry(
        Event::NodeAllocationCreate,
        json!({ "node_uuid": node, "ip": input.ip, "count": rows.len() }),
    );
    let (rows, entry): (&[Allocation], _) = (&rows, &entry);
    cx.write(|tx| {
        async move {
            // The node cannot go away while it gets addresses.
            nodes::lock(tx, node)
                .await?
                .ok_or(Error::not_found("node"))?;
            let created = allocations::insert_many(tx, rows).await?;
            entry.record(tx);
            i64::try_from(created).map_err(Error::internal)
        }
        .scope_boxed()
    })
    .await
}

fn ports_of(input: &NewAllocations) -> Result<Vec<u16>, allocation::ListError> {
    let mut ports = if input.ports.is_empty() {
        Vec::new()
    } else {
        allocation::ports_of(&input.ports)?
    };
    for range in &input.port_ranges {
        ports.extend(allocation::parse_ports(range)?);
    }
    ports.sort_unstable();
    ports.dedup();
    if ports.is_empty() {
        Err(allocation::ListError::Empty)
    } else {
        Ok(ports)
    }
}

pub(super) fn check_alias(alias: Option<&str>, invalid: &mut Invalid) {
    if let Some(alias) = alias {
        invalid.name("ip_alias", alias, 1..=255);
    }
}
