//! A server's configuration as its daemon reads it.

use std::collections::{BTreeMap, HashMap};

use panel_domain::id::{EggId, EggVariableId, LocationId, NodeId, ServerId};
use panel_domain::schedule::Executor;
use panel_eggs::{
    Address, Egg as Model, Parser, ServerFacts, effective_values, process_configuration,
    server_environment,
};
use panel_storage::{Readable, allocations, backups, eggs, locations, mounts, nodes, servers};
use serde::Deserialize;
use wings_client::wire::remote as wire;
pub use wings_client::wire::remote::ServerDocument;

use super::schedules::executor_of;
use super::this_node;
use crate::cx::Cx;
use crate::eggs::to_model;
use crate::error::Error;

/// The configuration of one server of the node that asks.
///
/// # Errors
/// [`Error::NotFound`] for a server that is not the node's.
pub async fn server_document(cx: &Cx, server: ServerId) -> Result<ServerDocument, Error> {
    let node = this_node(cx)?;
    let mut conn = cx.read_primary().await?;
    let row = servers::find(&mut conn, servers::Scope::Node(node), server)
        .await?
        .ok_or(Error::not_found("server"))?;
    documents(&mut conn, node, vec![row])
        .await?
        .pop()
        .ok_or(Error::not_found("server"))
}

/// The configurations of servers for a node, in the order given: ten queries at most, however many they are. Of each egg the parts
/// are read once: a node that starts asks for a hundred servers at a time.
pub(super) async fn documents(
    conn: &mut impl Readable,
    node: NodeId,
    rows: Vec<servers::Server>,
) -> Result<Vec<ServerDocument>, Error> {
    let ids: Vec<ServerId> = rows.iter().map(|row| row.id).collect();
    let mut egg_ids: Vec<EggId> = rows.iter().map(|row| row.egg_id).collect();
    egg_ids.sort();
    egg_ids.dedup();
    let eggs = eggs::load_many(conn, &egg_ids).await?;
    let variables = eggs::variables_of_many(conn, &egg_ids).await?;
    let values = servers::variables_of_many(conn, &ids).await?;
    let addresses = allocations::of_servers(conn, &ids).await?;
    let node_ids: Vec<NodeId> = rows.iter().map(|row| row.node_id).chain([node]).collect();
    let nodes = nodes::load_many(conn, &node_ids).await?;
    let location_ids: Vec<LocationId> = nodes.iter().map(|node| node.location_id).collect();
    let locations = locations::load_many(conn, &location_ids).await?;
    let mounts = mounts::of_servers(conn, node, &ids).await?;
    let backups = backups::of_servers(conn, &ids).await?;
    // Who asks, not where the server is at this moment: the destination of a transfer reads what it is about to run.
    let executor = nodes
        .iter()
        .find(|row| row.id == node)
        .map_or(Executor::OldNode, executor_of);
    let mut schedules = super::schedules::of_servers(conn, &ids, executor).await?;

    let mut models: HashMap<EggId, Model> = HashMap::new();
    for egg in &eggs {
        let own: Vec<_> = variables
            .iter()
            .filter(|variable| variable.egg_id == egg.id)
            .cloned()
            .collect();
        models.insert(egg.id, to_model(egg, &own)?);
    }
    let names: HashMap<EggVariableId, (EggId, &str)> = variables
        .iter()
        .map(|variable| {
            let name = variable.env_variable.as_str();
            (variable.id, (variable.egg_id, name))
        })
        .collect();
    let egg_of: HashMap<ServerId, EggId> = rows.iter().map(|row| (row.id, row.egg_id)).collect();
    let mut own_values: HashMap<ServerId, BTreeMap<String, String>> = HashMap::new();
    for value in values {
        // A server keeps its values for the egg it had before, whose variables may have the same names.
        if let Some((egg, name)) = names.get(&value.variable_id)
            && egg_of.get(&value.server_id) == Some(egg)
        {
            let of_server = own_values.entry(value.server_id).or_default();
            of_server.insert((*name).to_owned(), value.value);
        }
    }

    rows.into_iter()
        .map(|server| {
            let egg = models.get(&server.egg_id).ok_or(Error::not_found("egg"))?;
            let own_values = own_values.remove(&server.id).unwrap_or_default();
            let own_addresses: Vec<_> = addresses
                .iter()
                .filter(|(assignment, _)| assignment.server_id == server.id)
                .collect();
            let location = nodes
                .iter()
                .find(|row| row.id == node)
                .and_then(|node| {
                    locations
                        .iter()
                        .find(|location| location.id == node.location_id)
                })
                .map(|location| location.name.clone())
                .unwrap_or_default();
            let mut document = document(
                &server,
                egg,
                &own_values,
                &own_addresses,
                location,
                executor,
                node,
            )?;
            document.settings.mounts = mounts
                .iter()
                .filter(|(id, _)| *id == server.id)
                .map(|(_, mount)| wire::Mount {
                    source: mount.source.clone(),
                    target: mount.target.clone(),
                    read_only: mount.read_only,
                })
                .collect();
            document.settings.backups = backups
                .iter()
                .filter(|(of, _)| *of == server.id)
                .map(|(_, backup)| backup.uuid())
                .collect();
            document.settings.schedules = schedules.remove(&server.id).unwrap_or_default();
            Ok(document)
        })
        .collect()
}

