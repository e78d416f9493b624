//! How the moving of servers looks to clients, and how they ask for it.

use panel_api_types::transfer as dto;
use panel_domain::transfer::AllocationMode;
use panel_service::Error;
use panel_service::files::ArchiveFormat;
use panel_service::nodes::Progress;
use panel_service::servers::{CompressionLevel, Sending};

/// How servers are sent.
pub(crate) fn sending(
    format: dto::TransferArchiveFormat,
    level: Option<dto::CompressionLevel>,
    delete_source_backups: bool,
    channels: u64,
) -> Sending {
    Sending {
        delete_source_backups,
        archive_format: archive_format(format),
        compression_level: level.map(compression_level),
        channels,
    }
}

const fn archive_format(format: dto::TransferArchiveFormat) -> ArchiveFormat {
    use dto::TransferArchiveFormat as D;
    match format {
        D::Tar => ArchiveFormat::Tar,
        D::TarGz => ArchiveFormat::TarGz,
        D::TarXz => ArchiveFormat::TarXz,
        D::TarLzip => ArchiveFormat::TarLzip,
        D::TarBz2 => ArchiveFormat::TarBz2,
        D::TarLz4 => ArchiveFormat::TarLz4,
        D::TarZstd => ArchiveFormat::TarZstd,
        D::Itaf => ArchiveFormat::Itaf,
        D::ItafGz => ArchiveFormat::ItafGz,
        D::ItafXz => ArchiveFormat::ItafXz,
        D::ItafLzip => ArchiveFormat::ItafLzip,
        D::ItafBz2 => ArchiveFormat::ItafBz2,
        D::ItafLz4 => ArchiveFormat::ItafLz4,
        D::ItafZstd => ArchiveFormat::ItafZstd,
    }
}

const fn compression_level(level: dto::CompressionLevel) -> CompressionLevel {
    use dto::CompressionLevel as D;
    match level {
        D::BestSpeed => CompressionLevel::BestSpeed,
        D::GoodSpeed => CompressionLevel::GoodSpeed,
        D::GoodCompression => CompressionLevel::GoodCompression,
        D::BestCompression => CompressionLevel::BestCompression,
    }
}

/// Which addresses servers get on their new node.
///
/// # Errors
/// Ways that only other panels know.
pub(crate) fn allocation_mode(
    mode: dto::MassTransferAllocationMode,
) -> Result<AllocationMode, Error> {
    use dto::MassTransferAllocationMode as D;
    match mode {
        D::None => Ok(AllocationMode::None),
        D::RandomPrimary => Ok(AllocationMode::RandomPrimary),
        D::RandomAll => Ok(AllocationMode::RandomAll),
        D::PreservePorts => Ok(AllocationMode::PreservePorts),
        D::EggConfigDeployment | D::EggConfigSelfAssignRange => Err(Error::invalid(
            "allocation_mode",
            "must be another one: eggs do not say which allocations their servers get",
        )),
    }
}

/// How far a server is.
pub(crate) const fn progress(progress: Progress) -> dto::TransferProgress {
    dto::TransferProgress {
        archive_bytes_processed: progress.archive_bytes_processed,
        network_bytes_processed: progress.network_bytes_processed,
        bytes_total: progress.bytes_total,
        files_processed: progress.files_processed,
    }
}
