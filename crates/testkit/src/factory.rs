//! Things in the database that a test needs and is not about. They are written past the use cases, so that the test of one
//! does not depend on all others; names are made up unless given.

mod backup;
mod command_snippet;
mod mount;
mod order;
mod schedule;
mod server_group;
mod ssh_key;
mod system_backup_policy;

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};

use panel_domain::actor::ApiKeyScope;
use panel_domain::id::{
    AllocationId, ApiKeyId, EggId, EggVariableId, LocationId, NestId, NodeId, RoleId, ServerId,
    UserId,
};
use panel_domain::permission::PermissionSet;
use panel_secrets::{ApiKey, NodeToken, PasswordHasher, RowBinding};
use panel_storage::consistency::RevocationKind;
use panel_storage::{
    Tx, allocations, api_keys, eggs, locations, nests, nodes, roles, schedules, servers, subusers,
    users,
};
use scoped_futures::{ScopedBoxFuture, ScopedFutureExt as _};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::app::TestApp;
use crate::must::Must as _;

pub use backup::{backup, backup_configuration, backup_group, backup_on, unfinished_backup};
pub use command_snippet::command_snippet;
pub use mount::{mount, mounted};
pub use order::server_order;
pub use schedule::{Schedule, schedule};
pub use server_group::server_group;
pub use ssh_key::{public_key, ssh_key};
pub use system_backup_policy::system_backup_policy;

/// The password of every user that a factory makes.
pub const PASSWORD: &str = "correct horse battery staple";

fn number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

async fn write<'a, T, F>(app: &TestApp, what: &str, work: F) -> T
where
    F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, panel_service::Error>>
        + Send
        + Sync
        + 'a,
    T: Send + 'a,
{
    app.service().system().write(work).await.must(what)
}

/// A user.
#[derive(Debug, Clone)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Username.
    pub username: String,
    /// E-mail address.
    pub email: String,
}

/// A user of this name without any permission.
pub async fn user(app: &TestApp, name: &str) -> User {
    insert_user(app, name, false, None).await
}

/// A root administrator.
pub async fn admin(app: &TestApp) -> User {
    insert_user(app, &format!("admin_{}", number()), true, None).await
}

/// A user whose role grants exactly these permissions.
pub async fn holder(app: &TestApp, admin: &[&str], server: &[&str]) -> User {
    let role = role(app, admin, server).await;
    insert_user(app, &format!("holder_{}", number()), false, Some(role)).await
}

async fn insert_user(app: &TestApp, name: &str, admin: bool, role: Option<RoleId>) -> User {
    let hash = PasswordHasher::weak_for_tests().hash(PASSWORD).await;
    let new = users::NewUser {
        id: UserId::new_v4(),
        role_id: role,
        external_id: None,
        username: name.to_owned(),
        email: format!("{name}@example.com"),
        name_first: "Given".to_owned(),
        name_last: "Family".to_owned(),
        password_hash: Some(hash.must("the password")),
        admin,
        language: "en".to_owned(),
        created_at: app.now(),
    };
    let new = &new;
    write(app, "a user", |tx| {
        async move { Ok(users::insert(tx, new).await?) }.scope_boxed()
    })
    .await;
    User {
        id: new.id,
        username: new.username.clone(),
        email: new.email.clone(),
    }
}

/// A role that grants these permissions.
pub async fn role(app: &TestApp, admin: &[&str], server: &[&str]) -> RoleId {
    let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let role = roles::Role {
        id: RoleId::new_v4(),
        name: format!("Role {}", number()),
        description: None,
        require_two_factor: false,
        admin_permissions: owned(admin),
        server_permissions: owned(server),
        created_at: app.now(),
    };
    let role = &role;
    write(app, "a role", |tx| {
        async move { Ok(roles::insert(tx, role).await?) }.scope_boxed()
    })
    .await;
    role.id
}

