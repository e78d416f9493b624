//! Places for backups as clients see them.

use panel_api_types::backup_configuration as dto;
use panel_domain::backup::BackupDisk;
use panel_service::backup_configurations::{BackupConfiguration, BackupStats};

/// A place for backups, access included: for those who may see it.
pub(crate) fn backup_configuration(place: BackupConfiguration) -> dto::BackupConfiguration {
    dto::BackupConfiguration {
        uuid: place.id.uuid(),
        name: place.name,
        description: place.description,
        maintenance_enabled: place.maintenance_enabled,
        shared: place.shared,
        backup_disk: shown(place.disk),
        backup_configs: place.stores,
        created: place.created_at,
    }
}

const fn shown(disk: BackupDisk) -> dto::BackupDisk {
    match disk {
        BackupDisk::Local => dto::BackupDisk::Local,
        BackupDisk::S3 => dto::BackupDisk::S3,
        BackupDisk::DdupBak => dto::BackupDisk::DdupBak,
        BackupDisk::Btrfs => dto::BackupDisk::Btrfs,
        BackupDisk::Zfs => dto::BackupDisk::Zfs,
        BackupDisk::Restic => dto::BackupDisk::Restic,
        BackupDisk::ProxmoxBackupServer => dto::BackupDisk::ProxmoxBackupServer,
        BackupDisk::Kopia => dto::BackupDisk::Kopia,
    }
}

/// The domain's form of it.
pub(crate) const fn disk(shown: dto::BackupDisk) -> BackupDisk {
    match shown {
        dto::BackupDisk::Local => BackupDisk::Local,
        dto::BackupDisk::S3 => BackupDisk::S3,
        dto::BackupDisk::DdupBak => BackupDisk::DdupBak,
        dto::BackupDisk::Btrfs => BackupDisk::Btrfs,
        dto::BackupDisk::Zfs => BackupDisk::Zfs,
        dto::BackupDisk::Restic => BackupDisk::Restic,
        dto::BackupDisk::ProxmoxBackupServer => BackupDisk::ProxmoxBackupServer,
        dto::BackupDisk::Kopia => BackupDisk::Kopia,
    }
}

/// How many backups were made.
pub(crate) fn stats([all, day, week, month]: [BackupStats; 4]) -> dto::BackupStats {
    let counts = |stats: BackupStats| dto::BackupCounts {
        total: stats.total,
        successful: stats.successful,
        successful_bytes: stats.successful_bytes,
        failed: stats.failed,
        deleted: stats.deleted,
        deleted_bytes: stats.deleted_bytes,
    };
    dto::BackupStats {
        all_time: counts(all),
        today: counts(day),
        week: counts(week),
        month: counts(month),
    }
}
