//! The steps.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::Outcome;
use crate::client::Client;

use super::Plan;
use super::console::Console;
use super::egg::egg;

/// Between two looks at what a daemon is doing.
const LOOK: Duration = Duration::from_millis(250);
/// Addresses of the two nodes: different ones, because both may be on this machine.
const GAME_PORTS: [u16; 2] = [25_565, 25_566];
const OWNER: &str = "owner";
const KEPT: &str = "kept.txt";

/// A step, in the order of the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Create,
    Install,
    Start,
    Console,
    WriteFile,
    ReadFile,
    ListFiles,
    RenameFile,
    DeleteFile,
    Backup,
    Stop,
    Restore,
    Reinstall,
    Transfer,
    Suspend,
    Delete,
}

impl Step {
    pub(super) const ALL: [Self; 16] = [
        Self::Create,
        Self::Install,
        Self::Start,
        Self::Console,
        Self::WriteFile,
        Self::ReadFile,
        Self::ListFiles,
        Self::RenameFile,
        Self::DeleteFile,
        Self::Backup,
        Self::Stop,
        Self::Restore,
        Self::Reinstall,
        Self::Transfer,
        Self::Suspend,
        Self::Delete,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Install => "install",
            Self::Start => "start",
            Self::Console => "console",
            Self::WriteFile => "write a file",
            Self::ReadFile => "read a file",
            Self::ListFiles => "list files",
            Self::RenameFile => "rename a file",
            Self::DeleteFile => "delete a file",
            Self::Backup => "backup",
            Self::Stop => "stop",
            Self::Restore => "restore",
            Self::Reinstall => "reinstall",
            Self::Transfer => "transfer",
            Self::Suspend => "suspend",
            Self::Delete => "delete",
        }
    }

    /// Whether nothing can be shown without it.
    pub(super) const fn is_needed(self) -> bool {
        matches!(self, Self::Create | Self::Install)
    }
}

/// The server on its way.
#[derive(Debug)]
pub(crate) struct Life<'a> {
    plan: &'a Plan,
    admin: Client,
    /// No administrator: those may do more with a suspended server.
    owner: Client,
    owner_id: String,
    egg: Value,
    /// One of each node.
    allocations: [String; 2],
    /// Empty until it is made.
    server: String,
    backup: Option<String>,
    /// What is waited for, for when it does not come.
    waiting: String,
}

impl<'a> Life<'a> {
    /// Signs in and makes what a server needs.
    pub(crate) async fn prepare(plan: &'a Plan, admin: Client) -> Outcome<Self> {
        admin.sign_in(&plan.username, &plan.password).await?;
        // One account looks several times a second.
        let limit = json!({ "client": { "hits": 1_000_000, "window_seconds": 60 } });
        admin
            .put("/api/admin/settings", &json!({ "ratelimits": limit }))
            .await?;
        let account = json!({
            "external_id": null, "role_uuid": null, "username": OWNER, "email": format!("{OWNER}@example.com"),
            "name_first": "Given", "name_last": "Family", "password": plan.password, "admin": false, "language": "en",
        });
        let account = admin.post("/api/admin/users", &account).await?;
        let owner = admin.stranger();
        owner.sign_in(OWNER, &plan.password).await?;
        let nest = json!({ "name": "Walks", "author": "walk@roost.invalid" });
        let nest = admin.post("/api/admin/nests", &nest).await?;
        let import = format!("/api/admin/nests/{}/eggs/import", uuid(&nest["nest"])?);
        let mut imported = admin.post(&import, &egg(&plan.image)).await?;
        let [first, second] = &plan.nodes;
        Ok(Self {
            owner,
            owner_id: uuid(&account["user"])?,
            egg: imported["egg"].take(),
            allocations: [
                allocation(&admin, first, GAME_PORTS[0]).await?,
                allocation(&admin, second, GAME_PORTS[1]).await?,
            ],
            server: String::new(),
            backup: None,
            waiting: String::new(),
            plan,
            admin,
        })
    }

    /// For the end of a sentence about a step that took too long.
    pub(super) fn waiting_for(&self) -> String {
        if self.waiting.is_empty() {
            String::new()
        } else {
            format!("; {}", self.waiting)
        }
    }

    pub(crate) async fn take(&mut self, step: Step) -> Outcome {
        self.waiting.clear();
        match step {
            Step::Create => self.create().await,
            Step::Install => self.ready().await,
            Step::Start => self.power("start", "running").await,
            Step::Console => self.console().await,
            Step::WriteFile => {
                self.write("written.txt", "written by the walk\n").await?;
                self.write(KEPT, "before\n").await
            }
            Step::ReadFile => self.expect("written.txt", "written by the walk\n").await,
            Step::ListFiles => self.listed("written.txt", true).await,
            Step::RenameFile => self.rename().await,
            Step::DeleteFile => self.delete_file().await,
            Step::Backup => self.back_up().await,
            Step::Stop => self.power("stop", "offline").await,
            Step::Restore => self.restore().await,
            Step::Reinstall => self.reinstall().await,
            Step::Transfer => self.transfer().await,
            Step::Suspend => self.suspend().await,
            Step::Delete => self.delete().await,
        }
    }

