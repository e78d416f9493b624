//! The configuration and the logs of a node's daemon.

use std::path::Path as FilePath;

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, get, patch, web};
use panel_api_types::node::{
    ConfigureNodes, LogCompression, NodeConfigured, NodeDaemonConfiguration, NodeLog, NodeLogQuery,
    NodeLogs, NodesConfigured,
};
use panel_domain::id::NodeId;
use panel_service::nodes;
use serde_json::Value;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query, content};

/// The path of a log of a node.
type LogOfNode = Path<(NodeId, String)>;

/// Read the configuration that a node's daemon runs with
///
/// Secrets are left out. Calagopus only.
#[utoipa::path(responses((status = 200, description = "The configuration.", body = NodeDaemonConfiguration)))]
#[get("/nodes/{node}/config")]
pub(crate) async fn configuration(
    caller: Caller,
    Path(node): Path<NodeId>,
) -> Answer<web::Json<NodeDaemonConfiguration>> {
    let config = nodes::daemon_configuration(&caller, node).await?;
    Ok(web::Json(NodeDaemonConfiguration { config }))
}

/// Change parts of the configuration of a node's daemon
///
/// The body has the parts that change. Who the daemon is, whom it obeys, where it listens and where it keeps things stays as it is, and so does
/// a part that still holds `********`. Calagopus only.
#[utoipa::path(
    request_body(content = Object),
    responses((status = 200, description = "Whether the daemon took it.", body = NodeConfigured))
)]
#[patch("/nodes/{node}/config")]
pub(crate) async fn configure(
    caller: Caller,
    Path(node): Path<NodeId>,
    Json(body): Json<Value>,
) -> Answer<web::Json<NodeConfigured>> {
    let applied = caller
        .change(async move |cx| nodes::configure_daemon(&cx, node, body).await)
        .await?;
    Ok(web::Json(NodeConfigured { applied }))
}

/// Change parts of the configuration of several daemons
///
/// Those that cannot be reached are left out of the number; when none took it, the answer says why.
#[utoipa::path(
    request_body = ConfigureNodes,
    responses((status = 200, description = "How many took it.", body = NodesConfigured))
)]
#[patch("/nodes/config")]
pub(crate) async fn configure_many(
    caller: Caller,
    Json(body): Json<ConfigureNodes>,
) -> Answer<web::Json<NodesConfigured>> {
    let ids: Vec<NodeId> = body.node_uuids.into_iter().map(NodeId::from).collect();
    let config = body.config;
    let applied = caller
        .change(async move |cx| nodes::configure_daemons(&cx, ids, config).await)
        .await?;
    Ok(web::Json(NodesConfigured { applied }))
}

/// List the log files of a node's daemon
///
/// Calagopus only.
#[utoipa::path(responses((status = 200, description = "The files, oldest first.", body = NodeLogs)))]
#[get("/nodes/{node}/system/logs")]
pub(crate) async fn logs(caller: Caller, Path(node): Path<NodeId>) -> Answer<web::Json<NodeLogs>> {
    let found = nodes::logs(&caller, node).await?;
    let log_files = found
        .into_iter()
        .map(|file| NodeLog {
            compression_type: compression(file.compression_type.as_deref(), &file.name),
            name: file.name,
            size: file.size,
            last_modified: file.last_modified.to_utc(),
        })
        .collect();
    Ok(web::Json(NodeLogs { log_files }))
}

/// How a log is packed; daemons before 1.0 tell it by the name only.
fn compression(told: Option<&str>, name: &str) -> LogCompression {
    let extension = || {
        FilePath::new(name)
            .extension()
            .and_then(|extension| extension.to_str())
    };
    match told.or_else(extension) {
        Some("gz") => LogCompression::Gz,
        Some("xz") => LogCompression::Xz,
        Some("lzip" | "lz") => LogCompression::Lzip,
        Some("bz2") => LogCompression::Bz2,
        Some("lz4") => LogCompression::Lz4,
        Some("zstd" | "zst") => LogCompression::Zstd,
        _ => LogCompression::None,
    }
}

/// Read a log of a node's daemon
///
/// Unpacked, and passed on as it comes. Calagopus only.
#[utoipa::path(
    params(NodeLogQuery),
    responses((status = 200, description = "The log.", body = String, content_type = "text/plain"))
)]
#[get("/nodes/{node}/system/logs/{file}")]
pub(crate) async fn log(
    caller: Caller,
    Path((node, file)): LogOfNode,
    Query(query): Query<NodeLogQuery>,
) -> Answer<HttpResponse> {
    let reading = nodes::log(&caller, node, &file, query.lines).await?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(content::body(reading)))
}