/// An API key of a user.
pub async fn api_key(app: &TestApp, user: UserId, scope: ApiKeyScope) -> (ApiKeyId, ApiKey) {
    let key = ApiKey::generate();
    let owned = |keys: Vec<&str>| keys.into_iter().map(ToOwned::to_owned).collect();
    let row = api_keys::ApiKey {
        id: ApiKeyId::new_v4(),
        user_id: user,
        name: format!("Key {}", number()),
        key_start: key.start().to_owned(),
        secret_hash: key.hash().as_bytes().to_vec(),
        allowed_ips: Vec::new(),
        user_permissions: owned(scope.user.keys()),
        admin_permissions: owned(scope.admin.keys()),
        server_permissions: owned(scope.server.keys()),
        last_used_at: None,
        expires_at: None,
        created_at: app.now(),
    };
    let row = &row;
    write(app, "an API key", |tx| {
        async move { Ok(api_keys::insert(tx, row).await?) }.scope_boxed()
    })
    .await;
    (row.id, key)
}

/// A location.
pub async fn location(app: &TestApp) -> LocationId {
    let location = locations::Location {
        id: LocationId::new_v4(),
        name: format!("Location {}", number()),
        description: None,
        flag: None,
        created_at: app.now(),
        backup_configuration_id: None,
    };
    let location = &location;
    write(app, "a location", |tx| {
        async move { Ok(locations::insert(tx, location).await?) }.scope_boxed()
    })
    .await;
    location.id
}

/// A node.
#[derive(Debug, Clone)]
pub struct Node {
    /// Id.
    pub id: NodeId,
    /// Where it is.
    pub location: LocationId,
    /// The credential of its daemon.
    pub token: NodeToken,
}

impl Node {
    /// What its daemon sends after `Bearer `.
    #[must_use]
    pub fn bearer(&self) -> String {
        format!("{}.{}", self.token.id(), self.token.secret().expose())
    }
}

/// A node at a new location, at an address where nobody answers.
pub async fn node(app: &TestApp) -> Node {
    // Port 9 discards; here nobody listens, so calls are refused at once.
    let nowhere = Url::parse("http://127.0.0.1:9").must("a URL");
    node_at(app, &nowhere).await
}

/// A node at a new location, whose daemon answers at `url`.
pub async fn node_at(app: &TestApp, url: &Url) -> Node {
    let location = location(app).await;
    let id = NodeId::new_v4();
    let token = NodeToken::generate();
    let binding = id.uuid();
    let sealed = app.keys().seal(
        token.secret().expose(),
        RowBinding::new("nodes", "token", binding.as_bytes()),
    );
    let node = nodes::NewNode {
        id: id.uuid(),
        location_id: location.uuid(),
        name: format!("Node {}", number()),
        description: None,
        deployment_enabled: true,
        maintenance_enabled: false,
        url: url.as_str().trim_end_matches('/').to_owned(),
        public_url: None,
        sftp_host: None,
        sftp_port: 2022,
        memory_mib: 65_536,
        disk_mib: 262_144,
        token_id: token.id().to_owned(),
        token: sealed.into_bytes(),
        created_at: app.now(),
        backup_configuration_id: None,
    };
    let node = &node;
    write(app, "a node", |tx| {
        async move { Ok(nodes::insert(tx, node).await?) }.scope_boxed()
    })
    .await;
    Node {
        id,
        location,
        token,
    }
}

/// Allocations of a node on 127.0.0.1, one for each port, in the ports' order.
pub async fn allocations(
    app: &TestApp,
    node: NodeId,
    ports: RangeInclusive<u16>,
) -> Vec<AllocationId> {
    let now = app.now();
    let rows: Vec<_> = ports
        .map(|port| allocations::Allocation {
            id: AllocationId::new_v4(),
            node_id: node,
            ip: "127.0.0.1/32".parse().must("a network"),
            port: i32::from(port),
            ip_alias: None,
            created_at: now,
        })
        .collect();
    let rows = &rows;
    write(app, "allocations", |tx| {
        async move { Ok(allocations::insert_many(tx, rows).await?) }.scope_boxed()
    })
    .await;
    rows.iter().map(|row| row.id).collect()
}

