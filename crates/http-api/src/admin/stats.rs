//! `GET /api/admin/stats/general`.

use actix_web::{get, web};
use panel_api_types::stats::{GeneralCounts, GeneralStats};
use panel_service::stats;

use crate::error::Answer;
use crate::extract::Caller;

/// Count everything
#[utoipa::path(responses((status = 200, description = "The numbers.", body = GeneralStats)))]
#[get("/stats/general")]
pub(crate) async fn general(caller: Caller) -> Answer<web::Json<GeneralStats>> {
    let counts = stats::counts(&caller).await?;
    Ok(web::Json(GeneralStats {
        stats: GeneralCounts {
            users: counts.users,
            servers: counts.servers,
            locations: counts.locations,
            nodes: counts.nodes,
            nest_eggs: counts.eggs,
            // This panel has neither yet.
            database_hosts: 0,
            backup_configurations: 0,
            roles: counts.roles,
        },
    }))
}
