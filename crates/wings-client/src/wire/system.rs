//! What a daemon says about itself and its machine.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

/// Answer of `GET /api/system`, in the shape that all flavours give when no `v=2` is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemInformation {
    /// Processor architecture: `amd64` from the Go daemons, `x86_64` from Calagopus.
    pub architecture: String,
    /// Logical processors.
    pub cpu_count: u64,
    /// Kernel, `6.8.0-41-generic` (Go) or `Linux 6.8.0-41-generic` (Calagopus).
    pub kernel_version: String,
    /// Operating system, `linux` in practice.
    pub os: String,
    /// Version: `1.11.13` or `develop` (Go), `0.22.12:eb45cb7` (Calagopus).
    pub version: String,
}

/// Answer of `GET /api/system/overview` (Calagopus only).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Version, `<semver>:<commit>`.
    pub version: String,
    /// The node's local time; daemons before 1.0 leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_time: Option<DateTime<FixedOffset>>,
    /// How the daemon runs: `official`, `unknown` or `none` (not in a container).
    pub container_type: String,
    /// The processor.
    pub cpu: OverviewCpu,
    /// Memory in bytes.
    pub memory: OverviewMemory,
    /// How many servers the daemon knows.
    pub servers: OverviewServers,
    /// Processor architecture.
    pub architecture: String,
    /// Kernel.
    pub kernel_version: String,
}

/// The processor in an [`Overview`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewCpu {
    /// Name of the first core.
    pub name: String,
    /// Brand text.
    pub brand: String,
    /// Vendor text.
    pub vendor_id: String,
    /// Frequency in MHz.
    pub frequency_mhz: u64,
    /// Logical processors.
    pub cpu_count: u64,
}

/// Memory in an [`Overview`], in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewMemory {
    /// All of the machine.
    pub total_bytes: u64,
    /// Free.
    pub free_bytes: u64,
    /// In use.
    pub used_bytes: u64,
    /// In use by the daemon; daemons before 1.0 leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_bytes_process: Option<u64>,
}

/// Server counts in an [`Overview`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewServers {
    /// All.
    pub total: u64,
    /// Not offline.
    pub online: u64,
    /// Offline.
    pub offline: u64,
}

/// Answer of `GET /api/system/stats` (Calagopus only).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemStatsAnswer {
    /// The figures.
    pub stats: SystemStats,
}

/// A machine's load as the daemon reports it.
///
/// The unit differs by age of the daemon under the same field names: before 1.0 memory, disk and network are whole MiB, later they are
/// bytes. Presence of `memory.used_process` tells; [`SystemStats::in_bytes`] gives one unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemStats {
    /// Processor.
    pub cpu: CpuStats,
    /// Network, summed over interfaces.
    pub network: NetworkStats,
    /// Memory.
    pub memory: MemoryStats,
    /// The disk of the servers' data.
    pub disk: DiskStats,
}

/// Processor load in [`SystemStats`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CpuStats {
    /// Percent of the whole machine, 0–100.
    pub used: f64,
    /// Logical processors.
    pub threads: u64,
    /// Model text.
    pub model: String,
}

/// Network load in [`SystemStats`]; the packet figures are of Calagopus 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NetworkStats {
    /// Received since boot.
    pub received: u64,
    /// Received per second.
    pub receiving_rate: f64,
    /// Sent since boot.
    pub sent: u64,
    /// Sent per second.
    pub sending_rate: f64,
    /// Packets received since boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_packets: Option<u64>,
    /// Packets received per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_packets_rate: Option<f64>,
    /// Packets sent since boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_packets: Option<u64>,
    /// Packets sent per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending_packets_rate: Option<f64>,
}

/// Memory in [`SystemStats`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryStats {
    /// In use.
    pub used: u64,
    /// In use by the daemon; only where figures are bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_process: Option<u64>,
    /// All of the machine.
    pub total: u64,
}

/// Disk load in [`SystemStats`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DiskStats {
    /// In use.
    pub used: u64,
    /// Size.
    pub total: u64,
    /// Read since boot.
    pub read: u64,
    /// Read per second.
    pub reading_rate: f64,
    /// Written since boot.
    pub written: u64,
    /// Written per second.
    pub writing_rate: f64,
}

const MIB: u64 = 1024 * 1024;

impl SystemStats {
    /// The same figures with memory, disk and network in bytes, whatever the daemon's age.
    #[must_use]
    pub fn in_bytes(mut self) -> Self {
        if self.memory.used_process.is_some() {
            return self;
        }
        let rate = 1_048_576.0;
        for figure in [
            &mut self.network.received,
            &mut self.network.sent,
            &mut self.memory.used,
            &mut self.memory.total,
            &mut self.disk.used,
            &mut self.disk.total,
            &mut self.disk.read,
            &mut self.disk.written,
        ] {
            *figure = figure.saturating_mul(MIB);
        }
        for figure in [
            &mut self.network.receiving_rate,
            &mut self.network.sending_rate,
            &mut self.disk.reading_rate,
            &mut self.disk.writing_rate,
        ] {
            *figure *= rate;
        }
        self
    }
}

/// Answer of `POST /api/update`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// False when the node is told to ignore the panel's configuration (`ignore_panel_config_updates`).
    pub applied: bool,
}

/// Body of every error a daemon's own code answers; its framework answers plain text instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong, in English.
    pub error: String,
    /// Present on errors of the Go daemons that went through their central handler.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
