//! The machine a node runs on, as the Go daemons describe it.

use serde::{Deserialize, Serialize};

/// Answer of `GET /api/system?v=2` (Pterodactyl, Pelican).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailedInformation {
    /// The daemon's version.
    pub version: String,
    /// What runs the containers.
    pub docker: Docker,
    /// The machine.
    pub system: Machine,
}

/// What runs the containers, in [`DetailedInformation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Docker {
    /// Its version.
    pub version: String,
    /// How it limits resources.
    pub cgroups: DriverVersion,
    /// How many containers there are, of servers and others.
    pub containers: Containers,
    /// Where images and containers lie.
    pub storage: Storage,
    /// The program that starts containers.
    pub runc: Runc,
}

/// How resources are limited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverVersion {
    /// `systemd` or `cgroupfs`.
    pub driver: String,
    /// `1` or `2`.
    pub version: String,
}

/// Counts of containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Containers {
    /// All.
    pub total: i64,
    /// Running.
    pub running: i64,
    /// Paused.
    pub paused: i64,
    /// Stopped.
    pub stopped: i64,
}

/// Where images and containers lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// Such as `overlay2`.
    pub driver: String,
    /// Such as `extfs`.
    pub filesystem: String,
}

/// The program that starts containers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runc {
    /// Its version.
    pub version: String,
}

/// The machine, in [`DetailedInformation`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Such as `amd64`.
    pub architecture: String,
    /// Logical processors.
    pub cpu_threads: u64,
    /// Memory, bytes.
    pub memory_bytes: i64,
    /// Kernel.
    pub kernel_version: String,
    /// Name of the distribution.
    pub os: String,
    /// Such as `linux`.
    pub os_type: String,
}

/// Answer of `GET /api/system/ips` (Pelican).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpAddresses {
    /// The machine's addresses; null when there are none.
    #[serde(default)]
    pub ip_addresses: Option<Vec<String>>,
}

/// Answer of `GET /api/system/utilization` (Pelican); sizes are bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MachineUtilization {
    /// Memory of the machine.
    pub memory_total: u64,
    /// Memory in use.
    pub memory_used: u64,
    /// Swap of the machine.
    pub swap_total: u64,
    /// Swap in use.
    pub swap_used: u64,
    /// Load over one minute.
    pub load_average1: f64,
    /// Load over five minutes.
    pub load_average5: f64,
    /// Load over fifteen minutes.
    pub load_average15: f64,
    /// Percent of the whole machine, 0–100.
    pub cpu_percent: f64,
    /// All disks together.
    pub disk_total: u64,
    /// Of that in use.
    pub disk_used: u64,
    /// Each disk; null when unknown.
    #[serde(default)]
    pub disk_details: Option<Vec<Disk>>,
}

/// One disk in [`MachineUtilization`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// Such as `/dev/sda1`.
    pub device: String,
    /// Where it is mounted.
    pub mountpoint: String,
    /// Its size, bytes.
    pub total_space: u64,
    /// In use, bytes.
    pub used_space: u64,
    /// What the daemon keeps there: `Root`, `Logs`, `Data`, `Archive`, `Backup`, `Temp`.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
}

/// Answer of `GET /api/system/docker/disk` (Pelican); sizes are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DockerDisk {
    /// Size of all containers.
    pub containers_size: i64,
    /// How many images there are.
    pub images_total: i64,
    /// How many of them are in use.
    pub images_active: i64,
    /// Size of all images.
    pub images_size: i64,
    /// Size of the build cache.
    pub build_cache_size: i64,
}

/// Answer of `DELETE /api/system/docker/image/prune` (Pelican): Docker's own report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PruneReport {
    /// What was removed; null when nothing was.
    #[serde(default)]
    pub images_deleted: Option<Vec<PrunedImage>>,
    /// Bytes that are free again.
    #[serde(default)]
    pub space_reclaimed: u64,
}

/// One line of a [`PruneReport`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PrunedImage {
    /// A name that no longer means an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untagged: Option<String>,
    /// A layer that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<String>,
}

/// What `GET /api/diagnostics` (Pelican) is to contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics {
    /// Addresses of panel and node; they are masked otherwise.
    pub include_endpoints: bool,
    /// The end of the daemon's log.
    pub include_logs: bool,
    /// How many lines of it, 500 at most.
    pub log_lines: u32,
}

impl Default for Diagnostics {
    fn default() -> Self {
        Self {
            include_endpoints: false,
            include_logs: true,
            log_lines: 200,
        }
    }
}
