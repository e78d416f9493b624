//! Every route of every daemon, client against simulator. A row is a row of the protocol's reference: who has the route, and the call that
//! uses it. Where a daemon has it, the call succeeds; where it has not, the client says so without asking.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use panel_domain::clock::{Clock, SystemClock};
use panel_domain::id::{BackupId, ScheduleId, ServerId, UserId};
use reqwest::StatusCode;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{Signer, TransferSigner};
use wings_client::wire::backups::{CreateBackup, DeleteBackup, ExportBackup, RestoreBackup};
use wings_client::wire::files::{
    Algorithm, ArchiveFormat, ContentFilter, CopyMany, ModeChange, Move, Pull, Search,
};
use wings_client::wire::machine::Diagnostics;
use wings_client::wire::maintenance::{ResticOrder, ResticTask, Upgrade};
use wings_client::wire::remote::InstallationScript;
use wings_client::wire::server::{
    Broadcast, CreateServer, PowerAction, ServerSelection, ServerState, UserPermissions,
};
use wings_client::wire::transfers::{StartTransfer, TransferredServer};
use wings_client::wire::websocket::{Message, ServerEvent};
use wings_client::{
    Content, Download, Error, Frame, Link, NodeClient, NodeTarget, UploadTarget, Work,
};
use wings_sim::{Dialect, NOT_PLAYED, ROUTES, SimOptions, WingsSim};

use crate::panel::{Panel, TOKEN, client, document, installed, target};

/// A node with a server of its own for the row.
struct Stage {
    panel: Panel,
    sim: WingsSim,
    node: NodeClient,
    server: ServerId,
    user: UserId,
    issuer: Url,
}

type Outcome = Result<(), Error>;
type Called<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

struct Row {
    route: (&'static str, &'static str),
    call: for<'a> fn(&'a Stage) -> Called<'a>,
}

macro_rules! rows {
    ($($method:literal $path:literal => |$stage:ident| $body:expr;)+) => {
        &[$(Row {
            route: ($method, $path),
            call: |$stage| Box::pin(async move { $body }),
        },)+]
    };
}

fn now() -> chrono::DateTime<chrono::Utc> {
    SystemClock.now()
}

impl Stage {
    fn target(&self) -> NodeTarget {
        target(&self.sim)
    }

    async fn write(&self, file: &str, content: &'static str) -> Outcome {
        let content = Bytes::from_static(content.as_bytes());
        self.node.write_file(self.server, file, content).await
    }

    async fn read(&self, file: &str) -> Result<Vec<u8>, Error> {
        let stream = self.node.read_file(self.server, file, None).await?;
        stream.collect(1 << 20).await
    }

    async fn started(&self) -> Outcome {
        self.node.power(self.server, PowerAction::Start).await?;
        let server = self.server.uuid();
        self.sim
            .wait_for_state(server, ServerState::Starting)
            .await
            .unwrap();
        while !self.sim.advance(server).await {}
        Ok(())
    }

    async fn backup(&self) -> Result<BackupId, Error> {
        let backup = BackupId::new_v4();
        let order = CreateBackup {
            adapter: "wings".into(),
            uuid: backup.uuid(),
            ignore: String::new(),
        };
        self.node.create_backup(self.server, &order).await?;
        let path = format!("/backups/{backup}");
        let told = self.panel.wait_for("POST", &path, 1).await;
        assert_eq!(told[0].body["successful"], json!(true));
        Ok(backup)
    }

