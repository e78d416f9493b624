//! Something to look at: an account, a node that is simulated, and a server on it. Made the way a person makes them, over the API.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::state::State;
use crate::Outcome;
use crate::guard::Guarded;
use crate::http::Client;
use crate::shell::{self, root};
use crate::stack::Stack;
use crate::test::paper_egg;

const LOCATION: &str = "Here";
const NODE: &str = "Simulated node";
const NEST: &str = "Demo";
const SERVER: &str = "Demo server";
const GAME_PORTS: std::ops::RangeInclusive<u16> = 25565..=25574;

/// Makes what is missing and starts the node. Gives the node and the demo server's address in the panel.
pub(super) fn provide(
    stack: &Stack,
    state: &mut State,
    folder: &Path,
) -> Outcome<(Guarded, String)> {
    if !state.account_made {
        stack.create_admin(&state.username, &state.password)?;
        state.account_made = true;
        state.save()?;
    }
    let mut panel = Client::new(stack.ports.panel);
    let signed_in = panel.post(
        "/api/auth/login",
        &json!({ "user": state.username, "password": state.password }),
    )?;
    let owner = uuid(&signed_in["user"])?;

    let location = found_or_made(
        &mut panel,
        "/api/admin/locations",
        "locations",
        LOCATION,
        |_| {
            Ok((
                "/api/admin/locations".to_owned(),
                json!({ "name": LOCATION }),
            ))
        },
    )?;
    let node = found_or_made(&mut panel, "/api/admin/nodes", "nodes", NODE, |_| {
        let node = json!({
            "location_uuid": uuid(&location)?, "name": NODE, "url": stack.node_url(), "sftp_port": stack.ports.sftp,
            "memory": 8192, "disk": 32768, "deployment_enabled": true, "maintenance_enabled": false,
        });
        Ok(("/api/admin/nodes".to_owned(), node))
    })?;
    let node_uuid = uuid(&node)?;
    let running = start_node(stack, &node_uuid, folder)?;
    let server = found_or_made(
        &mut panel,
        "/api/admin/servers",
        "servers",
        SERVER,
        |panel| {
            let egg = egg(panel)?;
            let allocation = allocation(panel, &node_uuid)?;
            Ok((
                "/api/admin/servers".to_owned(),
                server(&owner, &node_uuid, &egg, &allocation)?,
            ))
        },
    )?;
    let short = server["uuid_short"]
        .as_str()
        .map_or_else(|| uuid(&server), |short| Ok(short.to_owned()))?;
    Ok((running, format!("{}/server/{short}", stack.url())))
}

/// The configuration is asked for at each start, because the panel's address or the node's token may have changed.
fn start_node(stack: &Stack, node: &str, folder: &Path) -> Outcome<Guarded> {
    let config = shell::output(&mut stack.panel_server(&["node", "config", node]))?;
    let file = node_config(folder);
    std::fs::create_dir_all(folder.join("node"))?;
    std::fs::write(&file, config)?;
    stack.start_node(&file)
}

/// Where the simulated node's configuration is kept.
pub(super) fn node_config(folder: &Path) -> PathBuf {
    folder.join("node").join("config.yml")
}

/// The entry of that name in a list of the panel, made if it is not there.
fn found_or_made(
    panel: &mut Client,
    list: &str,
    noun: &str,
    name: &str,
    make: impl FnOnce(&mut Client) -> Outcome<(String, Value)>,
) -> Outcome<Value> {
    if let Some(found) = find(panel, list, noun, name)? {
        return Ok(found);
    }
    let (path, body) = make(panel)?;
    let mut made = panel.post(&path, &body)?;
    let singular = noun.trim_end_matches('s');
    Ok(if made[singular].is_object() {
        made[singular].take()
    } else {
        made
    })
}

fn find(panel: &mut Client, list: &str, noun: &str, name: &str) -> Outcome<Option<Value>> {
    let page = panel.get(&format!("{list}?page=1&per_page=100"))?;
    let entries = page[noun]["data"]
        .as_array()
        .ok_or_else(|| format!("{list} did not answer with a list: {page}"))?;
    Ok(entries.iter().find(|entry| entry["name"] == name).cloned())
}

/// The real Paper egg where it is at hand, else the one that the product brings along.
fn egg(panel: &mut Client) -> Outcome<Value> {
    let nest = found_or_made(panel, "/api/admin/nests", "nests", NEST, |_| {
        Ok((
            "/api/admin/nests".to_owned(),
            json!({ "name": NEST, "author": "roost@example.com" }),
        ))
    })?;
    let eggs = format!("/api/admin/nests/{}/eggs", uuid(&nest)?);
    let starter = root().join("crates/eggs/starter/minecraft-paper.json");
    let text = std::fs::read_to_string(paper_egg().unwrap_or(starter))?;
    let egg: Value = serde_json::from_str(&text)?;
    let name = egg["name"]
        .as_str()
        .ok_or("the egg has no name")?
        .to_owned();
    found_or_made(panel, &eggs, "eggs", &name, |_| {
        Ok((format!("{eggs}/import"), egg))
    })
}

fn allocation(panel: &mut Client, node: &str) -> Outcome<String> {
    let path = format!("/api/admin/nodes/{node}/allocations");
    let free = |panel: &mut Client| -> Outcome<Option<String>> {
        let page = panel.get(&format!("{path}/available?page=1&per_page=1"))?;
        page["allocations"]["data"].get(0).map(uuid).transpose()
    };
    if let Some(allocation) = free(panel)? {
        return Ok(allocation);
    }
    panel.post(
        &path,
        &json!({ "ip": "127.0.0.1", "ports": GAME_PORTS.collect::<Vec<_>>() }),
    )?;
    free(panel)?.ok_or_else(|| "the node has no free allocation".into())
}

fn server(owner: &str, node: &str, egg: &Value, allocation: &str) -> Outcome<Value> {
    let first = |field: &str| {
        let first = egg[field]
            .as_object()
            .and_then(|choices| choices.values().next())
            .and_then(Value::as_str);
        first
            .map(str::to_owned)
            .ok_or_else(|| format!("the egg has no {field}"))
    };
    Ok(json!({
        "name": SERVER, "owner_uuid": owner, "node_uuid": node, "egg_uuid": uuid(egg)?,
        "allocation_uuid": allocation, "allocation_uuids": [],
        "start_on_completion": false, "skip_installer": false,
        "startup": first("startup_commands")?, "image": first("docker_images")?,
        "limits": { "cpu": 200, "memory": 2048, "memory_overhead": 0, "swap": 0, "disk": 4096, "io_weight": 500 },
        "feature_limits": { "allocations": 2, "databases": 0, "backups": 0, "schedules": 0 },
        "pinned_cpus": [], "hugepages_passthrough_enabled": false, "kvm_passthrough_enabled": false,
        "variables": [],
    }))
}

fn uuid(entry: &Value) -> Outcome<String> {
    entry["uuid"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("no uuid in {entry}").into())
}