    async fn create(&mut self) -> Outcome {
        let body = json!({
            "name": "Walk", "owner_uuid": self.owner_id, "node_uuid": self.plan.nodes[0], "egg_uuid": self.egg["uuid"],
            "allocation_uuid": self.allocations[0], "allocation_uuids": [],
            "start_on_completion": false, "skip_installer": false,
            "startup": "sh walk.sh", "image": self.plan.image,
            "limits": { "cpu": 100, "memory": 128, "memory_overhead": 0, "swap": 0, "disk": 256, "io_weight": 500 },
            "feature_limits": { "allocations": 1, "databases": 0, "backups": 1, "schedules": 0 },
            "pinned_cpus": [], "hugepages_passthrough_enabled": false, "kvm_passthrough_enabled": false,
            "variables": [],
        });
        let made = self.admin.post("/api/admin/servers", &body).await?;
        self.server = uuid(&made["server"])?;
        Ok(())
    }

    async fn console(&mut self) -> Outcome {
        let access = self.owner.get(&self.client("/websocket")).await?;
        let mut console = Console::open(
            text(&access, "url")?,
            text(&access, "token")?,
            &self.plan.panel,
        )
        .await?;
        "the server does not answer in its console".clone_into(&mut self.waiting);
        console.talk("walked").await
    }

    async fn rename(&mut self) -> Outcome {
        let body =
            json!({ "root": "/", "files": [{ "from": "written.txt", "to": "renamed.txt" }] });
        self.owner.put(&self.client("/files/rename"), &body).await?;
        self.expect("renamed.txt", "written by the walk\n").await?;
        self.listed("written.txt", false).await
    }

    async fn delete_file(&mut self) -> Outcome {
        let body = json!({ "root": "/", "files": ["renamed.txt"] });
        self.owner
            .post(&self.client("/files/delete"), &body)
            .await?;
        self.listed("renamed.txt", false).await
    }

    async fn back_up(&mut self) -> Outcome {
        let body = json!({ "name": "Walk", "ignored_files": [] });
        let made = self.owner.post(&self.client("/backups"), &body).await?;
        let backup = uuid(&made["backup"])?;
        let path = self.client(&format!("/backups/{backup}"));
        loop {
            let found = self.owner.get(&path).await?;
            let found = &found["backup"];
            match found["state"].as_str() {
                Some("successful") => break,
                Some("failed") => return Err(format!("it failed: {}", found["error"]).into()),
                _ => {
                    self.look_again(&format!("the backup is {}", found["state"]))
                        .await
                }
            }
        }
        self.backup = Some(backup);
        Ok(())
    }

    async fn restore(&mut self) -> Outcome {
        let backup = self.backup.clone().ok_or("there is no backup")?;
        self.write(KEPT, "after\n").await?;
        let path = self.client(&format!("/backups/{backup}/restore"));
        let body = json!({ "truncate_directory": false });
        self.owner.post(&path, &body).await?;
        self.ready().await?;
        self.expect(KEPT, "before\n").await
    }

    async fn reinstall(&mut self) -> Outcome {
        let body = json!({ "truncate_directory": false });
        self.owner
            .post(&self.client("/settings/install"), &body)
            .await?;
        self.ready().await?;
        self.listed(KEPT, true).await
    }

    async fn transfer(&mut self) -> Outcome {
        let [from, to] = &self.plan.nodes;
        let body = json!({
            "node_uuid": to, "allocation_uuid": self.allocations[1], "allocation_uuids": [],
            "backups": [], "delete_source_backups": false, "archive_format": "tar_gz",
            "compression_level": null, "multiplex_channels": 0,
        });
        self.admin.post(&self.admin("/transfer"), &body).await?;
        loop {
            let found = self.seen().await?;
            let on_its_way = found["is_transferring"].as_bool().unwrap_or_default();
            match found["node"]["uuid"].as_str() {
                Some(node) if node == to && !on_its_way => break,
                Some(node) if node == from && !on_its_way => {
                    return Err("it stayed where it was".into());
                }
                _ => self.look_again("the server is on its way").await,
            }
        }
        self.listed(KEPT, true).await?;
        // It must live there, not only lie there.
        self.power("start", "running").await?;
        self.power("stop", "offline").await
    }

    async fn suspend(&mut self) -> Outcome {
        self.power("start", "running").await?;
        let body = json!({ "suspended": true });
        let path = self.admin("");
        let answer = self.admin.send(Method::PATCH, &path, Some(&body), &[]);
        answer.await?.ok()?;
        if self.seen().await?["is_suspended"] != true {
            return Err("the panel does not say that it is suspended".into());
        }
        // The owner may not look any more.
        self.comes_to(&self.admin.clone(), "offline").await?;
        let start = json!({ "action": "start" });
        let path = self.client("/power");
        let answer = self.owner.send(Method::POST, &path, Some(&start), &[]);
        match answer.await?.status {
            409 => Ok(()),
            status => Err(format!("its owner's start was answered {status}, not 409").into()),
        }
    }

