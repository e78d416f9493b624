//! Backups: where they are kept, how far they are, and what may be said of them.

mod stores;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use stores::{
    Compression, KopiaStore, MAX_PARTS, PbsStore, PruneJob, ResticStore, S3Store, Stores,
};

use crate::schedule::{Timetable, Trigger, check_pattern};
use crate::validate::Invalid;

/// How a backup is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupDisk {
    /// As an archive on the node.
    Local,
    /// As an archive in an S3 bucket.
    S3,
    /// Deduplicated on the node.
    DdupBak,
    /// As a Btrfs snapshot on the node.
    Btrfs,
    /// As a ZFS snapshot on the node.
    Zfs,
    /// In a restic repository.
    Restic,
    /// On a Proxmox Backup Server.
    ProxmoxBackupServer,
    /// In a Kopia repository.
    Kopia,
}

impl BackupDisk {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Local,
        Self::S3,
        Self::DdupBak,
        Self::Btrfs,
        Self::Zfs,
        Self::Restic,
        Self::ProxmoxBackupServer,
        Self::Kopia,
    ];

    /// Its name as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::S3 => "s3",
            Self::DdupBak => "ddup-bak",
            Self::Btrfs => "btrfs",
            Self::Zfs => "zfs",
            Self::Restic => "restic",
            Self::ProxmoxBackupServer => "proxmox-backup-server",
            Self::Kopia => "kopia",
        }
    }

    /// What daemons call it.
    #[must_use]
    pub const fn adapter(self) -> &'static str {
        match self {
            Self::Local => "wings",
            other => other.as_str(),
        }
    }

    /// Whether the data lies on the node that made it.
    #[must_use]
    pub const fn is_on_node(self) -> bool {
        matches!(self, Self::Local | Self::DdupBak | Self::Btrfs | Self::Zfs)
    }
}

impl fmt::Display for BackupDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackupState {
    /// Its node is to make it, or does.
    Creating,
    /// Its node says that it is there; the store is asked.
    Verifying,
    /// It is there.
    Successful,
    /// It is not.
    Failed,
}

impl BackupState {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Creating,
        Self::Verifying,
        Self::Successful,
        Self::Failed,
    ];

    /// Its name as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Verifying => "verifying",
            Self::Successful => "successful",
            Self::Failed => "failed",
        }
    }
}

/// A text that names nothing of the kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {noun}")]
pub struct Unknown {
    noun: &'static str,
    text: String,
}

impl FromStr for BackupDisk {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let found = Self::ALL.into_iter().find(|disk| disk.as_str() == text);
        found.ok_or_else(|| Unknown {
            noun: "way to keep backups",
            text: text.to_owned(),
        })
    }
}

impl FromStr for BackupState {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| Unknown {
            noun: "state of a backup",
            text: text.to_owned(),
        })
    }
}

/// The most patterns of files that a backup leaves out.
const MAX_IGNORED: usize = 512;

/// Notes what is wrong with the name of a backup or a group.
pub fn check_name(field: &str, name: &str, invalid: &mut Invalid) {
    invalid.name(field, name, 1..=255);
}

/// Notes what is wrong with the patterns of files that a backup leaves out: each becomes a line of what the daemon is sent.
pub fn check_ignored_files(field: &str, patterns: &[String], invalid: &mut Invalid) {
    invalid.require(
        patterns.len() <= MAX_IGNORED,
        field,
        format!("must be at most {MAX_IGNORED} patterns"),
    );
    for (i, pattern) in patterns.iter().enumerate() {
        let field = format!("{field}.{i}");
        invalid.text(&field, pattern, 1..=1024);
        invalid.require(
            !pattern.contains(['\n', '\r']),
            &field,
            "must be a single line",
        );
    }
}

/// Notes what is wrong with how many backups of a group are kept, and for how long.
pub fn check_retention(count: Option<i32>, days: Option<i32>, invalid: &mut Invalid) {
    if let Some(count) = count {
        invalid.range("retention_count", &count, 1..=100_000);
    }
    if let Some(days) = days {
        invalid.range("retention_days", &days, 1..=36_500);
    }
}

/// Notes what is wrong with the texts of a place for backups.
pub fn check_configuration(name: &str, description: Option<&str>, invalid: &mut Invalid) {
    check_name("name", name, invalid);
    if let Some(description) = description {
        invalid.text("description", description, 1..=1024);
    }
}

/// The most backups that a policy makes at the same time on a node.
pub const MAX_PARALLELISM: i32 = 100;

/// Notes what is wrong with a policy by which the panel makes backups by itself.
pub fn check_policy(
    name: &str,
    description: Option<&str>,
    cron: &str,
    parallelism: i32,
    now: DateTime<Utc>,
    invalid: &mut Invalid,
) {
    check_configuration(name, description, invalid);
    invalid.take("cron", check_pattern(cron, now));
    invalid.range("parallelism", &parallelism, 1..=MAX_PARALLELISM);
}

/// The first time after `now` at which a pattern, read in UTC, is due.
#[must_use]
pub fn next_due(cron: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let trigger = Trigger::Cron {
        schedule: cron.to_owned(),
    };
    Timetable::of(&[trigger], Tz::UTC).next_after(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_are_stored_and_sent() {
        for disk in BackupDisk::ALL {
            assert_eq!(disk.as_str().parse(), Ok(disk));
            assert_eq!(serde_json::to_value(disk).unwrap(), disk.as_str());
        }
        for state in BackupState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("tape".parse::<BackupDisk>().is_err());
        assert!("lost".parse::<BackupState>().is_err());
        assert_eq!(BackupDisk::Local.adapter(), "wings");
        assert_eq!(BackupDisk::Kopia.adapter(), "kopia");
    }

    #[test]
    fn a_pattern_is_one_line() {
        let wrong = |pattern: &str| {
            let mut invalid = Invalid::new();
            check_ignored_files("ignored_files", &[pattern.to_owned()], &mut invalid);
            invalid.fields().len()
        };
        assert_eq!(wrong("*.log"), 0);
        assert_eq!(wrong("!keep.log"), 0);
        assert_eq!(wrong(""), 1);
        assert_eq!(wrong("a\n!/etc"), 1);
        assert_eq!(wrong(&"a".repeat(1025)), 1);
    }
}
