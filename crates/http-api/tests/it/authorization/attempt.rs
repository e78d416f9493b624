//! Trying an operation out as everybody who may not, and at last as somebody who may.

use std::collections::BTreeMap;

use panel_domain::actor::ApiKeyScope;
use panel_domain::backup::{BackupDisk, KopiaStore, PbsStore, ResticStore, Stores};
use panel_domain::permission::{
    AdminPermission, Permission, PermissionSet, ServerPermission, UserPermission,
};
use panel_testkit::factory::{self, Node};
use panel_testkit::{Answer, Client, Method, S3Server, Sim, TestApp};
use serde_json::{Value, json};
use wings_sim::Dialect;

use super::objects::Objects;
use super::row::{Needs, Row, State};
use super::rows;

/// A panel with a node that answers, and people who may everything or nothing.
pub(crate) struct World {
    app: TestApp,
    sim: Sim,
    /// One whose servers' schedules the panel runs.
    old_sim: Sim,
    /// One of the newest kind, which can do everything with files and has a question for its backups.
    newest_sim: Sim,
    s3: S3Server,
    root: Client,
    nobody: Client,
    other_node: Node,
}

/// What somebody must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Success,
    Unauthenticated,
    Denied,
    NotFound,
}

impl Expected {
    fn is(self, answer: &Answer) -> bool {
        match self {
            Self::Success => answer.is_success(),
            Self::Unauthenticated => answer.status == 401,
            Self::Denied => answer.status == 403 && answer.json["code"] == "permission_denied",
            Self::NotFound => answer.status == 404,
        }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        // What a node said a moment ago is shared for a while; in Redis it can be forgotten.
        let app = TestApp::builder()
            .local_cache(false)
            .ssh_key_site(&rows::ssh_key_site())
            .start()
            .await;
        let (sim, old_sim) = (app.sim().await, app.sim().await);
        factory::set_flavour(&app, old_sim.node(), "pterodactyl").await;
        let newest_sim = Sim::start_with(&app, |options| {
            *options = options.clone().speaking(Dialect::CalagopusNext);
            options.refuse_private_pulls = false;
        })
        .await;
        factory::set_profile(
            &app,
            newest_sim.node(),
            "calagopus",
            newest_sim.dialect().version(),
        )
        .await;
        Self {
            root: app.admin().await,
            nobody: app.user("nobody").await,
            other_node: factory::node(&app).await,
            sim,
            old_sim,
            newest_sim,
            s3: S3Server::start().await,
            app,
        }
    }

    /// Tries an operation out with everybody, each time about new objects where something could change.
    ///
    /// # Errors
    /// What somebody was answered who must be answered something else.
    pub(crate) async fn try_out(&self, row: &Row) -> Result<(), String> {
        if matches!(row.needs, Needs::FirstRun) {
            return first_run(row).await;
        }
        let objects = self.prepare(row).await;
        let attempt = Attempt {
            row,
            objects: &objects,
        };
        let anonymous = self.app.anonymous();
        if matches!(row.needs, Needs::Nothing) {
            return attempt.by("anybody", &anonymous, Expected::Success).await;
        }
        attempt
            .by("nobody", &anonymous, Expected::Unauthenticated)
            .await?;
        match row.needs {
            Needs::Nothing | Needs::FirstRun => unreachable!(),
            Needs::SignIn => {
                let person = &objects.browser;
                attempt.by("somebody", person, Expected::Success).await
            }
            Needs::Account(needed) => self.account(&attempt, needed).await,
            Needs::Admin(needed) => self.admin(&attempt, needed).await,
            Needs::SeeServer => {
                let stranger = &self.nobody;
                attempt
                    .by("a stranger", stranger, Expected::NotFound)
                    .await?;
                let subuser = self.app.sign_in(&objects.subuser).await;
                attempt.by("a subuser", &subuser, Expected::Success).await
            }
            Needs::Server(needed) => self.server(&attempt, &[needed]).await,
            Needs::ServerAll(needed) => self.server(&attempt, needed).await,
            Needs::Node => self.node(&attempt).await,
        }
    }

    /// New objects for an operation, in the state that it needs.
    pub(crate) async fn prepare(&self, row: &Row) -> Objects {
        let sim = if row.operation.contains("/schedules") {
            &self.old_sim
        } else if row.operation.contains("/files/") || row.state == State::NewestNode {
            &self.newest_sim
        } else {
            &self.sim
        };
        let mut objects = Objects::make(&self.app, sim).await;
        match row.state {
            State::AuthenticatorKnown => objects.know_authenticator(&self.app).await,
            State::SecondFactor => objects.turn_on_second_factor(&self.app).await,
            _ => {}
        }
        self.bring_about(sim, row.state, &objects).await;
        objects
    }

