//! Access to what keeps backups elsewhere than on a node.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::BackupDisk;
use crate::validate::Invalid;

/// Access to stores, by kind. Its debug text shows nothing of it, since most of it is secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BackupConfigs))]
#[serde(deny_unknown_fields)]
pub struct Stores {
    /// An S3 bucket.
    #[serde(default)]
    pub s3: Option<S3Store>,
    /// A restic repository.
    #[serde(default)]
    pub restic: Option<ResticStore>,
    /// A datastore of a Proxmox Backup Server.
    #[serde(default)]
    pub pbs: Option<PbsStore>,
    /// A Kopia repository server.
    #[serde(default)]
    pub kopia: Option<KopiaStore>,
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stores(..)")
    }
}

/// How daemons that choose pack their archives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BackupCompression))]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Not at all.
    None,
    /// Gzip.
    #[default]
    Gz,
    /// XZ.
    Xz,
    /// Lzip.
    Lzip,
    /// Bzip2.
    Bz2,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
}

/// An S3 bucket.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BackupConfigsS3))]
#[serde(deny_unknown_fields)]
pub struct S3Store {
    /// Public half of the key.
    pub access_key: String,
    /// Secret half of the key.
    pub secret_key: String,
    /// The bucket.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// Where it answers, `https://..`.
    pub endpoint: String,
    /// Whether the bucket stands in the path instead of the host.
    pub path_style: bool,
    /// How daemons that choose pack their archives. The daemons in Go always use gzip.
    #[serde(default)]
    pub compression_type: Compression,
    /// Bytes of a part of an upload.
    pub part_size: u64,
}

/// When a restic repository is cleaned up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ResticPruneJob))]
#[serde(deny_unknown_fields)]
pub struct PruneJob {
    /// The pattern of its times.
    pub cron: String,
    /// By which nodes.
    pub nodes: Vec<Uuid>,
}

/// A restic repository.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BackupConfigsRestic))]
#[serde(deny_unknown_fields)]
pub struct ResticStore {
    /// Where it is, as restic takes it.
    pub repository: String,
    /// How long a lock is waited for.
    pub retry_lock_seconds: u64,
    /// Credentials and password, as environment.
    pub environment: BTreeMap<String, String>,
    /// When it is cleaned up.
    #[serde(default)]
    pub prune_jobs: Vec<PruneJob>,
}

/// A datastore of a Proxmox Backup Server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BackupConfigsPbs))]
#[serde(deny_unknown_fields)]
pub struct PbsStore {
    /// Where it answers.
    pub url: String,
    /// The datastore.
    pub datastore: String,
    /// The namespace in it.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Name of the API token, `user@realm!name`.
    pub token_id: String,
    /// The API token.
    pub token_secret: String,
    /// SHA-256 of its certificate, in hexadecimal.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// What names of backups begin with.
    #[serde(default)]
    pub backup_id_prefix: Option<String>,
}

/// A Kopia repository server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = BackupConfigKopia))]
#[serde(deny_unknown_fields)]
pub struct KopiaStore {
    /// Where it answers.
    pub url: String,
    /// Who signs in, `user@host`.
    pub username: String,
    /// With what.
    pub password: String,
    /// SHA-256 of its certificate, in hexadecimal.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// Tags of the snapshots.
    pub tags: BTreeMap<String, String>,
}

/// Bytes that a part of an upload to S3 may have (the limits of S3 itself).
const PART_SIZES: std::ops::RangeInclusive<u64> = 5 * MIB..=5 * 1024 * MIB;
const MIB: u64 = 1024 * 1024;

/// The most parts of an upload to S3 (its own limit).
pub const MAX_PARTS: u64 = 10_000;

impl S3Store {
    /// Bytes of each part but the last of an upload of `size` bytes: what is configured, or more where that would be too many parts.
    #[must_use]
    pub fn part_size(&self, size: u64) -> u64 {
        let least = size.div_ceil(MAX_PARTS).div_ceil(MIB) * MIB;
        self.part_size
            .clamp(*PART_SIZES.start(), *PART_SIZES.end())
            .max(least)
    }

    fn check(&self, invalid: &mut Invalid) {
        for (field, value) in [
            ("access_key", &self.access_key),
            ("secret_key", &self.secret_key),
            ("bucket", &self.bucket),
            ("region", &self.region),
        ] {
            invalid.name(field, value, 1..=255);
        }
        check_url("endpoint", &self.endpoint, invalid);
        invalid.range("part_size", &self.part_size, PART_SIZES);
    }
}

fn check_url(field: &str, url: &str, invalid: &mut Invalid) {
    invalid.name(field, url, 1..=255);
    invalid.require(
        url.starts_with("https://") || url.starts_with("http://"),
        field,
        "must begin with https:// or http://",
    );
}

fn check_fingerprint(field: &str, fingerprint: Option<&str>, invalid: &mut Invalid) {
    let Some(fingerprint) = fingerprint else {
        return;
    };
    let digits = fingerprint.bytes().filter(|b| *b != b':');
    let ok = digits.clone().count() == 64 && digits.clone().all(|b| b.is_ascii_hexdigit());
    invalid.require(
        ok,
        field,
        "must be 64 hexadecimal digits, with or without colons",
    );
}

fn check_map(field: &str, map: &BTreeMap<String, String>, most: usize, invalid: &mut Invalid) {
    invalid.require(
        map.len() <= most,
        field,
        format!("must be at most {most} entries"),
    );
    for (key, value) in map {
        let field = format!("{field}.{key}");
        invalid.name(&field, key, 1..=255);
        invalid.text(&field, value, 0..=8192);
    }
}

