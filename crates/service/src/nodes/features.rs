//! What a node's daemon can do for the users of its servers.

use panel_domain::node::NodeFeature;
use wings_client::Capability;

use super::Node;
use crate::node_calls;

/// What the daemon of a node can do, by what it last said of itself.
#[must_use]
pub fn features(node: &Node) -> Vec<NodeFeature> {
    let flavour = node.flavour.as_deref().and_then(|name| name.parse().ok());
    let can = node_calls::capabilities_of(flavour, node.version.as_deref());
    NodeFeature::ALL
        .iter()
        .copied()
        .filter(|feature| can.has(capability(*feature)))
        .collect()
}

const fn capability(feature: NodeFeature) -> Capability {
    match feature {
        NodeFeature::FileSearch => Capability::FileSearch,
        NodeFeature::ContentSearch => Capability::ContentSearch,
        NodeFeature::FileFingerprints => Capability::FileFingerprints,
        NodeFeature::FileRevisions => Capability::FileRevisions,
        NodeFeature::SortedFileList => Capability::SortedFileList,
        NodeFeature::LargestDirectories => Capability::LargestDirectories,
        NodeFeature::SqliteQueries => Capability::SqliteQueries,
        NodeFeature::Symlinks => Capability::Symlinks,
        NodeFeature::RecursiveModes => Capability::RecursiveModes,
        NodeFeature::NamedCopy => Capability::NamedCopy,
        NodeFeature::CopyMany => Capability::CopyMany,
        NodeFeature::RemoteCopy => Capability::RemoteCopy,
        NodeFeature::ArchiveFormats => Capability::ArchiveFormats,
        NodeFeature::BackgroundOperations => Capability::BackgroundOperations,
        NodeFeature::PullQuery => Capability::PullQuery,
        NodeFeature::DirectoryDownload => Capability::DirectoryDownload,
        NodeFeature::ResumableUpload => Capability::ResumableUpload,
        NodeFeature::InstallLog => Capability::InstallLog,
        NodeFeature::AbortInstall => Capability::AbortInstall,
        NodeFeature::Schedules => Capability::Schedules,
        NodeFeature::BackupQuery => Capability::BackupQuery,
        NodeFeature::BackupExport => Capability::BackupExport,
    }
}
