//! What a panel has in it before it is of use, made the way people make it: over the API.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Outcome;
use crate::client::Client;

use super::part::{Launch, Part, Ready};
use super::{Options, Topology, panel};

/// The password of every account here.
const PASSWORD: &str = "correct horse battery staple";
const ADMIN: &str = "admin";
/// Addresses that every node gets.
const GAME_PORTS: std::ops::Range<u16> = 25_565..25_965;
const INSTALL_DEADLINE: Duration = Duration::from_secs(60);

/// What was made at the start.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// May do everything.
    pub admin: Account,
    /// May do what the owner of a server may.
    pub users: Vec<Account>,
    /// The simulated nodes.
    pub nodes: Vec<NodePlace>,
    /// One for each user, in their order.
    pub servers: Vec<ServerPlace>,
    /// The egg of all servers, as the panel answers it.
    pub egg: Value,
}

/// Somebody with an account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Id.
    pub uuid: String,
    /// To sign in with.
    pub username: String,
    /// To sign in with.
    pub password: String,
    /// A key of the account, which may do all that the account may.
    pub api_key: String,
}

/// A simulated node.
#[derive(Debug, Clone)]
pub struct NodePlace {
    /// Id.
    pub uuid: String,
    /// `node-1` and so on; its process and its relay have the same name.
    pub name: String,
}

/// A server on a simulated node.
#[derive(Debug, Clone)]
pub struct ServerPlace {
    /// Id.
    pub uuid: String,
    /// Its node's place in [`World::nodes`].
    pub node: usize,
}

impl World {
    /// How many addresses all nodes have together.
    #[must_use]
    pub fn addresses(&self) -> usize {
        self.nodes.len() * GAME_PORTS.len()
    }

    /// The body that makes a server at `POST /api/admin/servers`.
    #[must_use]
    pub fn new_server(&self, name: &str, owner: &str, node: &str, allocation: &str) -> Value {
        let first = |field: &str| {
            let choices = self.egg[field].as_object();
            choices
                .and_then(|choices| choices.values().next())
                .cloned()
                .unwrap_or_default()
        };
        json!({
            "name": name, "owner_uuid": owner, "node_uuid": node, "egg_uuid": self.egg["uuid"],
            "allocation_uuid": allocation, "allocation_uuids": [],
            "start_on_completion": false, "skip_installer": false,
            "startup": first("startup_commands"), "image": first("docker_images"),
            "limits": { "cpu": 100, "memory": 512, "memory_overhead": 0, "swap": 0, "disk": 1024, "io_weight": 500 },
            "feature_limits": { "allocations": 2, "databases": 0, "backups": 0, "schedules": 0 },
            "pinned_cpus": [], "hugepages_passthrough_enabled": false, "kvm_passthrough_enabled": false,
            "variables": [],
        })
    }
}

/// Makes all of it, and starts the nodes.
pub(super) async fn make(topology: &mut Topology, options: &Options) -> Outcome<World> {
    let create = [
        "user",
        "create",
        "--admin",
        "--username",
        ADMIN,
        "--email",
        "admin@example.com",
    ];
    panel::run(topology, options, &create, Some(PASSWORD.to_owned())).await?;
    let admin = topology.client()?;
    let signed_in = admin.sign_in(ADMIN, PASSWORD).await?;
    // One account stands for many people here.
    let limit = json!({ "client": { "hits": 10_000_000, "window_seconds": 60 } });
    admin
        .put("/api/admin/settings", &json!({ "ratelimits": limit }))
        .await?;
    let mut world = World {
        admin: Account {
            uuid: uuid(&signed_in["user"])?,
            username: ADMIN.to_owned(),
            password: PASSWORD.to_owned(),
            api_key: api_key(&admin, true).await?,
        },
        egg: egg(&admin).await?,
        ..World::default()
    };
    for number in 1..=options.users {
        world.users.push(user(topology, &admin, number).await?);
    }
    let location = admin
        .post("/api/admin/locations", &json!({ "name": "Here" }))
        .await?;
    let location = uuid(&location["location"])?;
    let mut parts = Vec::new();
    for (index, port) in topology.addresses.nodes.iter().enumerate() {
        let name = format!("node-{}", index + 1);
        let node = node(topology, &admin, &location, &name).await?;
        parts.push(daemon(topology, options, &name, &node, *port).await?);
        world.nodes.push(NodePlace { uuid: node, name });
    }
    topology.start_parts(parts).await?;
    if !world.nodes.is_empty() {
        for index in 0..world.users.len() {
            let server = server(&admin, &world, index).await?;
            world.servers.push(server);
        }
    }
    Ok(world)
}

async fn user(topology: &Topology, admin: &Client, number: usize) -> Outcome<Account> {
    let username = format!("user{number}");
    let body = json!({
        "external_id": null, "role_uuid": null, "username": username, "email": format!("{username}@example.com"),
        "name_first": "Given", "name_last": "Family", "password": PASSWORD, "admin": false, "language": "en",
    });
    let made = admin.post("/api/admin/users", &body).await?;
    let user = topology.client()?;
    user.sign_in(&username, PASSWORD).await?;
    Ok(Account {
        uuid: uuid(&made["user"])?,
        password: PASSWORD.to_owned(),
        api_key: api_key(&user, false).await?,
        username,
    })
}