    pub(crate) fn app(&self) -> &TestApp {
        &self.app
    }

    pub(crate) fn sim(&self) -> &Sim {
        &self.sim
    }

    pub(crate) fn root(&self) -> &Client {
        &self.root
    }

    /// Asks for an operation once, without a key, whose claim would be a round trip more.
    pub(crate) async fn send(&self, client: &Client, row: &Row, objects: &Objects) -> Answer {
        let method: Method = row.method().parse().unwrap();
        let request = client.request(method, &row.path_to(objects));
        request.json(row.body_for(objects)).send().await
    }

    async fn account(&self, attempt: &Attempt<'_>, needed: &str) -> Result<(), String> {
        let person = &attempt.objects.browser;
        let (only, others) = split::<UserPermission>(&[needed]);
        let scope = |user| ApiKeyScope {
            user,
            ..ApiKeyScope::ALL
        };
        let without = self.app.api_key(person, scope(others)).await;
        attempt
            .by("a key without the permission", &without, Expected::Denied)
            .await?;
        if attempt.row.names_an_object() {
            attempt
                .by("a stranger", &self.nobody, Expected::NotFound)
                .await?;
        }
        let with = ApiKeyScope {
            user: only,
            admin: PermissionSet::EMPTY,
            server: PermissionSet::EMPTY,
        };
        let with = self.app.api_key(person, with).await;
        attempt
            .by("a key with the permission", &with, Expected::Success)
            .await
    }

    async fn admin(&self, attempt: &Attempt<'_>, needed: &[&str]) -> Result<(), String> {
        attempt
            .by("an ordinary user", &self.nobody, Expected::Denied)
            .await?;
        for permission in needed {
            let (_, others) = split::<AdminPermission>(&[permission]);
            let scope = ApiKeyScope {
                admin: others,
                ..ApiKeyScope::ALL
            };
            let without = self.app.api_key(&self.root, scope).await;
            let who = format!("root's key without {permission}");
            attempt.by(&who, &without, Expected::Denied).await?;
        }
        let holder = self.app.holder(needed, &[]).await;
        if attempt.row.names_an_object() {
            attempt
                .by_on_nothing("a holder, of nothing", &holder)
                .await?;
        }
        attempt.by("a holder", &holder, Expected::Success).await
    }

    async fn server(&self, attempt: &Attempt<'_>, needed: &[&str]) -> Result<(), String> {
        attempt
            .by("a stranger", &self.nobody, Expected::NotFound)
            .await?;
        for permission in needed {
            let (_, others) = split::<ServerPermission>(&[permission]);
            let without = self.share(attempt, others).await;
            let who = format!("a subuser without {permission}");
            attempt.by(&who, &without, Expected::Denied).await?;
        }
        let (only, _) = split::<ServerPermission>(needed);
        let with = self.share(attempt, only).await;
        attempt
            .by("a subuser with the permission", &with, Expected::Success)
            .await
    }

    async fn share(
        &self,
        attempt: &Attempt<'_>,
        permissions: PermissionSet<ServerPermission>,
    ) -> Client {
        let user = self.app.holder(&[], &[]).await;
        let server = attempt.objects.server.id;
        factory::subuser(&self.app, server, user.user_id(), &permissions.keys()).await;
        user
    }

    async fn node(&self, attempt: &Attempt<'_>) -> Result<(), String> {
        attempt
            .by("a user", &self.root, Expected::Unauthenticated)
            .await?;
        let program = self.app.api_key(&self.root, ApiKeyScope::ALL).await;
        attempt
            .by("a user's key", &program, Expected::Unauthenticated)
            .await?;
        if attempt.row.names_something_of_a_node() {
            let other = self.app.node_client(&self.other_node);
            attempt
                .by("another node", &other, Expected::NotFound)
                .await?;
        }
        let daemon = self.app.node_client(self.sim.node());
        attempt.by("the node", &daemon, Expected::Success).await
    }

    /// Has both nodes run the same, as far as the panel knows.
    async fn make_alike(&self, sim: &Sim, objects: &Objects) {
        for node in [sim.node(), &objects.node] {
            factory::set_profile(&self.app, node, "calagopus", sim.dialect().version()).await;
        }
    }

