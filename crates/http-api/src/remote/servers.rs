//! What a daemon reads of its servers.

use actix_web::{HttpResponse, get, post};
use panel_domain::id::ServerId;
use panel_service::remote::{self, BootPage};
use serde::Deserialize;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// From 1; 0 is taken for 1.
    #[serde(default)]
    page: u64,
    /// Servers on a page.
    #[serde(default = "fifty")]
    per_page: u64,
}

fn fifty() -> u64 {
    50
}

/// The servers of the node, for a daemon that starts
#[utoipa::path(
    params(PageQuery),
    responses((status = 200, description = "One page of them.", body = serde_json::Value)),
)]
#[get("/servers")]
pub(crate) async fn list(caller: Caller, query: Query<PageQuery>) -> Answer<HttpResponse> {
    let page = BootPage {
        page: query.0.page,
        per_page: query.0.per_page,
    };
    Ok(HttpResponse::Ok().json(remote::boot_page(&caller, page).await?))
}

/// The node's daemon was started
///
/// A body is not looked at: the Go daemons send `null`, Calagopus nothing.
#[utoipa::path(responses((status = 200, description = "It was noted: an empty object.", body = serde_json::Value)))]
#[post("/servers/reset")]
pub(crate) async fn reset(caller: Caller) -> Answer<HttpResponse> {
    caller
        .change(async move |cx| remote::reset_servers(&cx).await)
        .await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({})))
}

/// The configuration of one server of the node
#[utoipa::path(responses((status = 200, description = "Its configuration.", body = serde_json::Value)))]
#[get("/servers/{server}")]
pub(crate) async fn get(caller: Caller, server: Path<ServerId>) -> Answer<HttpResponse> {
    Ok(HttpResponse::Ok().json(remote::server_document(&caller, server.into_inner()).await?))
}
