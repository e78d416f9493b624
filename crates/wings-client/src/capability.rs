//! What a daemon can do, by its flavour and age. One line for each thing that not every daemon has; the calls ask here before they send.

use std::fmt;

use crate::flavour::Flavour;

/// A set of daemons.
#[derive(Clone, Copy)]
struct Who {
    pterodactyl: bool,
    pelican: bool,
    /// Calagopus before 1.0.
    calagopus: bool,
    /// Calagopus from 1.0 on.
    calagopus_1: bool,
}

const fn who(pterodactyl: bool, pelican: bool, calagopus: bool, calagopus_1: bool) -> Who {
    Who {
        pterodactyl,
        pelican,
        calagopus,
        calagopus_1,
    }
}

const GO: Who = who(true, true, false, false);
const PELICAN: Who = who(false, true, false, false);
const PELICAN_CALAGOPUS: Who = who(false, true, true, true);
/// Depends on more than the daemon's age; asked elsewhere.
const NONE: Who = who(false, false, false, false);
const CALAGOPUS: Who = who(false, false, true, true);
const CALAGOPUS_0: Who = who(false, false, true, false);
const CALAGOPUS_1: Who = who(false, false, false, true);

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident = $who:ident, $text:literal;)+) => {
        /// Something that not every daemon can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Capability {
            $($(#[$doc])* $name,)+
        }

        impl Capability {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            const fn who(self) -> Who {
                match self { $(Self::$name => $who,)+ }
            }
        }

        impl fmt::Display for Capability {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text,)+ })
            }
        }
    };
}

capabilities! {
    /// `GET /api/system?v=2`
    DetailedInformation = GO, "a detailed description of its machine";
    /// `GET /api/system/overview`
    Overview = CALAGOPUS, "an overview of the node";
    /// `GET /api/system/config`
    Configuration = CALAGOPUS, "reading its configuration";
    /// `GET /api/diagnostics`
    Diagnostics = PELICAN, "a report for support";
    /// `GET /api/system/ips`
    IpAddresses = PELICAN, "listing the addresses of its machine";
    /// `GET /api/system/utilization`
    MachineUtilization = PELICAN, "the load of its disks";
    /// `GET /api/system/stats`, also as a stream.
    NodeStatistics = CALAGOPUS, "statistics of the node";
    /// `/api/system/docker/..`
    DockerMaintenance = PELICAN, "cleaning up images";
    /// `GET /api/system/logs`
    NodeLogs = CALAGOPUS, "reading its own logs";
    /// A log that is followed, and the last lines of one.
    FollowNodeLogs = CALAGOPUS_1, "following its own logs";
    /// `POST /api/system/upgrade`
    Upgrade = CALAGOPUS, "replacing itself by a newer version";
    /// `/api/system/restic/..`
    ResticMaintenance = CALAGOPUS_1, "looking after a restic repository";
    /// `GET /api/ports/used`
    UsedPorts = CALAGOPUS_1, "listing ports in use";
    /// Taking a new token by `POST /api/update`.
    TokenRotation = GO, "taking a new token";
    /// `POST /api/servers/power`
    PowerMany = CALAGOPUS_1, "one power action for many servers";
    /// `GET /api/servers/utilization`, also as a stream.
    LiveUtilization = CALAGOPUS_1, "the load of all servers at once";
    /// `POST /api/servers/{server}/install/abort`
    AbortInstall = CALAGOPUS, "aborting an installation";
    /// The log of an installation.
    InstallLog = PELICAN_CALAGOPUS, "reading the installation log";
    /// A reinstall that carries its script and may empty the directory.
    ReinstallWithScript = CALAGOPUS, "a reinstall with its own script";
    /// A sync that carries the configuration.
    InlineSync = CALAGOPUS, "a sync with its configuration";
    /// `POST /api/servers/{server}/script`
    Script = CALAGOPUS, "running a script beside a server";
    /// `GET /api/servers/{server}/version`
    GameVersion = CALAGOPUS, "telling the version of a server's program";
    /// `/api/servers/{server}/schedules/..`: schedules run by the node itself.
    Schedules = CALAGOPUS, "schedules on the node";
    /// Changing a connected user's permissions.
    WebsocketPermissions = CALAGOPUS, "changing live permissions";
    /// Shutting a user out of servers at once.
    DeauthorizeUser = PELICAN_CALAGOPUS, "shutting out a user";
    /// `POST /api/servers/{server}/ws/broadcast`
    Broadcast = CALAGOPUS_1, "telling everybody on a console";
    /// `GET /api/servers/{server}/ws/query`
    PortTunnel = CALAGOPUS_1, "a tunnel to a server's port";
    /// A list of files in pages, with a count.
    PagedFileList = CALAGOPUS, "file lists in pages";
    /// A list of files in another order than by name.
    SortedFileList = CALAGOPUS_1, "file lists in another order";
    /// A name for a copy of a file.
    NamedCopy = CALAGOPUS, "choosing the name of a copy";
    /// Replacing what is there by a copy, and copying in the background.
    BackgroundCopy = CALAGOPUS_1, "copying in the background";
    /// `POST .../files/copy-many`
    CopyMany = CALAGOPUS_1, "copying many files at once";
    /// `POST .../files/copy-remote`
    RemoteCopy = CALAGOPUS_1, "copying files to another server";
    /// `POST .../files/create-symlink`
    Symlinks = CALAGOPUS_1, "making symbolic links";
    /// Modes of whole directories.
    RecursiveModes = CALAGOPUS_1, "changing modes of whole directories";
    /// Choosing format and name of an archive.
    ArchiveFormats = PELICAN_CALAGOPUS, "choosing the format of an archive";
    /// Packing and unpacking in the background, and `DELETE .../files/operations/{operation}`.
    BackgroundOperations = CALAGOPUS, "file operations in the background";
    /// `GET .../files/operations`
    ListOperations = CALAGOPUS_1, "listing file operations";
    /// `POST .../files/pull/query`
    PullQuery = CALAGOPUS_1, "looking at a download beforehand";
    /// Search in files, by name.
    FileSearch = PELICAN_CALAGOPUS, "file search";
    /// Search in files, by size and content.
    ContentSearch = CALAGOPUS, "searching the content of files";
    /// Checksums of files.
    FileFingerprints = CALAGOPUS, "file fingerprints";
    /// Former versions of files.
    FileRevisions = CALAGOPUS_1, "file revisions";
    /// `GET .../files/largest-directories`
    LargestDirectories = CALAGOPUS_1, "listing the largest directories";
    /// `POST .../files/sqlite-query`
    SqliteQueries = CALAGOPUS_1, "queries in SQLite files";
    /// A backup adapter, see [`Capabilities::backup_adapters`].
    BackupAdapter = NONE, "this kind of backup";
    /// `DELETE /api/servers/{server}/deleteAllBackups`
    DeleteAllBackups = PELICAN, "deleting all backups of a server at once";
    /// `DELETE /api/backups/{backup}`
    BackupsWithoutServer = CALAGOPUS, "deleting backups of a server it no longer has";
    /// `GET /api/backups/{backup}/query`
    BackupQuery = CALAGOPUS_1, "looking at a backup";
    /// `POST /api/backups/{backup}/export`
    BackupExport = CALAGOPUS_1, "writing a backup among a server's files";
    /// Moving backups along with their server.
    TransferBackups = PELICAN_CALAGOPUS, "moving backups along with their server";
    /// The formats beyond what tar has always been packed with, between nodes.
    TransferFormats = CALAGOPUS_1, "packing a server for its way in this format";
    /// `DELETE /api/transfers/{server}`; the Go daemons have the route, but it always fails.
    CancelIncomingTransfer = CALAGOPUS, "cancelling a transfer on its destination";
    /// `GET /api/transfers..`
    TransferProgress = CALAGOPUS_1, "following transfers";
    /// Range requests on downloads.
    RangeDownloads = CALAGOPUS, "partial downloads";
    /// Download of directories and of many files as one archive.
    DirectoryDownload = CALAGOPUS, "downloading directories";
    /// Uploads that go on where they broke off.
    ResumableUpload = CALAGOPUS_1, "uploads that can be resumed";
    /// `privileged` containers.
    PrivilegedContainers = CALAGOPUS_0, "privileged containers";
}