/// A nest.
pub async fn nest(app: &TestApp) -> NestId {
    let nest = nests::Nest {
        id: NestId::new_v4(),
        name: format!("Nest {}", number()),
        author: "tests@example.com".to_owned(),
        description: None,
        created_at: app.now(),
    };
    let nest = &nest;
    write(app, "a nest", |tx| {
        async move { Ok(nests::insert(tx, nest).await?) }.scope_boxed()
    })
    .await;
    nest.id
}

/// An egg.
#[derive(Debug, Clone)]
pub struct Egg {
    /// Id.
    pub id: EggId,
    /// The nest it is in.
    pub nest: NestId,
    /// Its variables by their name in the environment.
    pub variables: Vec<(String, EggVariableId)>,
    /// Its first startup command.
    pub startup: String,
    /// Its first image.
    pub image: String,
}

/// The starter set's egg for any program, in a nest of its own.
pub async fn egg(app: &TestApp) -> Egg {
    let starter = panel_eggs::starter().must("the starter eggs");
    let model = starter
        .into_iter()
        .find(|starter| starter.slug == "generic-process")
        .must("the generic process")
        .egg;
    let nest = nest(app).await;
    let now = app.now();
    let row = eggs::Egg {
        id: EggId::new_v4(),
        nest_id: nest,
        name: format!("Egg {}", number()),
        author: model.author.clone(),
        description: model.description.clone(),
        starter_slug: None,
        config_files: column(&model.config.files),
        config_startup: column(&model.config.startup),
        config_stop: column(&model.config.stop),
        config_script: column(&model.script),
        startup_commands: column(&model.startup_commands),
        docker_images: column(&model.docker_images),
        features: model.features.clone(),
        file_denylist: model.file_denylist.clone(),
        force_outgoing_ip: model.force_outgoing_ip,
        separate_port: model.separate_port,
        source: None,
        created_at: now,
    };
    let variables: Vec<_> = model
        .ordered_variables()
        .into_iter()
        .zip(0..)
        .map(|(variable, position)| eggs::EggVariable {
            id: EggVariableId::new_v4(),
            egg_id: row.id,
            name: variable.name.clone(),
            description: Some(variable.description.clone()).filter(|text| !text.is_empty()),
            name_translations: json!({}),
            description_translations: json!({}),
            position,
            env_variable: variable.env_variable.clone(),
            default_value: Some(variable.default_value.clone()),
            user_viewable: variable.user_viewable,
            user_editable: variable.user_editable,
            secret: variable.secret,
            rules: variable.rules.clone(),
            created_at: now,
        })
        .collect();
    let (egg, rows) = (&row, &variables);
    write(app, "an egg", |tx| {
        async move {
            eggs::insert(tx, egg).await?;
            Ok(eggs::insert_variables(tx, rows).await?)
        }
        .scope_boxed()
    })
    .await;
    Egg {
        id: egg.id,
        nest,
        variables: variables
            .iter()
            .map(|variable| (variable.env_variable.clone(), variable.id))
            .collect(),
        startup: model
            .startup_commands
            .values()
            .next()
            .cloned()
            .must("a command"),
        image: model
            .docker_images
            .values()
            .next()
            .cloned()
            .must("an image"),
    }
}

fn column(value: &impl Serialize) -> Value {
    serde_json::to_value(value).must("a column of an egg")
}

/// A server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Id.
    pub id: ServerId,
    /// Where it is.
    pub node: Node,
    /// What it runs.
    pub egg: Egg,
    /// Its primary address.
    pub allocation: AllocationId,
    /// Whose it is.
    pub owner: UserId,
}

/// An installed server of `owner`, on a node of its own where nobody answers.
pub async fn server(app: &TestApp, owner: UserId) -> Server {
    let node = node(app).await;
    let allocations = allocations(app, node.id, 25_565..=25_569).await;
    let allocation = *allocations.first().must("an allocation");
    server_on(app, owner, &node, allocation).await
}

