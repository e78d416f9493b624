//! Everything the simulated node holds: its servers with their files, and the ledger. Can be written to a file and read back.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wings_client::wire::remote::{Activity, BootServer, InstallationScript, ServerDocument};
use wings_client::wire::server::{self, DiskUsage, NetworkUsage, ServerState, Utilization};

use crate::dialect::Dialect;
use crate::files::FileArea;
use crate::ledger::{Effect, LedgerEntry};
use crate::stats;

/// Lines of a console that are kept.
const CONSOLE_LINES: usize = 500;

/// An installation under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Installing {
    pub(crate) reinstall: bool,
    /// Given by the panel with a reinstall; without it the panel is asked.
    pub(crate) script: Option<InstallationScript>,
    pub(crate) start_afterwards: bool,
    pub(crate) skip_scripts: bool,
    /// Waits to be told its outcome.
    #[serde(skip)]
    pub(crate) waits: bool,
    /// What it was told.
    #[serde(default)]
    pub(crate) outcome: Option<bool>,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SimServer {
    pub(crate) document: ServerDocument,
    pub(crate) state: ServerState,
    pub(crate) installing: Option<Installing>,
    pub(crate) console: VecDeque<String>,
    pub(crate) install_log: Vec<String>,
    pub(crate) files: FileArea,
    /// Earlier contents of files, oldest first (Calagopus 1).
    #[serde(default)]
    pub(crate) revisions: BTreeMap<String, Vec<Revision>>,
    /// A transfer under way, out or in.
    #[serde(skip)]
    pub(crate) transferring: Option<Transferring>,
    /// A backup is being put back.
    #[serde(skip)]
    pub(crate) restoring: bool,
    /// File work in the background.
    #[serde(skip)]
    pub(crate) operations: BTreeMap<Uuid, Operation>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) crashed_at: Option<DateTime<Utc>>,
    /// Counts power actions that took over from an earlier one; a task of an earlier count gives up.
    pub(crate) turn: u64,
    /// The daemon has said what it says before a process starts.
    #[serde(skip)]
    pub(crate) announced: bool,
    /// Start again as soon as it is offline.
    pub(crate) restarting: bool,
    pub(crate) network: NetworkUsage,
    pub(crate) ticks: u64,
}

impl SimServer {
    pub(crate) fn new(document: ServerDocument) -> Self {
        Self {
            document,
            state: ServerState::Offline,
            installing: None,
            console: VecDeque::new(),
            install_log: Vec::new(),
            files: FileArea::default(),
            revisions: BTreeMap::new(),
            transferring: None,
            restoring: false,
            operations: BTreeMap::new(),
            started_at: None,
            crashed_at: None,
            turn: 0,
            announced: false,
            restarting: false,
            network: NetworkUsage::default(),
            ticks: 0,
        }
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.document.settings.uuid
    }

    pub(crate) fn say(&mut self, line: String) {
        if self.console.len() == CONSOLE_LINES {
            self.console.pop_front();
        }
        self.console.push_back(line);
    }

    pub(crate) fn utilization(&self, now: DateTime<Utc>, seed: u64) -> Utilization {
        self.utilization_in(now, seed, Dialect::Calagopus)
    }

