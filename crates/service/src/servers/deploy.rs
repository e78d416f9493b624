//! Making a server where there is room for it.

use std::collections::BTreeSet;

use panel_domain::id::{AllocationId, LocationId, NodeId, ServerId};
use panel_domain::node::{Amount, Candidate, Capacity, placement};
use panel_domain::permission::AdminPermission;
use panel_domain::server::{AddressRules, Chosen, FreeAddress};
use panel_domain::validate::Invalid;
use panel_storage::nodes::Placeable;
use panel_storage::{allocations, nodes};

use super::create::{CreateServer, create};
use super::variables::VariableValue;
use super::view::AdminServer;
use crate::cx::Cx;
use crate::error::Error;

/// The most locations that one request names.
const MAX_LOCATIONS: usize = 1000;
/// The most addresses of a node that are chosen from.
const MAX_ADDRESSES: i64 = 10_000;
/// How often addresses are chosen anew on a node because somebody else was quicker.
const ATTEMPTS: usize = 5;

/// Where a server may go.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// To nodes of these locations.
    pub locations: Vec<LocationId>,
    /// Also where it does not fit.
    pub allow_overallocation: bool,
    /// How much is left to chance, 0 to 1: with 0 it goes where most is left.
    pub randomness: f64,
    /// How much a suspended server counts, 0 to 1.
    pub suspension_penalty: f64,
    /// Which addresses it gets; one, whichever it is, without rules.
    pub addresses: Option<AddressRules>,
}

/// Makes a server on a node that is chosen, with addresses that are chosen unless `server` names some. Its node is ignored.
///
/// # Errors
/// As for [`create`], and [`Error::Conflict`] when no node takes it.
pub async fn deploy(
    cx: &Cx,
    deployment: Deployment,
    server: CreateServer,
) -> Result<AdminServer, Error> {
    cx.require_admin(AdminPermission::ServersCreate)?;
    let named: BTreeSet<AllocationId> = server
        .primary
        .into_iter()
        .chain(server.additional.iter().copied())
        .collect();
    let named: Vec<AllocationId> = named.into_iter().collect();
    check(&deployment, !named.is_empty())?;
    let suspended = deployment.suspension_penalty;
    let mut found =
        nodes::placeable(&mut cx.read().await?, &deployment.locations, suspended).await?;
    if !named.is_empty() {
        let there = allocations::nodes_of(&mut cx.read().await?, &named).await?;
        let there = there
            .filter(|nodes| nodes.len() == 1)
            .ok_or_else(|| Error::invalid("allocation_uuids", "must be addresses of one node"))?;
        found.retain(|node| there.contains(&node.id.into()));
    }
    let order = ranked(&found, &deployment, &server);
    if order.is_empty() {
        return Err(no_room(&found));
    }
    for node in order {
        if !named.is_empty() {
            return create(cx, CreateServer { node, ..server }).await;
        }
        for _ in 0..ATTEMPTS {
            let Some(chosen) = choose(cx, node, deployment.addresses.as_ref()).await? else {
                break;
            };
            match create(cx, on(node, chosen, server.clone())).await {
                Err(Error::Taken(taken)) if is_about_addresses(&taken) => {}
                other => return other,
            }
        }
    }
    Err(Error::conflict(
        "no_free_addresses",
        "no node with enough room has free addresses like those that are asked for",
    ))
}

fn check(deployment: &Deployment, names_addresses: bool) -> Result<(), Error> {
    let mut invalid = Invalid::new();
    invalid.require(
        (1..=MAX_LOCATIONS).contains(&deployment.locations.len()),
        "deployment.location_uuids",
        format!("must be 1 to {MAX_LOCATIONS} locations"),
    );
    for (field, value) in [
        ("deployment.randomness", deployment.randomness),
        (
            "deployment.suspension_penalty",
            deployment.suspension_penalty,
        ),
    ] {
        let sensible = (0.0..=1.0).contains(&value);
        invalid.require(sensible, field, "must be between 0 and 1");
    }
    if let Some(rules) = &deployment.addresses {
        invalid.require(
            !names_addresses,
            "deployment.allocations",
            "must be left out when addresses are named",
        );
        let mut nested = Invalid::new();
        rules.check(&mut nested);
        invalid.nest("deployment.allocations", nested);
    }
    Ok(invalid.finish()?)
}

/// The nodes in the order in which they are tried.
fn ranked(found: &[Placeable], deployment: &Deployment, server: &CreateServer) -> Vec<NodeId> {
    let candidates: Vec<Candidate> = found
        .iter()
        .map(|node| Candidate {
            capacity: Capacity {
                memory: node.memory_mib,
                disk: node.disk_mib,
            },
            used: Amount {
                memory: node.promised_memory_mib,
                disk: node.promised_disk_mib,
            },
            draw: f64::from(draw()) / f64::from(u32::MAX),
        })
        .collect();
    let limits = &server.limits;
    let more = Amount {
        memory: limits.memory.saturating_add(limits.memory_overhead),
        disk: limits.disk,
    };
    let order = placement(
        &candidates,
        more,
        deployment.allow_overallocation,
        deployment.randomness,
    );
    order
        .into_iter()
        .filter_map(|place| found.get(place))
        .map(|node| node.id.into())
        .collect()
}

/// Some number.
fn draw() -> u32 {
    ServerId::new_v4().uuid().as_fields().0
}

/// Chooses addresses of a node. `None`: it has none that fit.
async fn choose(
    cx: &Cx,
    node: NodeId,
    rules: Option<&AddressRules>,
) -> Result<Option<Chosen<AllocationId>>, Error> {
    let free = allocations::free(&mut cx.read_primary().await?, node, MAX_ADDRESSES).await?;
    let free: Vec<FreeAddress<AllocationId>> = free
        .into_iter()
        .filter_map(|address| {
            Some(FreeAddress {
                id: address.id.into(),
                ip: address.ip,
                port: u16::try_from(address.port).ok()?,
                shared: address.shared,
            })
        })
        .collect();
    let from = usize::try_from(draw()).unwrap_or_default();
    Ok(match rules {
        Some(rules) => rules.choose(&free, from),
        None => AddressRules::any().choose(&free, from),
    })
}

/// The server with what was chosen for it.
fn on(node: NodeId, chosen: Chosen<AllocationId>, mut server: CreateServer) -> CreateServer {
    server.node = node;
    server.primary = chosen.primary;
    server.additional = chosen.additional;
    for (env_variable, value) in chosen.variables {
        server
            .variables
            .retain(|variable| variable.env_variable != env_variable);
        server.variables.push(VariableValue {
            env_variable,
            value,
        });
    }
    server
}

fn is_about_addresses(taken: &Invalid) -> bool {
    let mut fields = taken.fields().iter();
    fields.any(|field| field.field.starts_with("allocation_uuid"))
}

fn no_room(found: &[Placeable]) -> Error {
    if found.is_empty() {
        return Error::conflict(
            "no_nodes",
            "no node of these locations takes new servers: allow deployment to one, and end its maintenance",
        );
    }
    Error::conflict(
        "no_room",
        "no node of these locations has enough memory and disk left for the server",
    )
}
