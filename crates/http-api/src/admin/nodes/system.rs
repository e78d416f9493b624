//! What a node's daemon says.

use actix_web::{get, web};
use panel_api_types::node::{
    NodeContainer, NodeCpu, NodeCpuLoad, NodeDiskLoad, NodeLoad, NodeMemory, NodeMemoryLoad,
    NodeNetworkLoad, NodeOverview, NodeServerCounts, NodeStats, NodeStatus,
};
use panel_domain::id::NodeId;
use panel_service::nodes;

use crate::error::Answer;
use crate::extract::{Caller, Path};
use crate::present;

/// Ask a node whether it is there
///
/// A node that does not answer is an answer too: it says why.
#[utoipa::path(responses((status = 200, description = "What is known of the daemon.", body = NodeStatus)))]
#[get("/nodes/{node}/status")]
pub(crate) async fn status(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeStatus>> {
    let status = caller
        .change(async move |cx| nodes::status(&cx, node).await)
        .await?;
    Ok(web::Json(present::nodes::status(status)))
}

/// Read what a node says of its machine
#[utoipa::path(responses((status = 200, description = "The overview.", body = NodeOverview)))]
#[get("/nodes/{node}/system/overview")]
pub(crate) async fn overview(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeOverview>> {
    let told = nodes::overview(&caller, node).await?;
    Ok(web::Json(NodeOverview {
        version: told.version,
        local_time: told
            .local_time
            .map_or_else(|| caller.now(), |time| time.to_utc()),
        container_type: match told.container_type.as_str() {
            "official" => NodeContainer::Official,
            "none" => NodeContainer::None,
            _ => NodeContainer::Unknown,
        },
        cpu: NodeCpu {
            name: told.cpu.name,
            brand: told.cpu.brand,
            vendor_id: told.cpu.vendor_id,
            frequency_mhz: told.cpu.frequency_mhz,
            cpu_count: told.cpu.cpu_count,
        },
        memory: NodeMemory {
            total_bytes: told.memory.total_bytes,
            free_bytes: told.memory.free_bytes,
            used_bytes: told.memory.used_bytes,
            used_bytes_process: told.memory.used_bytes_process.unwrap_or_default(),
        },
        servers: NodeServerCounts {
            total: told.servers.total,
            online: told.servers.online,
            offline: told.servers.offline,
        },
        architecture: told.architecture,
        kernel_version: told.kernel_version,
    }))
}

/// Read the load of a node's machine
#[utoipa::path(responses((status = 200, description = "The load.", body = NodeStats)))]
#[get("/nodes/{node}/system/stats")]
pub(crate) async fn stats(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeStats>> {
    let told = nodes::statistics(&caller, node).await?;
    Ok(web::Json(NodeStats {
        stats: NodeLoad {
            cpu: NodeCpuLoad {
                used: told.cpu.used,
                threads: told.cpu.threads,
                model: told.cpu.model,
            },
            network: NodeNetworkLoad {
                received: told.network.received,
                receiving_rate: told.network.receiving_rate,
                received_packets: told.network.received_packets.unwrap_or_default(),
                received_packets_rate: told.network.received_packets_rate.unwrap_or_default(),
                sent: told.network.sent,
                sending_rate: told.network.sending_rate,
                sent_packets: told.network.sent_packets.unwrap_or_default(),
                sending_packets_rate: told.network.sending_packets_rate.unwrap_or_default(),
            },
            memory: NodeMemoryLoad {
                used: told.memory.used,
                used_process: told.memory.used_process.unwrap_or_default(),
                total: told.memory.total,
            },
            disk: NodeDiskLoad {
                used: told.disk.used,
                total: told.disk.total,
                read: told.disk.read,
                reading_rate: told.disk.reading_rate,
                written: told.disk.written,
                writing_rate: told.disk.writing_rate,
            },
        },
    }))
}