    /// Its load, with the figures that this daemon has.
    pub(crate) fn utilization_in(
        &self,
        now: DateTime<Utc>,
        seed: u64,
        dialect: Dialect,
    ) -> Utilization {
        let load = stats::load(self.uuid(), seed, self.ticks);
        let limit = u64::try_from(self.document.settings.build.memory_limit).unwrap_or(0);
        let up = self.state != ServerState::Offline;
        Utilization {
            memory_bytes: if up { load.memory(limit) } else { 0 },
            memory_limit_bytes: if up { stats::with_overhead(limit) } else { 0 },
            disk_bytes: i64::try_from(self.files.size()).unwrap_or(i64::MAX),
            state: self.state,
            network: NetworkUsage {
                rx_packets: (dialect == Dialect::CalagopusNext)
                    .then_some(self.network.rx_bytes / 1000),
                tx_packets: (dialect == Dialect::CalagopusNext)
                    .then_some(self.network.tx_bytes / 1000),
                ..self.network
            },
            disk_io: (dialect == Dialect::Pelican).then(DiskUsage::default),
            cpu_limit_absolute: (dialect == Dialect::CalagopusNext)
                .then(|| u32::try_from(self.document.settings.build.cpu_limit).unwrap_or(0)),
            cpu_absolute: if up {
                load.cpu(self.document.settings.build.cpu_limit)
            } else {
                0.0
            },
            uptime: match self.started_at {
                Some(started) if up => (now - started).num_milliseconds().max(0),
                _ => 0,
            },
        }
    }

    /// Moves the figures on by one tick.
    pub(crate) fn tick(&mut self, seed: u64) {
        self.ticks += 1;
        let load = stats::load(self.uuid(), seed, self.ticks);
        self.network.rx_bytes += load.received();
        self.network.tx_bytes += load.sent();
    }

    pub(crate) fn wire(&self, now: DateTime<Utc>, seed: u64, dialect: Dialect) -> server::Server {
        server::Server {
            state: self.state,
            is_suspended: self.document.settings.suspended,
            utilization: self.utilization_in(now, seed, dialect),
            configuration: serde_json::to_value(&self.document.settings).unwrap_or_default(),
        }
    }

    /// Whether it is busy with something that refuses others.
    pub(crate) const fn is_locked(&self) -> bool {
        self.installing.is_some() || self.transferring.is_some() || self.restoring
    }

    /// Bytes its files may take; nothing where there is no limit.
    pub(crate) fn quota(&self) -> Option<u64> {
        match self.document.settings.build.disk_space {
            0 => None,
            mib => Some(mib.saturating_mul(1024 * 1024)),
        }
    }
}

/// A server on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Transferring {
    /// To another node, or from one.
    pub(crate) outgoing: bool,
    pub(crate) bytes: u64,
    /// All of it has left. The daemon does not think of it as a transfer any more, but the server stays locked.
    pub(crate) sent: bool,
}

/// File work in the background.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operation {
    /// `compress`, `decompress`, `pull`, `copy`.
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    pub(crate) progress: u64,
    pub(crate) total: u64,
}

/// An earlier content of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) id: i64,
    pub(crate) content: Vec<u8>,
    pub(crate) user: Option<Uuid>,
    pub(crate) created: DateTime<Utc>,
}

/// A backup the node keeps, or (S3) knows to be elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Backup {
    pub(crate) server: Uuid,
    pub(crate) files: FileArea,
}

/// The node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) servers: BTreeMap<Uuid, SimServer>,
    /// They outlive their server, except on Pelican.
    #[serde(default)]
    pub(crate) backups: BTreeMap<Uuid, Backup>,
    pub(crate) ledger: Vec<LedgerEntry>,
    /// Rows not yet sent; lost with the process, as by a real daemon.
    #[serde(skip)]
    pub(crate) activity: Vec<Activity>,
}

impl World {
    pub(crate) fn record(
        &mut self,
        now: DateTime<Utc>,
        server: Uuid,
        effect: Effect,
        detail: Option<String>,
    ) {
        self.ledger.push(LedgerEntry {
            seq: self.ledger.len() as u64 + 1,
            at: now,
            server,
            effect,
            detail,
        });
    }

    /// Takes what the panel says at boot: those servers and no others, each with what was known of it before.
    pub(crate) fn adopt(&mut self, servers: Vec<BootServer>) {
        let mut before = std::mem::take(&mut self.servers);
        for BootServer { uuid, document } in servers {
            let server = match before.remove(&uuid) {
                Some(known) => SimServer { document, ..known },
                None => SimServer::new(document),
            };
            self.servers.insert(uuid, server);
        }
    }
}