impl ResticStore {
    fn check(&self, invalid: &mut Invalid) {
        invalid.name("repository", &self.repository, 1..=1024);
        invalid.range("retry_lock_seconds", &self.retry_lock_seconds, 0..=86_400);
        check_map("environment", &self.environment, 100, invalid);
        invalid.require(
            self.prune_jobs.is_empty(),
            "prune_jobs",
            "must be empty: the panel does not clean up repositories; have a node do it",
        );
    }
}

impl PbsStore {
    fn check(&self, invalid: &mut Invalid) {
        check_url("url", &self.url, invalid);
        invalid.name("datastore", &self.datastore, 1..=255);
        invalid.name("token_id", &self.token_id, 1..=255);
        invalid.require(
            self.token_id.contains('@') && self.token_id.contains('!'),
            "token_id",
            "must be like user@realm!name",
        );
        invalid.name("token_secret", &self.token_secret, 1..=255);
        check_fingerprint("fingerprint", self.fingerprint.as_deref(), invalid);
        for (field, value) in [
            ("namespace", &self.namespace),
            ("backup_id_prefix", &self.backup_id_prefix),
        ] {
            if let Some(value) = value {
                invalid.name(field, value, 1..=255);
            }
        }
    }
}

impl KopiaStore {
    fn check(&self, invalid: &mut Invalid) {
        check_url("url", &self.url, invalid);
        invalid.name("username", &self.username, 1..=255);
        invalid.require(
            self.username.contains('@'),
            "username",
            "must be like user@host",
        );
        invalid.name("password", &self.password, 1..=255);
        check_fingerprint("fingerprint", self.fingerprint.as_deref(), invalid);
        check_map("tags", &self.tags, 50, invalid);
    }
}

impl Stores {
    /// Notes what is wrong with them for a place that keeps its backups on `disk`.
    pub fn check(&self, disk: BackupDisk, invalid: &mut Invalid) {
        let needed = match disk {
            BackupDisk::S3 => Some(("s3", self.s3.is_some())),
            BackupDisk::Restic => Some(("restic", self.restic.is_some())),
            BackupDisk::ProxmoxBackupServer => Some(("pbs", self.pbs.is_some())),
            BackupDisk::Kopia => Some(("kopia", self.kopia.is_some())),
            // A restic repository may also be configured on the nodes themselves, but then its daemons do not ask.
            BackupDisk::Local | BackupDisk::DdupBak | BackupDisk::Btrfs | BackupDisk::Zfs => None,
        };
        if let Some((field, given)) = needed {
            let field = format!("backup_configs.{field}");
            invalid.require(
                given,
                &field,
                format!("must be given for backups on {disk}"),
            );
        }
        let mut part = |name: &str, check: &mut dyn FnMut(&mut Invalid)| {
            let mut wrong = Invalid::new();
            check(&mut wrong);
            invalid.nest(&format!("backup_configs.{name}"), wrong);
        };
        if let Some(s3) = &self.s3 {
            part("s3", &mut |invalid| s3.check(invalid));
        }
        if let Some(restic) = &self.restic {
            part("restic", &mut |invalid| restic.check(invalid));
        }
        if let Some(pbs) = &self.pbs {
            part("pbs", &mut |invalid| pbs.check(invalid));
        }
        if let Some(kopia) = &self.kopia {
            part("kopia", &mut |invalid| kopia.check(invalid));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(part_size: u64) -> S3Store {
        S3Store {
            access_key: "key".into(),
            secret_key: "secret".into(),
            bucket: "backups".into(),
            region: "eu-central-1".into(),
            endpoint: "https://s3.example.com".into(),
            path_style: true,
            compression_type: Compression::Gz,
            part_size,
        }
    }

    #[test]
    fn an_upload_has_no_more_parts_than_s3_takes() {
        let store = store(128 * MIB);
        assert_eq!(store.part_size(0), 128 * MIB);
        assert_eq!(store.part_size(1 << 30), 128 * MIB);
        for size in [1_u64 << 40, (1 << 43) + 1, 48 << 40] {
            let part = store.part_size(size);
            assert!(size.div_ceil(part) <= MAX_PARTS, "{size}: {part}");
        }
    }

    #[test]
    fn a_place_has_the_access_that_its_kind_needs() {
        let fields = |stores: &Stores, disk| {
            let mut invalid = Invalid::new();
            stores.check(disk, &mut invalid);
            let fields: Vec<String> = invalid.fields().iter().map(|e| e.field.clone()).collect();
            fields
        };
        let none = Stores::default();
        assert_eq!(fields(&none, BackupDisk::Local), [""; 0]);
        assert_eq!(fields(&none, BackupDisk::S3), ["backup_configs.s3"]);
        assert_eq!(fields(&none, BackupDisk::Kopia), ["backup_configs.kopia"]);
        let mut small = store(1);
        small.endpoint = "s3.example.com".into();
        let stores = Stores {
            s3: Some(small),
            ..Stores::default()
        };
        assert_eq!(
            fields(&stores, BackupDisk::S3),
            ["backup_configs.s3.endpoint", "backup_configs.s3.part_size"]
        );
        assert_eq!(format!("{stores:?}"), "Stores(..)");
    }

    #[test]
    fn fingerprints_are_sha256() {
        let wrong = |text: &str| {
            let mut invalid = Invalid::new();
            check_fingerprint("fingerprint", Some(text), &mut invalid);
            !invalid.fields().is_empty()
        };
        assert!(!wrong(&"ab:".repeat(32)));
        assert!(!wrong(&"ab".repeat(32)));
        assert!(wrong(&"ab".repeat(31)));
        assert!(wrong(&"xy".repeat(32)));
    }
}