/// An installed server of `owner` on this node. The node's daemon is not told: a simulated one learns of it by a boot.
pub async fn server_on(
    app: &TestApp,
    owner: UserId,
    node: &Node,
    allocation: AllocationId,
) -> Server {
    let egg = egg(app).await;
    let now = app.now();
    let id = ServerId::new_v4();
    let new = servers::NewServer {
        id: id.uuid(),
        external_id: None,
        node_id: node.id.uuid(),
        allocation_id: Some(allocation.uuid()),
        owner_id: owner.uuid(),
        egg_id: egg.id.uuid(),
        name: format!("Server {}", number()),
        description: None,
        status: None,
        memory_mib: 1024,
        memory_overhead_mib: 0,
        swap_mib: 0,
        disk_mib: 2048,
        io_weight: None,
        cpu_percent: 100,
        pinned_cpus: Vec::new(),
        startup: egg.startup.clone(),
        image: egg.image.clone(),
        timezone: None,
        hugepages_passthrough_enabled: false,
        kvm_passthrough_enabled: false,
        allocation_limit: 5,
        database_limit: 5,
        backup_limit: 5,
        schedule_limit: 5,
        skip_egg_scripts: false,
        start_on_completion: false,
        created_at: now,
        backup_configuration_id: None,
    };
    let (new, node_id) = (&new, node.id);
    write(app, "a server", |tx| {
        async move {
            servers::insert(tx, new).await?;
            allocations::assign(tx, node_id, id, &[allocation], now).await?;
            servers::change_status(tx, id, None, None, Some(now)).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await;
    Server {
        id,
        node: node.clone(),
        egg,
        allocation,
        owner,
    }
}

/// Gives a user these permissions on a server.
pub async fn subuser(app: &TestApp, server: ServerId, user: UserId, permissions: &[&str]) {
    // A misspelt permission would make a test pass for the wrong reason.
    PermissionSet::<panel_domain::permission::ServerPermission>::from_keys(
        permissions.iter().copied(),
    )
    .must("permissions");
    let share = subusers::Subuser {
        server_id: server,
        user_id: user,
        permissions: permissions.iter().map(|key| (*key).to_owned()).collect(),
        ignored_files: Vec::new(),
        created_at: app.now(),
    };
    let share = &share;
    write(app, "a subuser", |tx| {
        async move {
            subusers::insert(tx, share).await?;
            tx.revoke(RevocationKind::Server, server.uuid());
            Ok(())
        }
        .scope_boxed()
    })
    .await;
}

/// Gives a server one more address of its node.
pub async fn assign(app: &TestApp, server: &Server, allocation: AllocationId) {
    let now = app.now();
    let (node, id) = (server.node.id, server.id);
    write(app, "an assignment", |tx| {
        async move {
            allocations::assign(tx, node, id, &[allocation], now).await?;
            tx.revoke(RevocationKind::Server, id.uuid());
            Ok(())
        }
        .scope_boxed()
    })
    .await;
}

/// Puts an installed server into a status such as `installing`, without what else belongs to it.
pub async fn set_status(app: &TestApp, server: &Server, status: Option<&str>) {
    let id = server.id;
    write(app, "a status", |tx| {
        async move {
            servers::change_status(tx, id, None, status, None).await?;
            tx.revoke(RevocationKind::Server, id.uuid());
            Ok(())
        }
        .scope_boxed()
    })
    .await;
}

/// Has the panel take a node's daemon for one of this flavour, until it asks.
pub async fn set_flavour(app: &TestApp, node: &Node, flavour: &str) {
    set_profile(app, node, flavour, "1.11.13").await;
}

/// Has the panel believe that a node runs this version of this daemon.
pub async fn set_profile(app: &TestApp, node: &Node, flavour: &str, version: &str) {
    let now = app.now();
    let seen = nodes::NodeSighting {
        flavour: flavour.to_owned(),
        version: version.to_owned(),
        capabilities: json!({}),
    };
    let (id, seen) = (node.id, &seen);
    write(app, "a flavour", |tx| {
        async move {
            nodes::record_seen(tx, id, Some(seen), now).await?;
            schedules::replan_node(tx, id, now);
            Ok(())
        }
        .scope_boxed()
    })
    .await;
}
