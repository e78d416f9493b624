//! Rows about the machine and the daemon itself.

use wings_client::Error;
use wings_client::wire::machine::Diagnostics;
use wings_client::wire::maintenance::{ResticOrder, ResticTask, Upgrade};

use super::Row;
use super::stage::expect;

pub(super) const ROWS: &[Row] = rows! {
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
};