/// What one daemon can do, by its flavour and age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    flavour: Flavour,
    /// Calagopus from 1.0 on.
    new_generation: bool,
}

impl Capabilities {
    pub(crate) const fn of(flavour: Flavour, new_generation: bool) -> Self {
        Self {
            flavour,
            new_generation,
        }
    }

    /// Whether the daemon can do `capability`.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        let who = capability.who();
        match (self.flavour, self.new_generation) {
            (Flavour::Pterodactyl, _) => who.pterodactyl,
            (Flavour::Pelican, _) => who.pelican,
            (Flavour::Calagopus, false) => who.calagopus,
            (Flavour::Calagopus, true) => who.calagopus_1,
        }
    }

    /// All it can do beyond what every daemon can.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .iter()
            .copied()
            .filter(move |capability| self.has(*capability))
    }

    /// Names of the backup adapters it knows.
    #[must_use]
    pub const fn backup_adapters(self) -> &'static [&'static str] {
        match (self.flavour, self.new_generation) {
            (Flavour::Calagopus, false) => &["wings", "s3", "ddup-bak", "btrfs", "zfs", "restic"],
            (Flavour::Calagopus, true) => &[
                "wings",
                "s3",
                "ddup-bak",
                "btrfs",
                "zfs",
                "restic",
                "proxmox-backup-server",
                "kopia",
            ],
            _ => &["wings", "s3"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flavour::Profile;

    #[test]
    fn capabilities_follow_flavour_and_age() {
        let of = |flavour, version: &str| {
            Profile {
                flavour,
                version: version.into(),
            }
            .capabilities()
        };
        assert!(of(Flavour::Calagopus, "0.22.12:a").has(Capability::Schedules));
        assert!(!of(Flavour::Calagopus, "0.22.12:a").has(Capability::FileRevisions));
        assert!(of(Flavour::Calagopus, "1.2.0:a").has(Capability::FileRevisions));
        assert!(!of(Flavour::Pterodactyl, "1.11.13").has(Capability::DeauthorizeUser));
        assert!(of(Flavour::Pelican, "1.0.0").has(Capability::DeauthorizeUser));
        assert_eq!(
            of(Flavour::Pelican, "1.0.0").backup_adapters(),
            ["wings", "s3"]
        );
    }
}