    async fn bring_about(&self, sim: &Sim, state: State, objects: &Objects) {
        let server = objects.server.id.uuid();
        let path = |action: &str| format!("/api/client/servers/{server}{action}");
        match state {
            State::AsMade | State::AuthenticatorKnown | State::SecondFactor => {}
            State::OnNode => self.boot(sim).await,
            State::WithFiles => {
                self.boot(sim).await;
                for (file, content) in [
                    ("a.txt", "a"),
                    ("twice.txt", "before"),
                    ("twice.txt", "after"),
                    ("a.db", "SQLite format 3\0"),
                ] {
                    let write = path(&format!("/files/write?file={file}"));
                    let write = self.root.request(Method::POST, &write);
                    write.body(content, "text/plain").send().await.ok();
                }
                let pack = json!({
                    "files": ["a.txt"], "name": "packed", "format": "tar_gz", "foreground": true,
                });
                self.root.post(&path("/files/compress"), pack).await.ok();
            }
            State::Running => {
                self.boot(sim).await;
                let start = json!({ "action": "start" });
                self.root.post(&path("/power"), start).await.ok();
                let starting = "the server to start";
                panel_testkit::eventually(starting, async || sim.advance(server).await).await;
            }
            State::Reinstalled => {
                self.boot(sim).await;
                let install = json!({ "truncate_directory": false });
                self.root
                    .post(&path("/settings/install"), install)
                    .await
                    .ok();
                self.app.run_jobs().await;
                sim.finish_install(server, true).await.unwrap();
                panel_testkit::eventually("the end of the installation", async || {
                    let seen = self.root.get(&path("")).await.ok();
                    seen["server"]["status"].is_null()
                })
                .await;
            }
            State::Scheduled(action) => {
                let action = serde_json::from_str(action).unwrap();
                let (server, owner) = (objects.server.id, objects.owner.id);
                factory::schedule(&self.app, server, owner, "0 4 * * *", &[action]).await;
            }
            State::NewestNode => {
                self.boot(sim).await;
                sim.keep_backup(objects.backup.uuid(), objects.server.id.uuid());
            }
            State::InBucket => {
                self.keep_at(objects, BackupDisk::S3, &self.s3.stores())
                    .await;
                self.change_backup(
                    objects,
                    "state = 'creating', completed_at = NULL, checksum = NULL",
                )
                .await;
            }
            State::InRestic => {
                let stores = Stores {
                    restic: Some(ResticStore {
                        repository: "rest:https://restic.example.com/".to_owned(),
                        retry_lock_seconds: 60,
                        environment: BTreeMap::default(),
                        prune_jobs: Vec::new(),
                    }),
                    ..Stores::default()
                };
                self.keep_at(objects, BackupDisk::Restic, &stores).await;
            }
            State::InPbs => {
                let stores = Stores {
                    pbs: Some(PbsStore {
                        url: "https://pbs.example.com:8007".to_owned(),
                        datastore: "backups".to_owned(),
                        namespace: None,
                        token_id: "panel@pbs!roost".to_owned(),
                        token_secret: "secret".to_owned(),
                        fingerprint: None,
                        backup_id_prefix: None,
                    }),
                    ..Stores::default()
                };
                let disk = BackupDisk::ProxmoxBackupServer;
                self.keep_at(objects, disk, &stores).await;
            }
            State::InKopia => {
                let stores = Stores {
                    kopia: Some(KopiaStore {
                        url: "https://kopia.example.com".to_owned(),
                        username: "panel@roost".to_owned(),
                        password: "secret".to_owned(),
                        fingerprint: None,
                        tags: BTreeMap::default(),
                    }),
                    ..Stores::default()
                };
                self.keep_at(objects, BackupDisk::Kopia, &stores).await;
            }
            State::Deleting => self.change_backup(objects, "deleting_at = now()").await,
            State::Movable => self.make_alike(sim, objects).await,
            State::Moving => {
                self.make_alike(sim, objects).await;
                let transfer = format!("/api/admin/servers/{server}/transfer");
                let order = super::rows::transfer_order(objects);
                self.root.post(&transfer, order).await.expect_status(202);
            }
            State::Arriving => {
                let (from, to) = (objects.node.id, objects.server.node.id);
                let database = self.app.database().connect().await;
                let statements = format!(
                    "UPDATE server_allocations SET destination = true WHERE server_id = '{server}'; \
                     UPDATE servers SET node_id = '{from}', destination_node_id = '{to}', \
                      destination_allocation_id = allocation_id, allocation_id = NULL WHERE id = '{server}'; \
                     INSERT INTO operations (id, kind, state, server_id, node_id, destination_node_id, called_at, \
                      deadline_at, details, created_at) \
                     VALUES (gen_random_uuid(), 'transfer', 'running', '{server}', '{from}', '{to}', now(), \
                      now() + interval '1 day', '{{\"backups\": []}}', now())"
                );
                database.batch_execute(&statements).await.unwrap();
            }
            State::Status(status) => {
                factory::set_status(&self.app, &objects.server, Some(status)).await;
            }
        }
    }

