//! What requests are about: one object of each kind, made for each row.

use std::sync::atomic::{AtomicU16, Ordering};

use panel_domain::actor::ApiKeyScope;
use panel_domain::backup::{BackupDisk, Stores};
use panel_domain::id::{
    AllocationId, ApiKeyId, BackupConfigurationId, BackupGroupId, BackupId, CommandSnippetId,
    LocationId, MountId, NestId, RoleId, ServerGroupId, SessionId, SshKeyId, SystemBackupPolicyId,
};
use panel_domain::permission::PermissionSet;
use panel_service::mounts::Holder;
use panel_service::system_backup_policies::Covered;
use panel_testkit::factory::{self, Egg, Node, Schedule, Server, User};
use panel_testkit::{Authenticator, Client, PASSWORD, Sim, TestApp};
use serde_json::json;

/// An object of each kind. What can be deleted is not in use by another.
pub(crate) struct Objects {
    /// Owns the server.
    pub(crate) owner: User,
    /// On the simulated node.
    pub(crate) server: Server,
    /// A second address of the server.
    pub(crate) second_address: AllocationId,
    /// An address of the server's node that nobody has.
    pub(crate) free_address: AllocationId,
    /// Of the server, by its owner, with a step that needs no permission.
    pub(crate) schedule: Schedule,
    /// Of the server, kept on its node as far as the panel knows.
    pub(crate) backup: BackupId,
    /// Of the server, being made.
    pub(crate) unfinished_backup: BackupId,
    /// Of the server.
    pub(crate) backup_group: BackupGroupId,
    /// Without backups.
    pub(crate) backup_configuration: BackupConfigurationId,
    /// Covers the server, and the location and the node without servers.
    pub(crate) policy: SystemBackupPolicyId,
    /// Covers nothing.
    pub(crate) bare_policy: SystemBackupPolicyId,
    /// Has a share of the server that allows nothing.
    pub(crate) subuser: User,
    /// Has nothing to do with the server.
    pub(crate) person: User,
    /// What another system calls the person.
    pub(crate) external_person: String,
    /// What another system calls the server.
    pub(crate) external_server: String,
    /// The person, signed in.
    pub(crate) browser: Client,
    /// The person's session.
    pub(crate) session: SessionId,
    /// A key of the person that allows nothing.
    pub(crate) api_key: ApiKeyId,
    /// How that key begins.
    pub(crate) key_start: String,
    /// A public key of the person.
    pub(crate) ssh_key: SshKeyId,
    /// A command that the person keeps.
    pub(crate) command_snippet: CommandSnippetId,
    /// A group of the person's servers.
    pub(crate) server_group: ServerGroupId,
    /// What the person's second factor is turned on or off with, where the state has one.
    pub(crate) code: String,
    /// What a sign-in of the person that waits for the second factor has, where the state has one.
    pub(crate) confirmation_token: String,
    /// A role that allows nothing.
    pub(crate) role: RoleId,
    /// A location without nodes.
    pub(crate) location: LocationId,
    /// A node without servers.
    pub(crate) node: Node,
    /// Its only address.
    pub(crate) address: AllocationId,
    /// A nest without eggs.
    pub(crate) nest: NestId,
    /// An egg without servers.
    pub(crate) egg: Egg,
    /// A mount of the node without servers and the egg without servers.
    pub(crate) mount: MountId,
    /// One that the server may have, and has not.
    pub(crate) offered_mount: MountId,
    /// One that the server has.
    pub(crate) held_mount: MountId,
}

