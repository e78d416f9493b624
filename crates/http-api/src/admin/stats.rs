//! `/api/admin/stats`.

use actix_web::{get, web};
use panel_api_types::backup_configuration::BackupStats;
use panel_api_types::stats::{GeneralCounts, GeneralStats};
use panel_service::{backups, stats};

use crate::error::Answer;
use crate::extract::Caller;
use crate::present;

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
            // This panel has none yet.
            database_hosts: 0,
            backup_configurations: counts.backup_configurations,
            roles: counts.roles,
        },
    }))
}

/// Count the backups
#[utoipa::path(responses((status = 200, description = "The numbers.", body = BackupStats)))]
#[get("/stats/backups")]
pub(crate) async fn of_backups(caller: Caller) -> Answer<web::Json<BackupStats>> {
    let found = backups::all_stats(&caller).await?;
    Ok(web::Json(present::backup_configurations::stats(found)))
}