/// A key with every permission of the catalogues that its owner can have.
async fn api_key(client: &Client, admin: bool) -> Outcome<String> {
    let catalogues = client.get("/api/client/permissions").await?;
    let keys = |catalogue: &str| -> Vec<String> {
        let groups = catalogues[catalogue].as_object().into_iter().flatten();
        groups
            .flat_map(|(group, members)| {
                let members = members["permissions"].as_object().into_iter().flatten();
                members.map(move |(name, _)| format!("{group}.{name}"))
            })
            .collect()
    };
    let body = json!({
        "name": "Rig", "allowed_ips": [], "expires": null,
        "user_permissions": keys("user_permissions"), "server_permissions": keys("server_permissions"),
        "admin_permissions": if admin { keys("admin_permissions") } else { Vec::new() },
    });
    let made = client.post("/api/client/account/api-keys", &body).await?;
    text(&made, "key")
}

/// The egg that the product brings along.
async fn egg(admin: &Client) -> Outcome<Value> {
    let nest = json!({ "name": "Games", "author": "roost@example.com" });
    let nest = admin.post("/api/admin/nests", &nest).await?;
    let path = format!("/api/admin/nests/{}/eggs/import", uuid(&nest["nest"])?);
    let file =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../eggs/starter/minecraft-paper.json");
    let egg: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let mut made = admin.post(&path, &egg).await?;
    Ok(made["egg"].take())
}

async fn node(topology: &Topology, admin: &Client, location: &str, name: &str) -> Outcome<String> {
    let body = json!({
        "location_uuid": location, "name": name, "url": format!("http://{}", topology.relay(name)?.address()),
        "sftp_port": 2022, "memory": 1_048_576, "disk": 4_194_304, "deployment_enabled": true, "maintenance_enabled": false,
    });
    let made = admin.post("/api/admin/nodes", &body).await?;
    let node = uuid(&made["node"])?;
    let path = format!("/api/admin/nodes/{node}/allocations");
    let ports: Vec<u16> = GAME_PORTS.collect();
    admin
        .post(&path, &json!({ "ip": "127.0.0.1", "ports": ports }))
        .await?;
    Ok(node)
}

/// The daemon of a node, which keeps its servers and its ledger when it is killed.
async fn daemon(
    topology: &Topology,
    options: &Options,
    name: &str,
    node: &str,
    port: u16,
) -> Outcome<Part> {
    let config = panel::run(topology, options, &["node", "config", node], None).await?;
    let folder = topology.folder();
    let file = folder.join(format!("{name}.yml"));
    std::fs::write(&file, config)?;
    let state = folder.join(format!("{name}.json"));
    // Of an earlier topology in the same place.
    if state.exists() {
        std::fs::remove_file(&state)?;
    }
    let command = vec![
        panel::program(options, "wings-sim"),
        "--config".to_owned(),
        file.to_string_lossy().into_owned(),
        "--state".to_owned(),
        state.to_string_lossy().into_owned(),
        "--bind".to_owned(),
        format!("127.0.0.1:{port}"),
        "--pace-ms".to_owned(),
        "20".to_owned(),
    ];
    Ok(Part::new(
        name,
        super::loopback(port),
        Launch::Program {
            command,
            environment: Vec::new(),
            log: topology.log(name),
            ready: Ready::Http(port, "/sim/servers"),
        },
    ))
}

async fn server(admin: &Client, world: &World, index: usize) -> Outcome<ServerPlace> {
    let node = index % world.nodes.len();
    let node_uuid = &world.nodes[node].uuid;
    let path = format!("/api/admin/nodes/{node_uuid}/allocations/available?page=1&per_page=1");
    let free = admin.get(&path).await?;
    let allocation = uuid(&free["allocations"]["data"][0])?;
    let owner = &world.users[index];
    let name = format!("Server of {}", owner.username);
    let body = world.new_server(&name, &owner.uuid, node_uuid, &allocation);
    let made = admin.post("/api/admin/servers", &body).await?;
    let server = uuid(&made["server"])?;
    let deadline = Instant::now() + INSTALL_DEADLINE;
    loop {
        let found = admin.get(&format!("/api/admin/servers/{server}")).await?;
        if found["server"]["status"].is_null() {
            return Ok(ServerPlace { uuid: server, node });
        }
        if Instant::now() > deadline {
            let status = &found["server"]["status"];
            return Err(format!("{name} is still {status} after {INSTALL_DEADLINE:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn uuid(entry: &Value) -> Outcome<String> {
    text(entry, "uuid")
}

fn text(entry: &Value, field: &str) -> Outcome<String> {
    let text = entry[field].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("no {field} in {entry}").into())
}
