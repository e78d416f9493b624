//! Everything the simulated node holds: its servers with their files, and the ledger. Can be written to a file and read back.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wings_client::wire::remote::{Activity, BootServer, InstallationScript, ServerDocument};
use wings_client::wire::server::{self, NetworkUsage, ServerState, Utilization};

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
    pub(crate) backups: BTreeMap<Uuid, FileArea>,
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) crashed_at: Option<DateTime<Utc>>,
    /// Counts power actions that took over from an earlier one; a task of an earlier count gives up.
    pub(crate) turn: u64,
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
            backups: BTreeMap::new(),
            started_at: None,
            crashed_at: None,
            turn: 0,
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
        let load = stats::load(self.uuid(), seed, self.ticks);
        let limit = u64::try_from(self.document.settings.build.memory_limit).unwrap_or(0);
        let up = self.state != ServerState::Offline;
        Utilization {
            memory_bytes: if up { load.memory(limit) } else { 0 },
            memory_limit_bytes: if up { stats::with_overhead(limit) } else { 0 },
            disk_bytes: i64::try_from(self.files.size()).unwrap_or(i64::MAX),
            state: self.state,
            network: self.network,
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

    pub(crate) fn wire(&self, now: DateTime<Utc>, seed: u64) -> server::Server {
        server::Server {
            state: self.state,
            is_suspended: self.document.settings.suspended,
            utilization: self.utilization(now, seed),
            configuration: serde_json::to_value(&self.document.settings).unwrap_or_default(),
        }
    }

    /// Whether it is busy with something that refuses others (installing).
    pub(crate) const fn is_locked(&self) -> bool {
        self.installing.is_some()
    }
}

/// The node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) servers: BTreeMap<Uuid, SimServer>,
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
