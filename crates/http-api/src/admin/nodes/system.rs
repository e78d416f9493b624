//! What a node's daemon says.

use actix_web::{get, web};
use panel_api_types::node::{
    NodeCpu, NodeCpuLoad, NodeDiskLoad, NodeLoad, NodeMemory, NodeMemoryLoad, NodeNetworkLoad,
    NodeOverview, NodeServerCounts, NodeStats, NodeStatus,
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
        local_time: told.local_time.map(|time| time.to_utc()),
        container_type: told.container_type,
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
                received_packets: 0,
                received_packets_rate: 0.0,
                sent: told.network.sent,
                sending_rate: told.network.sending_rate,
                sent_packets: 0,
                sending_packets_rate: 0.0,
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
