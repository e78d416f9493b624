//! A node with one server, and what rows do with it.

use bytes::Bytes;
use panel_domain::clock::{Clock, SystemClock};
use panel_domain::id::{BackupId, ScheduleId, ServerId, UserId};
use reqwest::StatusCode;
use serde_json::json;
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{Signer, TransferSigner};
use wings_client::wire::backups::CreateBackup;
use wings_client::wire::files::{ArchiveFormat, Pull};
use wings_client::wire::server::{PowerAction, ServerState};
use wings_client::wire::transfers::{StartTransfer, TransferredServer};
use wings_client::{Download, Error, Link, NodeClient, NodeTarget, UploadTarget};
use wings_sim::{Dialect, SimOptions, WingsSim};

use crate::panel::{Panel, TOKEN, client, installed, target};

/// A node with a server of its own for the row.
pub(super) struct Stage {
    pub(super) panel: Panel,
    pub(super) sim: WingsSim,
    pub(super) node: NodeClient,
    pub(super) server: ServerId,
    pub(super) user: UserId,
    pub(super) issuer: Url,
}

pub(super) type Outcome = Result<(), Error>;

impl Stage {
    pub(super) fn target(&self) -> NodeTarget {
        target(&self.sim)
    }

    pub(super) async fn write(&self, file: &str, content: &'static str) -> Outcome {
        let content = Bytes::from_static(content.as_bytes());
        self.node.write_file(self.server, file, content).await
    }

    pub(super) async fn read(&self, file: &str) -> Result<Vec<u8>, Error> {
        let stream = self.node.read_file(self.server, file, None).await?;
        stream.collect(1 << 20).await
    }

    pub(super) async fn started(&self) -> Outcome {
        self.node.power(self.server, PowerAction::Start).await?;
        let server = self.server.uuid();
        self.sim
            .wait_for_state(server, ServerState::Starting)
            .await
            .unwrap();
        while !self.sim.advance(server).await {}
        Ok(())
    }

    pub(super) async fn backup(&self) -> Result<BackupId, Error> {
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

    pub(super) fn with_target<T>(&self, sign: impl FnOnce(Signer<'_>) -> T) -> T {
        let node = self.target();
        sign(Signer {
            node: &node,
            issuer: &self.issuer,
            user: self.user,
            server: self.server,
        })
    }

    pub(super) fn upload_target(&self) -> UploadTarget {
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

    pub(super) async fn download(&self, link: Link, token: &str) -> Result<Vec<u8>, Error> {
        let stream = self
            .node
            .download(link, token, &Download::default())
            .await?;
        stream.collect(1 << 20).await
    }

    pub(super) fn schedule(&self) -> ScheduleId {
        let schedule = ScheduleId::new_v4();
        self.panel.edit(self.server.uuid(), |document| {
            document.settings.schedules = vec![json!({"uuid": schedule})];
        });
        schedule
    }

    pub(super) fn transfer(&self, to: &WingsSim) -> StartTransfer {
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

    pub(super) async fn destination(&self) -> WingsSim {
        let options = SimOptions::stepped(self.panel.config()).speaking(self.sim.dialect());
        let held = self.panel.hide(self.server.uuid());
        let sim = WingsSim::start(options).await.unwrap();
        self.panel.add(held);
        sim
    }
}

pub(super) fn now() -> chrono::DateTime<chrono::Utc> {
    SystemClock.now()
}

pub(super) fn expect(wanted: bool) -> Outcome {
    assert!(wanted);
    Ok(())
}

pub(super) fn pull(url: String, foreground: bool) -> Pull {
    Pull {
        root: "/".into(),
        url,
        file_name: Some("here.bin".into()),
        use_header: false,
        foreground,
    }
}

/// A request as the client would not make it.
pub(super) async fn raw(stage: &Stage, method: &str, path: &str) -> reqwest::Response {
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
pub(super) async fn lacks_route(stage: &Stage, method: &str, rest: &str) -> Outcome {
    let path = format!("/api/servers/{}/{rest}", stage.server);
    let answer = raw(stage, method, &path).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
    Err(Error::LacksCapability {
        capability: wings_client::Capability::InstallLog,
        flavour: stage.sim.dialect().flavour(),
    })
}

pub(super) async fn stage(dialect: Dialect) -> Stage {
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