    fn with_target<T>(&self, sign: impl FnOnce(Signer<'_>) -> T) -> T {
        let node = self.target();
        sign(Signer {
            node: &node,
            issuer: &self.issuer,
            user: self.user,
            server: self.server,
        })
    }

    fn upload_target(&self) -> UploadTarget {
        let token = self.with_target(|signer| {
            signer
                .file_upload(Vec::new(), now(), Uuid::new_v4())
                .unwrap()
        });
        UploadTarget {
            server: self.server,
            token,
            directory: "/in".into(),
        }
    }

    async fn download(&self, link: Link, token: &str) -> Result<Vec<u8>, Error> {
        let stream = self
            .node
            .download(link, token, &Download::default())
            .await?;
        stream.collect(1 << 20).await
    }

    fn schedule(&self) -> ScheduleId {
        let schedule = ScheduleId::new_v4();
        self.panel.edit(self.server.uuid(), |document| {
            document.settings.schedules = vec![json!({"uuid": schedule})];
        });
        schedule
    }

    fn transfer(&self, to: &WingsSim) -> StartTransfer {
        let destination = target(to);
        let signer = TransferSigner {
            destination: &destination,
            issuer: &self.issuer,
            server: self.server,
        };
        let token = signer.transfer(now(), Uuid::new_v4()).unwrap();
        StartTransfer {
            url: destination.url.join("api/transfers").unwrap().to_string(),
            token: format!("Bearer {token}"),
            server: TransferredServer {
                uuid: self.server.uuid(),
                start_on_completion: false,
            },
            server_id: self.server.uuid(),
            backups: Vec::new(),
            delete_backups: false,
            archive_format: ArchiveFormat::TarGz,
            compression_level: None,
            multiplex_streams: 0,
        }
    }

    async fn destination(&self) -> WingsSim {
        let options = SimOptions::stepped(self.panel.config()).speaking(self.sim.dialect());
        let held = self.panel.hide(self.server.uuid());
        let sim = WingsSim::start(options).await.unwrap();
        self.panel.add(held);
        sim
    }
}

fn expect(wanted: bool) -> Outcome {
    assert!(wanted);
    Ok(())
}

const ROWS: &[Row] = rows! {
    "GET" "/api/system" => |s| {
        let found = s.node.information().await?;
        expect(found.profile.version.as_str() == s.sim.dialect().version())
    };
    "GET" "/api/system/overview" => |s| expect(s.node.overview().await?.servers.total == 1);
    "GET" "/api/system/config" => |s| expect(s.node.configuration().await?["token_id"].is_string());
    "POST" "/api/update" => |s| expect(s.node.update_configuration(&s.panel.config()).await?);
    "GET" "/api/diagnostics" => |s| {
        let report = s.node.diagnostics(Diagnostics::default()).await?.collect(1 << 20).await?;
        expect(String::from_utf8_lossy(&report).contains("Diagnostics"))
    };
    "GET" "/api/system/ips" => |s| expect(s.node.ip_addresses().await? == ["127.0.0.1"]);
    "GET" "/api/system/utilization" => |s| expect(s.node.machine_utilization().await?.memory_total > 0);
    "GET" "/api/system/stats" => |s| expect(s.node.statistics().await?.memory.total == 8 << 30);
    "GET" "/api/system/stats/ws" => |s| {
        let mut socket = s.node.statistics_socket().await?;
        let frame = socket.next().await?;
        let stats = wings_client::wire::system::SystemStats::of_frame(&frame).unwrap();
        expect(stats.memory.total == 8 << 30)
    };
    "GET" "/api/system/docker/disk" => |s| expect(s.node.docker_disk().await?.images_total == 1);
    "DELETE" "/api/system/docker/image/prune" => |s| expect(s.node.prune_images().await?.space_reclaimed == 0);
    "GET" "/api/system/logs" => |s| expect(s.node.node_logs().await?[0].name == "wings.log");
    "GET" "/api/system/logs/{}" => |s| {
        let log = s.node.node_log("wings.log", None).await?.collect(1 << 20).await?;
        assert!(String::from_utf8_lossy(&log).contains("wings-sim boots"));
        expect(s.node.node_log("other.log", None).await.unwrap_err().is_not_found())
    };
    "POST" "/api/system/upgrade" => |s| {
        let mut upgrade = Upgrade {
            url: s.panel.file(b"program"),
            headers: std::collections::BTreeMap::new(),
            sha256: "nothing".into(),
            restart_command: "true".into(),
            restart_command_args: Vec::new(),
        };
        let refused = s.node.upgrade(&upgrade).await;
        if matches!(refused, Err(Error::LacksCapability { .. })) {
            return refused.map(drop);
        }
        assert_eq!(refused.unwrap_err().status(), Some(409));
        // SHA-256 of "program".
        upgrade.sha256 = "1310ca2c8932dbd118668bd97442558a3e1f546b5e15c69699dfbd6024f548d8".into();
        expect(s.node.upgrade(&upgrade).await?)
    };
    "POST" "/api/system/restic/{}" => |s| {
        let order = ResticOrder { foreground: true, ..ResticOrder::default() };
        expect(s.node.start_restic_task(ResticTask::Prune, &order).await?.unwrap().successful)
    };
    "GET" "/api/system/restic/{}" => |s| {
        assert!(s.node.restic_task(ResticTask::Stats).await?.is_none());
        let order = ResticOrder::default();
        assert!(s.node.start_restic_task(ResticTask::Stats, &order).await?.is_none());
        expect(s.node.restic_task(ResticTask::Stats).await?.is_some())
    };
    "GET" "/api/ports/used" => |s| {
        let used = s.node.used_ports(&["127.0.0.1".into()]).await?;
        expect(used["127.0.0.1"][0].port == 25565)
    };
    "POST" "/api/deauthorize-user" => |s| s.node.deauthorize_user(s.user, &[s.server]).await;
    "GET" "/api/servers" => |s| expect(s.node.servers().await?[0].uuid() == Some(s.server.uuid()));
    "POST" "/api/servers" => |s| {
        let order = CreateServer {
            uuid: s.panel.add(document(Uuid::new_v4())),
            start_on_completion: false,
            skip_scripts: false,
        };
        s.node.create_server(&order).await?;
        // Told twice: Calagopus refuses, the Go daemons begin again.
        let again = s.node.create_server(&order).await;
        if s.sim.dialect().is_go() {
            again
        } else {
            expect(again.unwrap_err().status() == Some(409))
        }
    };
    "GET" "/api/servers/{}" => |s| {
        let found = s.node.server(s.server).await?;
        assert_eq!(found.utilization.disk_io.is_some(), s.sim.dialect() == Dialect::Pelican);
        expect(found.state == ServerState::Offline)
    };
    "DELETE" "/api/servers/{}" => |s| {
        s.node.delete_server(s.server).await?;
        s.node.delete_server(s.server).await
    };
    "POST" "/api/servers/power" => |s| {
        expect(s.node.power_many(ServerSelection::All, PowerAction::Start).await? == 1)
    };
    "GET" "/api/servers/utilization" => |s| {
        if s.sim.dialect() != Dialect::CalagopusNext {
            // Made of the list elsewhere; the route is not asked.
            assert!(s.node.utilizations().await?.contains_key(&s.server.uuid()));
            return s.node.utilization_socket().await.map(drop);
        }
        expect(s.node.utilizations().await?.contains_key(&s.server.uuid()))
    };
    "GET" "/api/servers/{}/utilization" => |s| {
        s.node.profile().await?;
        let load = s.node.utilization(s.server).await?;
        if s.sim.dialect() != Dialect::CalagopusNext {
            return s.node.utilization_socket().await.map(drop);
        }
        expect(load.cpu_limit_absolute == Some(100))
    };
    "POST" "/api/servers/{}/power" => |s| s.started().await;
    "POST" "/api/servers/{}/commands" => |s| {
        let offline = s.node.send_commands(s.server, vec!["list".into()]).await.unwrap_err();
        assert_eq!(offline.status(), Some(if s.sim.dialect().is_go() { 502 } else { 417 }));
        s.started().await?;
        s.node.send_commands(s.server, vec!["list".into()]).await
    };
    "GET" "/api/servers/{}/logs" => |s| {
        let before = s.node.console_log(s.server, 10).await;
        if s.sim.dialect().is_go() {
            assert_eq!(before.unwrap_err().status(), Some(500));
        } else {
            assert!(before?.is_empty());
        }
        s.started().await?;
        expect(s.node.console_log(s.server, 3).await?.len() == 3)
    };
    "GET" "/api/servers/{}/install-logs" => |s| {
        if s.sim.dialect() != Dialect::Pelican {
            return lacks_route(s, "GET", "install-logs").await;
        }
        expect(!s.node.install_log(s.server).await?.is_empty())
    };
    "GET" "/api/servers/{}/logs/install" => |s| {
        if s.sim.dialect().is_go() {
            return lacks_route(s, "GET", "logs/install").await;
        }
        expect(!s.node.install_log(s.server).await?.is_empty())
    };
    "POST" "/api/servers/{}/install" => |s| {
        if !s.sim.dialect().is_go() {
            return lacks_route(s, "POST", "install").await;
        }
        s.node.install_server(s.server).await
    };
    "POST" "/api/servers/{}/install/abort" => |s| {
        if !s.sim.dialect().is_go() {
            assert_eq!(s.node.abort_install(s.server).await.unwrap_err().status(), Some(409));
            s.node.reinstall_server(s.server, false, None).await?;
        }
        s.node.abort_install(s.server).await
    };
    "POST" "/api/servers/{}/reinstall" => |s| {
        s.node.reinstall_server(s.server, false, None).await?;
        let busy = s.node.reinstall_server(s.server, false, None).await;
        expect(busy.unwrap_err().status() == Some(409))
    };
    "POST" "/api/servers/{}/sync" => |s| {
        s.panel.edit(s.server.uuid(), |document| document.settings.suspended = true);
        s.node.sync_server(s.server, None).await?;
        expect(s.node.server(s.server).await?.is_suspended)
    };
    "POST" "/api/servers/{}/script" => |s| {
        let script = InstallationScript {
            container_image: "example/image".into(),
            entrypoint: "bash".into(),
            script: Some("echo hello".into()),
            environment: std::collections::BTreeMap::new(),
        };
        expect(s.node.run_script(s.server, &script).await?.contains("hello"))
    };
    "GET" "/api/servers/{}/version" => |s| {
        assert!(s.node.version_hash(s.server, "minecraft_java").await?.is_none());
        s.write("/server.jar", "x").await?;
        expect(s.node.version_hash(s.server, "minecraft_java").await?.unwrap().len() == 64)
    };
    "GET" "/api/servers/{}/schedules/{}" => |s| {
        let schedule = s.schedule();
        s.node.sync_server(s.server, None).await?;
        let status = s.node.schedule(s.server, schedule).await?;
        let unknown = s.node.schedule(s.server, ScheduleId::new_v4()).await;
        expect(!status.running && unknown.unwrap_err().is_not_found())
    };
    "POST" "/api/servers/{}/schedules/{}/trigger" => |s| {
        let schedule = s.schedule();
        s.node.sync_server(s.server, None).await?;
        s.node.trigger_schedule(s.server, schedule, true).await
    };
    "POST" "/api/servers/{}/schedules/{}/abort" => |s| {
        let schedule = s.schedule();
        s.node.sync_server(s.server, None).await?;
        s.node.abort_schedule(s.server, schedule).await
    };
    "GET" "/api/servers/{}/ws" => |s| {
        let (token, _) = s.with_target(|signer| {
            let permissions = vec!["websocket.connect".into(), "control.console".into()];
            signer.websocket(permissions, now(), Uuid::new_v4()).unwrap()
        });
        let mut socket = s.node.console_socket(s.server, &s.issuer).await?;
        let auth = Message::with("auth", token);
        socket.send_text(serde_json::to_string(&auth).unwrap()).await?;
        for wanted in [ServerEvent::AuthSuccess, ServerEvent::Status] {
            let Frame::Text(text) = socket.next().await? else { panic!("no text") };
            let message: Message = serde_json::from_str(&text).unwrap();
            assert_eq!(message.event, wanted.as_str());
        }
        socket.close(1000, "done".into()).await
    };
    "POST" "/api/servers/{}/ws/deny" => |s| s.node.revoke(s.user, s.server).await;
    "POST" "/api/servers/{}/ws/permissions" => |s| {
        let users = vec![UserPermissions {
            user: s.user.uuid(),
            permissions: Vec::new(),
            ignored_files: Vec::new(),
        }];
        s.node.set_permissions(s.server, users).await
    };
    "POST" "/api/servers/{}/ws/broadcast" => |s| {
        let broadcast = Broadcast {
            users: Vec::new(),
            permissions: Vec::new(),
            message: Message::with("custom event", "x"),
        };
        s.node.broadcast(s.server, &broadcast).await
    };
    "GET" "/api/servers/{}/files/contents" => |s| {
        s.write("/a.txt", "content").await?;
        assert_eq!(s.read("a.txt").await?, b"content");
        let missing = s.read("/missing").await.unwrap_err();
        let wanted = if s.sim.dialect() == Dialect::Pterodactyl { 500 } else { 404 };
        expect(missing.status() == Some(wanted))
    };
    "GET" "/api/servers/{}/files/list-directory" => |s| {
        // The one route of the two that the client asks where there is no other; raw elsewhere.
        let listed = raw(s, "GET", &format!("/api/servers/{}/files/list-directory", s.server)).await;
        assert_eq!(listed.status(), 200);
        let page = s.node.list_files(s.server, "/", 1, 100).await?;
        expect(page.entries.iter().any(|entry| entry.name == "world" && entry.directory))
    };
    "GET" "/api/servers/{}/files/list" => |s| {
        if s.sim.dialect().is_go() {
            return lacks_route(s, "GET", "files/list").await;
        }
        let page = s.node.list_files(s.server, "/", 1, 2).await?;
        expect(page.entries.len() == 2 && page.total > 2)
    };
    "PUT" "/api/servers/{}/files/rename" => |s| {
        s.write("/a.txt", "a").await?;
        s.write("/b.txt", "b").await?;
        let to = |to: &str| vec![Move { from: "a.txt".into(), to: to.into() }];
        let taken = s.node.rename_files(s.server, "/", to("b.txt")).await;
        if s.sim.dialect().is_go() {
            assert_eq!(taken.unwrap_err().status(), Some(400));
        } else {
            // Left out without a word.
            taken?;
        }
        s.node.rename_files(s.server, "/", to("c/d.txt")).await?;
        expect(s.read("/c/d.txt").await? == b"a")
    };
    "POST" "/api/servers/{}/files/copy" => |s| {
        s.write("/a.txt", "a").await?;
        s.node.copy_file(s.server, "/a.txt", None).await?;
        expect(s.read("/a copy.txt").await? == b"a")
    };
    "POST" "/api/servers/{}/files/copy-many" => |s| {
        s.write("/a.txt", "a").await?;
        let order = CopyMany {
            root: "/".into(),
            files: vec![Move { from: "a.txt".into(), to: "x/a.txt".into() }],
            overwrite: false,
            foreground: true,
        };
        assert_eq!(s.node.copy_many(s.server, &order).await?.copied, Some(1));
        expect(s.node.copy_many(s.server, &order).await?.skipped.len() == 1)
    };
    "POST" "/api/servers/{}/files/write" => |s| {
        let pieces = ["one ", "two"].map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        let content = Content::new(Some(7), futures_util::stream::iter(pieces));
        s.node.write_file_stream(s.server, "/deep/a.txt", Some(s.user), content).await?;
        expect(s.read("/deep/a.txt").await? == b"one two")
    };
    "POST" "/api/servers/{}/files/create-directory" => |s| {
        s.node.create_directory(s.server, "/world", "new").await?;
        s.write("/world/new/x", "x").await
    };
    "POST" "/api/servers/{}/files/delete" => |s| {
        s.write("/a.txt", "a").await?;
        s.node.delete_files(s.server, "/", vec!["a.txt".into()]).await?;
        expect(s.read("/a.txt").await.is_err())
    };
    "POST" "/api/servers/{}/files/compress" => |s| {
        s.write("/in/a.txt", "a").await?;
        let files = vec!["in".into()];
        let work = s.node.compress(s.server, "/", files, None, ArchiveFormat::TarGz, false).await?;
        let Work::Done(Some(entry)) = work else { panic!("{work:?}") };
        expect(entry.name.starts_with("archive-") && entry.name.ends_with(".tar.gz"))
    };
    "POST" "/api/servers/{}/files/decompress" => |s| {
        s.write("/in/a.txt", "a").await?;
        let files = vec!["in".into()];
        let work = s.node.compress(s.server, "/", files, None, ArchiveFormat::TarGz, false).await?;
        let Work::Done(Some(entry)) = work else { panic!("{work:?}") };
        s.node.delete_files(s.server, "/", vec!["in".into()]).await?;
        s.node.decompress(s.server, "/", &entry.name, false).await?;
        assert_eq!(s.read("/in/a.txt").await?, b"a");
        let none = s.node.decompress(s.server, "/", "in/a.txt", false).await.unwrap_err();
        expect(none.status() == Some(if s.sim.dialect().is_go() { 400 } else { 417 }))
    };
    "POST" "/api/servers/{}/files/chmod" => |s| {
        s.write("/a.sh", "a").await?;
        let change = ModeChange { file: "a.sh".into(), mode: "0755".into(), recursive: false };
        s.node.change_modes(s.server, "/", vec![change]).await?;
        let page = s.node.list_files(s.server, "/", 1, 100).await?;
        expect(page.entries.iter().any(|entry| entry.name == "a.sh" && entry.mode_bits == "755"))
    };
    "POST" "/api/servers/{}/files/pull" => |s| {
        let order = pull(s.panel.file(b"fetched"), true);
        s.node.pull_file(s.server, &order).await?;
        expect(s.read("/here.bin").await? == b"fetched")
    };
    "GET" "/api/servers/{}/files/pull" => |s| expect(s.node.pulls(s.server).await?.is_empty());
    "DELETE" "/api/servers/{}/files/pull/{}" => |s| s.node.cancel_pull(s.server, Uuid::new_v4()).await;
    "POST" "/api/servers/{}/files/pull/query" => |s| {
        let preview = s.node.preview_pull(s.server, &s.panel.file(b"fetched")).await?;
        expect(preview.file_size == Some(7))
    };
    "GET" "/api/servers/{}/files/search" => |s| {
        if s.sim.dialect() != Dialect::Pelican {
            return lacks_route(s, "GET", "files/search").await;
        }
        let found = s.node.find_files(s.server, "/", "LEVEL", 10).await?;
        assert_eq!(found[0].name, "world/level.dat");
        let missing = s.node.find_files(s.server, "/nowhere", "level", 10).await;
        expect(missing.unwrap_err().is_not_found())
    };
    "POST" "/api/servers/{}/files/search" => |s| {
        let search = Search {
            root: "/".into(),
            path_filter: None,
            size_filter: None,
            content_filter: Some(ContentFilter {
                query: "MOTD".into(),
                max_search_size: 1024,
                include_unmatched: false,
                case_insensitive: true,
            }),
            per_page: 10,
        };
        let found = s.node.search_files(s.server, &search).await?;
        assert_eq!(found[0].name, "server.properties");
        expect(s.node.find_files(s.server, "/", "level", 10).await?[0].name == "world/level.dat")
    };
    "GET" "/api/servers/{}/files/fingerprints" => |s| {
        let files = ["/eula.txt".to_owned(), "/missing".to_owned()];
        let found = s.node.fingerprints(s.server, Algorithm::Sha256, &files).await?;
        expect(found.fingerprints.len() == 1 && found.fingerprints["/eula.txt"].len() == 64)
    };
    "GET" "/api/servers/{}/files/largest-directories" => |s| {
        expect(s.node.largest_directories(s.server, "/", &[]).await?[0].name == "world")
    };
    "GET" "/api/servers/{}/files/operations" => |s| {
        expect(s.node.file_operations(s.server).await?.operations.is_empty())
    };
    "DELETE" "/api/servers/{}/files/operations/{}" => |s| {
        s.node.abort_file_operation(s.server, Uuid::new_v4()).await
    };
    "GET" "/api/servers/{}/files/revisions" => |s| {
        s.write("/eula.txt", "eula=false").await?;
        expect(s.node.revisions(s.server, "/eula.txt").await?[0].size == 10)
    };
    "GET" "/api/servers/{}/files/revisions/{}" => |s| {
        s.write("/eula.txt", "eula=false").await?;
        let stream = s.node.read_revision(s.server, "/eula.txt", 1).await?;
        expect(stream.collect(100).await? == b"eula=true\n")
    };
    "POST" "/api/servers/{}/backup" => |s| s.backup().await.map(drop);
    "POST" "/api/servers/{}/backup/{}/restore" => |s| {
        s.write("/a.txt", "before").await?;
        let backup = s.backup().await?;
        s.write("/a.txt", "after").await?;
        let order = RestoreBackup {
            adapter: "wings".into(),
            truncate_directory: true,
            download_url: None,
        };
        s.node.restore_backup(s.server, backup, &order).await?;
        s.panel.wait_for("POST", "/restore", 1).await;
        expect(s.read("/a.txt").await? == b"before")
    };
    "DELETE" "/api/servers/{}/backup/{}" => |s| {
        let backup = s.backup().await?;
        s.node.delete_backup(s.server, backup).await?;
        assert!(s.sim.backups().is_empty());
        s.node.delete_backup(s.server, backup).await
    };
    "DELETE" "/api/servers/{}/deleteAllBackups" => |s| {
        s.backup().await?;
        s.node.delete_all_backups(s.server).await?;
        expect(s.sim.backups().is_empty())
    };
    "DELETE" "/api/backups/{}" => |s| {
        let backup = s.backup().await?;
        s.node.delete_server(s.server).await?;
        let order = DeleteBackup {
            adapter: "wings".into(),
            foreground: Some(true),
            server: None,
        };
        s.node.delete_detached_backup(backup, &order).await?;
        expect(s.sim.backups().is_empty())
    };
    "GET" "/api/backups/{}/query" => |s| {
        let backup = s.backup().await?;
        assert!(s.node.backup(backup, "wings").await?.unwrap().size > Some(0));
        expect(s.node.backup(BackupId::new_v4(), "wings").await?.is_none())
    };
    "POST" "/api/backups/{}/export" => |s| {
        let backup = s.backup().await?;
        let order = ExportBackup {
            adapter: "wings".into(),
            server: s.server.uuid(),
            path: "/old.tar.gz".into(),
            archive_format: ArchiveFormat::TarGz,
            foreground: true,
        };
        s.node.export_backup(backup, &order).await?;
        expect(!s.read("/old.tar.gz").await?.is_empty())
    };
    "POST" "/api/servers/{}/transfer" => |s| {
        s.write("/a.txt", "moved").await?;
        let to = s.destination().await;
        s.node.start_transfer(s.server, &s.transfer(&to)).await?;
        s.panel.wait_for("POST", "/transfer/success", 1).await;
        let busy = s.node.start_transfer(s.server, &s.transfer(&to)).await;
        assert_eq!(busy.unwrap_err().status(), Some(409));
        expect(to.file(s.server.uuid(), "a.txt").as_deref() == Some(b"moved"))
    };
    "DELETE" "/api/servers/{}/transfer" => |s| {
        expect(!s.node.cancel_outgoing_transfer(s.server).await?)
    };
    "POST" "/api/transfers" => |s| {
        // Called by another daemon: with a token for something else, nothing is taken in.
        let token = s.with_target(|signer| signer.file_download("/a", now(), Uuid::new_v4()).unwrap());
        let to = s.destination().await;
        let order = StartTransfer { token: format!("Bearer {token}"), ..s.transfer(&to) };
        s.node.start_transfer(s.server, &order).await?;
        if s.sim.dialect().is_go() {
            s.panel.wait_for("POST", "/transfer/failure", 1).await;
        }
        expect(to.servers().is_empty())
    };
    "DELETE" "/api/transfers/{}" => |s| {
        // The Go daemons have it, broken: the client does not ask them.
        let path = format!("/api/transfers/{}", s.server);
        let answer = raw(s, "DELETE", &path).await.status();
        if s.sim.dialect().is_go() {
            assert_eq!(answer, 500);
            assert!(matches!(
                s.node.cancel_incoming_transfer(s.server).await,
                Err(Error::LacksCapability { .. })
            ));
            return Ok(());
        }
        assert_eq!(answer, 404);
        s.node.cancel_incoming_transfer(s.server).await
    };
    "GET" "/api/transfers" => |s| expect(s.node.transfers().await?.is_empty());
    "GET" "/api/transfers/capabilities" => |s| {
        expect(s.node.transfer_capabilities().await?.disk_limiter_mode == "none")
    };
    "GET" "/download/file" => |s| {
        let token = s.with_target(|signer| {
            signer.file_download("/eula.txt", now(), Uuid::new_v4()).unwrap()
        });
        assert_eq!(s.download(Link::File, &token).await?, b"eula=true\n");
        let again = s.download(Link::File, &token).await;
        if s.sim.dialect().is_go() {
            // A link works once.
            return expect(again.unwrap_err().status() == Some(404));
        }
        again.map(drop)
    };
    "GET" "/download/backup" => |s| {
        let backup = s.backup().await?;
        let token = s.with_target(|signer| {
            signer.backup_download(backup, now(), Uuid::new_v4()).unwrap()
        });
        expect(!s.download(Link::Backup, &token).await?.is_empty())
    };
    "GET" "/download/directory" => |s| {
        let token = s.with_target(|signer| {
            signer.file_download("/world", now(), Uuid::new_v4()).unwrap()
        });
        expect(!s.download(Link::Directory, &token).await?.is_empty())
    };
    "GET" "/download/files" => |s| {
        let token = s.with_target(|signer| {
            let files = vec!["eula.txt".into()];
            signer.files_download("/", files, now(), Uuid::new_v4()).unwrap()
        });
        expect(!s.download(Link::Files, &token).await?.is_empty())
    };
    "POST" "/upload/file" => |s| {
        let form = "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"b.txt\"\r\n\r\nhello\r\n--x--\r\n";
        let form = Content::from(Bytes::from_static(form.as_bytes()));
        s.node.upload(&s.upload_target(), "multipart/form-data; boundary=x", form).await?;
        expect(s.read("/in/b.txt").await? == b"hello")
    };
    "HEAD" "/upload/file" => |s| {
        expect(s.node.upload_offset(&s.upload_target(), "c.bin").await? == 0)
    };
    "PATCH" "/upload/file" => |s| {
        let target = s.upload_target();
        let part = |text: &'static str| Content::from(Bytes::from_static(text.as_bytes()));
        s.node.resume_upload(&target, "c.bin", 0, 6, part("one"), false).await?;
        assert_eq!(s.node.upload_offset(&target, "c.bin").await?, 3);
        let wrong = s.node.resume_upload(&target, "c.bin", 0, 6, part("one"), false).await;
        assert_eq!(wrong.unwrap_err().status(), Some(409));
        s.node.resume_upload(&target, "c.bin", 3, 6, part("two"), true).await?;
        expect(s.read("/in/c.bin").await? == b"onetwo")
    };
};

fn pull(url: String, foreground: bool) -> Pull {
    Pull {
        root: "/".into(),
        url,
        file_name: Some("here.bin".into()),
        use_header: false,
        foreground,
    }
}

/// A request as the client would not make it.
async fn raw(stage: &Stage, method: &str, path: &str) -> reqwest::Response {
    let url = stage.sim.url().join(path).unwrap();
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .request(method.parse().unwrap(), url)
        .bearer_auth(TOKEN)
        .send()
        .await
        .unwrap()
}

/// For routes of two daemons that one call of the client stands for: the simulator does not have this one.
async fn lacks_route(stage: &Stage, method: &str, rest: &str) -> Outcome {
    let path = format!("/api/servers/{}/{rest}", stage.server);
    let answer = raw(stage, method, &path).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
    Err(Error::LacksCapability {
        capability: wings_client::Capability::InstallLog,
        flavour: stage.sim.dialect().flavour(),
    })
}

async fn stage(dialect: Dialect) -> Stage {
    let panel = Panel::start();
    let mut options = SimOptions::stepped(panel.config()).speaking(dialect);
    options.refuse_private_pulls = false;
    let sim = WingsSim::start(options).await.unwrap();
    let server = installed(&panel, &sim).await;
    Stage {
        node: client(&sim),
        issuer: panel.url.clone(),
        user: UserId::new_v4(),
        panel,
        sim,
        server,
    }
}

async fn every_row(dialect: Dialect) {
    let mut failures = Vec::new();
    for row in ROWS {
        let (method, path) = row.route;
        let known = ROUTES
            .iter()
            .find(|route| (route.method, route.path) == row.route)
            .unwrap_or_else(|| panic!("{method} {path} is no route"));
        let stage = stage(dialect).await;
        let outcome = (row.call)(&stage).await;
        let fits = match &outcome {
            Ok(()) => known.is_of(dialect),
            Err(Error::LacksCapability { .. }) => !known.is_of(dialect),
            Err(_) => false,
        };
        if !fits {
            failures.push(format!("{method} {path}: {outcome:?}"));
        }
    }
    assert!(failures.is_empty(), "{dialect:?}: {failures:#?}");
}

#[tokio::test]
async fn pterodactyl_answers_every_row_of_the_master_table() {
    every_row(Dialect::Pterodactyl).await;
}

#[tokio::test]
async fn pelican_answers_every_row_of_the_master_table() {
    every_row(Dialect::Pelican).await;
}

#[tokio::test]
async fn calagopus_0_22_answers_every_row_of_the_master_table() {
    every_row(Dialect::Calagopus).await;
}

#[tokio::test]
async fn calagopus_1_answers_every_row_of_the_master_table() {
    every_row(Dialect::CalagopusNext).await;
}

#[test]
fn every_route_has_its_row() {
    let rows: BTreeSet<_> = ROWS.iter().map(|row| row.route).collect();
    let routes: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| (route.method, route.path))
        .collect();
    assert_eq!(rows, routes);
    let unplayed: BTreeSet<_> = NOT_PLAYED.iter().copied().collect();
    assert!(unplayed.is_disjoint(&routes));
}

/// A route that a daemon does not have is answered as that daemon answers it, and one that it has is not.
#[tokio::test]
async fn the_simulators_have_the_routes_of_their_daemons_and_no_others() {
    for dialect in Dialect::ALL {
        let stage = stage(dialect).await;
        for route in ROUTES {
            let path = route.path.replacen("{}", &stage.server.to_string(), 1);
            let path = path.replace("{}", &Uuid::new_v4().to_string());
            if path.ends_with("/ws") || route.method == "HEAD" {
                continue;
            }
            let answer = raw(&stage, route.method, &path).await;
            let status = answer.status();
            let text = answer.text().await.unwrap();
            let unknown = status == StatusCode::NOT_FOUND
                && (text == "404 page not found" || text.contains("route not found"));
            assert_eq!(
                unknown,
                !route.is_of(dialect),
                "{dialect:?} {} {}: {status} {text}",
                route.method,
                route.path
            );
        }
    }
}