fn document(
    server: &servers::Server,
    egg: &Model,
    own_values: &BTreeMap<String, String>,
    addresses: &[&(allocations::ServerAllocation, allocations::Allocation)],
    location: String,
    executor: Executor,
    reader: NodeId,
) -> Result<ServerDocument, Error> {
    let of = |allocation: &allocations::Allocation| wire::Allocation {
        ip: allocation.ip.addr().to_string(),
        port: u16::try_from(allocation.port).unwrap_or_default(),
    };
    // The node that the server is moving to reads where it will listen there.
    let arrives = server.node_id != reader;
    let listens_at = if arrives {
        server.destination_allocation_id
    } else {
        server.allocation_id
    };
    let primary = addresses
        .iter()
        .find(|(_, allocation)| Some(allocation.id) == listens_at)
        .map(|(_, allocation)| of(allocation));
    let mut mappings: BTreeMap<String, Vec<u16>> = BTreeMap::new();
    for (_, allocation) in addresses
        .iter()
        .filter(|(assignment, _)| assignment.destination == arrives)
    {
        let allocation = of(allocation);
        mappings
            .entry(allocation.ip)
            .or_default()
            .push(allocation.port);
    }
    let threads = server
        .pinned_cpus
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let facts = ServerFacts {
        uuid: server.id.uuid(),
        name: server.name.clone(),
        startup: server.startup.clone(),
        image: server.image.clone(),
        location,
        address: primary.as_ref().map(|primary| Address {
            ip: primary.ip.clone(),
            port: primary.port,
        }),
        memory: server.memory_mib,
        swap: server.swap_mib,
        disk: server.disk_mib,
        cpu: i64::from(server.cpu_percent),
        io_weight: server.io_weight.map(i64::from),
        threads: threads.clone(),
        allocation_limit: i64::from(server.allocation_limit),
        timezone: server.timezone.clone(),
    };
    let values = effective_values(&egg.variables, own_values);
    let mut process = process_configuration(&egg.config, &values, &facts);
    if executor == Executor::OldNode {
        // It refuses its whole list of servers, and so to boot, for the name of a parser that it does not know.
        process = process.without_parser(Parser::Toml);
    }
    let process = serde_json::to_value(process).map_err(Error::internal)?;
    Ok(ServerDocument {
        settings: wire::Settings {
            id: None,
            uuid: server.id.uuid(),
            start_on_completion: Some(server.start_on_completion),
            meta: wire::Meta {
                name: server.name.clone(),
                description: server.description.clone().unwrap_or_default(),
            },
            suspended: server.suspended,
            invocation: server.startup.clone(),
            skip_egg_scripts: server.skip_egg_scripts,
            entrypoint: None,
            environment: server_environment(&values, &facts),
            labels: BTreeMap::new(),
            backups: Vec::new(),
            schedules: Vec::new(),
            allocations: wire::Allocations {
                force_outgoing_ip: egg.force_outgoing_ip,
                // Pelican follows the address without looking whether there is one.
                default: Some(primary.unwrap_or(wire::Allocation {
                    ip: "127.0.0.1".to_owned(),
                    port: 0,
                })),
                mappings,
            },
            build: wire::Build {
                memory_limit: server.memory_mib,
                overhead_memory: server.memory_overhead_mib,
                swap: server.swap_mib,
                io_weight: server
                    .io_weight
                    .and_then(|weight| u16::try_from(weight).ok()),
                cpu_limit: i64::from(server.cpu_percent),
                threads: Some(threads).filter(|threads| !threads.is_empty()),
                disk_space: u64::try_from(server.disk_mib).unwrap_or_default(),
                oom_disabled: true,
                oom_killer: false,
            },
            mounts: Vec::new(),
            egg: wire::Egg {
                id: server.egg_id.uuid(),
                file_denylist: egg.file_denylist.clone(),
                features: panel_eggs::feature_listeners(&egg.features),
            },
            container: wire::Container {
                image: server.image.clone(),
                privileged: false,
                timezone: server.timezone.clone(),
                hugepages_passthrough_enabled: server.hugepages_passthrough_enabled,
                kvm_passthrough_enabled: server.kvm_passthrough_enabled,
                seccomp: wire::Seccomp {
                    remove_allowed: Vec::new(),
                },
            },
            auto_kill: wire::AutoKill {
                enabled: server.auto_kill_enabled,
                seconds: u64::try_from(server.auto_kill_seconds).unwrap_or_default(),
            },
            auto_start_behavior: wire::AutoStart::deserialize(serde_json::json!(
                server.auto_start_behavior
            ))
            .map_err(Error::internal)?,
        },
        process_configuration: wire::ProcessConfiguration::deserialize(process)
            .map_err(Error::internal)?,
    })
}