impl Objects {
    pub(crate) async fn make(app: &TestApp, sim: &Sim) -> Self {
        static PORT: AtomicU16 = AtomicU16::new(30_000);
        static PEOPLE: AtomicU16 = AtomicU16::new(0);
        let people = PEOPLE.fetch_add(1, Ordering::Relaxed);
        let owner = factory::user(app, &format!("owner_{people}")).await;
        let subuser = factory::user(app, &format!("subuser_{people}")).await;
        let person = factory::user(app, &format!("person_{people}")).await;
        let port = PORT.fetch_add(3, Ordering::Relaxed);
        let addresses = factory::allocations(app, sim.node().id, port..=port + 2).await;
        let server = factory::server_on(app, owner.id, sim.node(), addresses[0]).await;
        factory::assign(app, &server, addresses[1]).await;
        factory::subuser(app, server.id, subuser.id, &[]).await;
        let sleep = json!({ "type": "sleep", "duration": 1000 });
        let schedule = factory::schedule(app, server.id, owner.id, "0 4 * * *", &[sleep]).await;
        let browser = app.sign_in(&person).await;
        let scope = ApiKeyScope {
            user: PermissionSet::EMPTY,
            admin: PermissionSet::EMPTY,
            server: PermissionSet::EMPTY,
        };
        let (api_key, key) = factory::api_key(app, person.id, scope).await;
        let node = factory::node(app).await;
        let egg = factory::egg(app).await;
        let source = |what: &str| format!("/srv/{what}-{people}");
        let apart = [Holder::Node(node.id), Holder::Egg(egg.id)];
        let mount = factory::mount(app, &source("apart"), true, &apart).await;
        let there = [Holder::Node(server.node.id), Holder::Egg(server.egg.id)];
        let offered_mount = factory::mount(app, &source("offered"), true, &there).await;
        let held_mount = factory::mount(app, &source("held"), true, &there).await;
        factory::mounted(app, &server, held_mount).await;
        let address = factory::allocations(app, node.id, 25_565..=25_565).await[0];
        let external_person = format!("person-{people}");
        let external_server = format!("server-{people}");
        let database = app.database().connect().await;
        let call = async |statement: &str, name: &str, id: String| {
            database.execute(statement, &[&name, &id]).await.unwrap();
        };
        let users = "UPDATE users SET external_id = $1 WHERE id::text = $2";
        call(users, &external_person, person.id.to_string()).await;
        let servers = "UPDATE servers SET external_id = $1 WHERE id::text = $2";
        call(servers, &external_server, server.id.to_string()).await;
        let location = factory::location(app).await;
        let covered = [
            Covered::Location(location),
            Covered::Node(node.id),
            Covered::Server(server.id),
        ];
        Self {
            policy: factory::system_backup_policy(app, &covered).await,
            bare_policy: factory::system_backup_policy(app, &[]).await,
            backup: factory::backup(app, &server).await,
            unfinished_backup: factory::unfinished_backup(app, &server, BackupDisk::Local, None)
                .await,
            backup_group: factory::backup_group(app, &server).await,
            backup_configuration: factory::backup_configuration(
                app,
                BackupDisk::Local,
                &Stores::default(),
            )
            .await,
            external_person,
            external_server,
            session: session_of(app, &person).await,
            key_start: key.start().to_owned(),
            ssh_key: factory::ssh_key(app, person.id).await,
            command_snippet: factory::command_snippet(app, person.id).await,
            server_group: factory::server_group(app, person.id).await,
            code: String::new(),
            confirmation_token: String::new(),
            role: factory::role(app, &[], &[]).await,
            location,
            nest: factory::nest(app).await,
            egg,
            mount,
            offered_mount,
            held_mount,
            second_address: addresses[1],
            free_address: addresses[2],
            owner,
            server,
            schedule,
            subuser,
            person,
            browser,
            api_key,
            node,
            address,
        }
    }

    /// Tells an authenticator the secret of the person's account.
    pub(crate) async fn know_authenticator(&mut self, app: &TestApp) {
        let authenticator = Authenticator::set_up(&self.browser).await;
        self.code = authenticator.code(app.now());
    }

    /// Turns the person's second factor on, and has a sign-in of theirs wait for it.
    pub(crate) async fn turn_on_second_factor(&mut self, app: &TestApp) {
        let (_, mut codes) = Authenticator::enabled(&self.browser, app.now()).await;
        self.code = codes.pop().unwrap();
        let login = json!({ "user": self.person.username, "password": PASSWORD });
        let answer = app.anonymous().post("/api/auth/login", login).await;
        let token = answer.ok()["token"].take();
        self.confirmation_token = token.as_str().unwrap().to_owned();
    }

    /// The id of the object that a parameter of this name stands for in this path.
    pub(crate) fn named(&self, name: &str, path: &str) -> String {
        match name {
            "server" => self.server.id.to_string(),
            "allocation" if path.contains("{server}") => self.second_address.to_string(),
            "allocation" => self.address.to_string(),
            "subuser" => self.subuser.id.to_string(),
            "user" => self.person.id.to_string(),
            "role" => self.role.to_string(),
            "location" => self.location.to_string(),
            "node" => self.node.id.to_string(),
            "nest" => self.egg.nest.to_string(),
            "egg" => self.egg.id.to_string(),
            "variable" => self.egg.variables[0].1.to_string(),
            "api_key" => self.api_key.to_string(),
            "identifier" => self.key_start.clone(),
            "command_snippet" => self.command_snippet.to_string(),
            "ssh_key" => self.ssh_key.to_string(),
            "server_group" => self.server_group.to_string(),
            "session" => self.session.to_string(),
            "backup" => self.backup.to_string(),
            "backup_group" => self.backup_group.to_string(),
            "backup_configuration" => self.backup_configuration.to_string(),
            "system_backup_policy" => self.policy.to_string(),
            "schedule" => self.schedule.id.to_string(),
            "mount" if path.contains("{server}") => self.held_mount.to_string(),
            "mount" => self.mount.to_string(),
            "step" => self.schedule.steps[0].to_string(),
            _ => panic!(
                "no object is called {name}, as in {path}: see tests/it/authorization/objects.rs"
            ),
        }
    }
}

async fn session_of(app: &TestApp, user: &User) -> SessionId {
    let client = app.database().connect().await;
    let statement = "SELECT id::text FROM sessions WHERE user_id::text = $1";
    let row = client.query_one(statement, &[&user.id.to_string()]).await;
    row.unwrap().get::<_, String>(0).parse().unwrap()
}
