//! Rows about servers.

use panel_domain::id::ScheduleId;
use uuid::Uuid;
use wings_client::Frame;
use wings_client::wire::remote::InstallationScript;
use wings_client::wire::server::{
    Broadcast, CreateServer, PowerAction, ServerSelection, ServerState, UserPermissions,
};
use wings_client::wire::websocket::{Message, ServerEvent};
use wings_sim::Dialect;

use super::Row;
use super::stage::{expect, lacks_route, now};
use crate::panel::document;

pub(super) const ROWS: &[Row] = rows! {
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
            signer.websocket(permissions, None, now(), Uuid::new_v4()).unwrap()
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
};