    async fn delete(&mut self) -> Outcome {
        let body = json!({ "force": false, "delete_backups": true });
        let path = self.admin("");
        let answer = self.admin.send(Method::DELETE, &path, Some(&body), &[]);
        answer.await?.ok()?;
        loop {
            let answer = self.admin.send(Method::GET, &path, None, &[]).await?;
            match answer.status {
                404 => return Ok(()),
                200 => self.look_again("the server is still there").await,
                status => return Err(format!("answered {status}: {}", answer.body).into()),
            }
        }
    }

    /// Waits until the server is busy with nothing.
    async fn ready(&mut self) -> Outcome {
        loop {
            let found = self.seen().await?;
            match found["status"].as_str() {
                None => return Ok(()),
                Some(status) if status.ends_with("failed") => {
                    return Err(self.failure(status).await);
                }
                Some(status) => self.look_again(&format!("the server is {status}")).await,
            }
        }
    }

    /// Why the daemon could not, with the end of what the installer said.
    async fn failure(&self, status: &str) -> Box<dyn std::error::Error + Send + Sync> {
        let mut why = format!("the server is {status}");
        if let Ok(log) = self.admin.read_text(&self.admin("/logs/install")).await {
            let lines: Vec<&str> = log.lines().collect();
            for line in &lines[lines.len().saturating_sub(5)..] {
                why.push_str("\n    ");
                why.push_str(line);
            }
        }
        why.into()
    }

    async fn power(&mut self, action: &str, state: &str) -> Outcome {
        let body = json!({ "action": action });
        self.owner.post(&self.client("/power"), &body).await?;
        self.comes_to(&self.owner.clone(), state).await
    }

    /// Waits until somebody sees the server in this state.
    async fn comes_to(&mut self, seen_by: &Client, state: &str) -> Outcome {
        loop {
            let found = seen_by.get(&self.client("/resources")).await?;
            let found = &found["resources"]["state"];
            if found == state {
                return Ok(());
            }
            self.look_again(&format!("the server is {found}")).await;
        }
    }

    async fn write(&self, file: &str, content: &str) -> Outcome {
        let path = self.client(&format!("/files/write?file=/{file}"));
        self.owner.write_text(&path, content).await
    }

    async fn expect(&self, file: &str, content: &str) -> Outcome {
        let path = self.client(&format!("/files/contents?file=/{file}"));
        let found = self.owner.read_text(&path).await?;
        if found == content {
            Ok(())
        } else {
            Err(format!("{file} holds {found:?}, not {content:?}").into())
        }
    }

    async fn listed(&self, file: &str, expected: bool) -> Outcome {
        let path = self.client("/files/list?directory=/&page=1&per_page=100");
        let page = self.owner.get(&path).await?;
        let entries = page["entries"]["data"]
            .as_array()
            .ok_or_else(|| format!("no list of files: {page}"))?;
        match (entries.iter().any(|entry| entry["name"] == file), expected) {
            (true, true) | (false, false) => Ok(()),
            (true, false) => Err(format!("{file} is still listed").into()),
            (false, true) => Err(format!("{file} is not listed").into()),
        }
    }

    async fn seen(&self) -> Outcome<Value> {
        let mut found = self.admin.get(&self.admin("")).await?;
        Ok(found["server"].take())
    }

    async fn look_again(&mut self, because: &str) {
        because.clone_into(&mut self.waiting);
        tokio::time::sleep(LOOK).await;
    }

    /// A path of the server, as its owner uses it.
    pub(crate) fn client(&self, below: &str) -> String {
        format!("/api/client/servers/{}{below}", self.server)
    }

    fn admin(&self, below: &str) -> String {
        format!("/api/admin/servers/{}{below}", self.server)
    }
}

/// A new address of a node.
async fn allocation(admin: &Client, node: &str, port: u16) -> Outcome<String> {
    let path = format!("/api/admin/nodes/{node}/allocations");
    admin
        .post(&path, &json!({ "ip": "127.0.0.1", "ports": [port] }))
        .await?;
    let free = format!("{path}/available?page=1&per_page=1");
    uuid(&admin.get(&free).await?["allocations"]["data"][0])
}

fn uuid(entry: &Value) -> Outcome<String> {
    text(entry, "uuid").map(str::to_owned)
}

fn text<'a>(entry: &'a Value, field: &str) -> Outcome<&'a str> {
    let text = entry[field].as_str();
    text.ok_or_else(|| format!("no {field} in {entry}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_walked_once_and_has_a_name_of_its_own() {
        let mut names = Step::ALL.map(Step::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Step::ALL.len());
    }
}