    /// Has the panel believe that the backup is kept there.
    async fn keep_at(&self, objects: &Objects, disk: BackupDisk, stores: &Stores) {
        let place = factory::backup_configuration(&self.app, disk, stores).await;
        let change = format!("disk = '{disk}', backup_configuration_id = '{place}', shared = true");
        self.change_backup(objects, &change).await;
    }

    async fn change_backup(&self, objects: &Objects, change: &str) {
        let database = self.app.database().connect().await;
        let statement = format!(
            "UPDATE backups SET {change} WHERE id = '{}'",
            objects.backup
        );
        database.execute(&statement, &[]).await.unwrap();
    }

    /// Has the daemon learn of the servers there are.
    async fn boot(&self, sim: &Sim) {
        sim.restart().await.unwrap();
        self.app.redis().flush().await;
    }
}

/// The permissions of these keys, and all others.
fn split<P: Permission>(keys: &[&str]) -> (PermissionSet<P>, PermissionSet<P>) {
    let these = PermissionSet::from_keys(keys).unwrap();
    (these, PermissionSet::ALL.without(these))
}

async fn first_run(row: &Row) -> Result<(), String> {
    let app = TestApp::builder().fresh().start().await;
    let token = panel_service::auth::setup::token(app.service()).await;
    let token = token.unwrap().unwrap().into_exposed();
    let body = json!({
        "setup_token": token, "username": "first", "email": "first@example.com",
        "name_first": "First", "name_last": "Admin", "password": "correct horse battery",
    });
    judge(
        row,
        "anybody",
        Expected::Success,
        send(&app.anonymous(), row, row.template(), body).await,
    )
}

struct Attempt<'a> {
    row: &'a Row,
    objects: &'a Objects,
}

impl Attempt<'_> {
    async fn by(&self, who: &str, client: &Client, expected: Expected) -> Result<(), String> {
        let path = self.row.path_to(self.objects);
        let body = self.row.body_for(self.objects);
        let answer = send(client, self.row, &path, body.clone()).await;
        if expected == Expected::Success && answer.is_success() && self.row.takes_keys() {
            let again = send(client, self.row, &path, body).await;
            return repeated(self.row, &answer, &again);
        }
        judge(self.row, who, expected, answer)
    }

    async fn by_on_nothing(&self, who: &str, client: &Client) -> Result<(), String> {
        let body = self.row.body_for(self.objects);
        let answer = send(client, self.row, &self.row.path_to_nothing(), body).await;
        judge(self.row, who, Expected::NotFound, answer)
    }
}

async fn send(client: &Client, row: &Row, path: &str, body: Value) -> Answer {
    let method: Method = row.method().parse().unwrap();
    let request = client.request(method.clone(), path);
    if method == Method::GET {
        request.send().await
    } else {
        // The same for every attempt: whoever was refused has not used it up.
        let request = request.header("idempotency-key", row.template());
        request.json(body).send().await
    }
}

/// What the same request with the same key must be answered.
fn repeated(row: &Row, first: &Answer, again: &Answer) -> Result<(), String> {
    let same = again.status == first.status
        && again.body == first.body
        && again.header("idempotency-replayed") == Some("true");
    if same || (row.ends_the_session() && again.status == 401) {
        Ok(())
    } else {
        Err(format!(
            "{}: sent again with the same key, {} instead of {}",
            row.operation,
            again.describe(),
            first.describe()
        ))
    }
}

fn judge(row: &Row, who: &str, expected: Expected, answer: Answer) -> Result<(), String> {
    if expected.is(&answer) {
        Ok(())
    } else {
        Err(format!(
            "{}: {who} must get {expected:?}, but {}",
            row.operation,
            answer.describe()
        ))
    }
}
