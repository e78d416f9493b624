//! Looking at places for backups.

use actix_web::{get, web};
use panel_api_types::backup::AdminBackups;
use panel_api_types::backup_configuration::{
    BackupConfigurationBody, BackupConfigurations, BackupStats,
};
use panel_api_types::location::Locations;
use panel_api_types::node::Nodes;
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::server::AdminServers;
use panel_domain::id::BackupConfigurationId;
use panel_service::{backup_configurations, backups as all_backups};

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the places for backups
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of places, by name, access included.", body = BackupConfigurations))
)]
#[get("/backup-configurations")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<BackupConfigurations>> {
    let found = backup_configurations::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(BackupConfigurations {
        backup_configurations: Page::of(
            found,
            present::backup_configurations::backup_configuration,
        ),
    }))
}

/// Get a place for backups
#[utoipa::path(responses((status = 200, description = "The place, access included.", body = BackupConfigurationBody)))]
#[get("/backup-configurations/{backup_configuration}")]
pub(crate) async fn get(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
) -> Answer<web::Json<BackupConfigurationBody>> {
    let found = backup_configurations::get(&caller, id).await?;
    Ok(web::Json(BackupConfigurationBody {
        backup_configuration: present::backup_configurations::backup_configuration(found),
    }))
}

/// Count the backups at a place
#[utoipa::path(responses((status = 200, description = "The numbers.", body = BackupStats)))]
#[get("/backup-configurations/{backup_configuration}/stats")]
pub(crate) async fn stats(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
) -> Answer<web::Json<BackupStats>> {
    let found = backup_configurations::stats(&caller, id).await?;
    Ok(web::Json(present::backup_configurations::stats(found)))
}

/// List the locations whose backups go to a place
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of locations.", body = Locations))
)]
#[get("/backup-configurations/{backup_configuration}/locations")]
pub(crate) async fn locations(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Locations>> {
    let found = backup_configurations::locations(&caller, id, query.page(), query.search()).await?;
    Ok(web::Json(Locations {
        locations: Page::of(found, present::locations::location),
    }))
}

/// List the nodes whose backups go to a place
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of nodes.", body = Nodes))
)]
#[get("/backup-configurations/{backup_configuration}/nodes")]
pub(crate) async fn nodes(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Nodes>> {
    let found = backup_configurations::nodes(&caller, id, query.page(), query.search()).await?;
    Ok(web::Json(Nodes {
        nodes: Page::of(found, present::nodes::node),
    }))
}

/// List the servers that send their backups to a place themselves
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of servers.", body = AdminServers))
)]
#[get("/backup-configurations/{backup_configuration}/servers")]
pub(crate) async fn servers(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AdminServers>> {
    let search = query.search().map(str::to_owned);
    let found = backup_configurations::servers(&caller, id, query.page(), search).await?;
    Ok(web::Json(AdminServers {
        servers: Page::try_of(found, present::servers::admin_server)?,
    }))
}

/// List the backups at a place
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of backups, the youngest first.", body = AdminBackups))
)]
#[get("/backup-configurations/{backup_configuration}/backups")]
pub(crate) async fn backups(
    caller: Caller,
    Path(id): Path<BackupConfigurationId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AdminBackups>> {
    let search = query.search().map(str::to_owned);
    let found = all_backups::at_configuration(&caller, id, search, query.page()).await?;
    Ok(web::Json(AdminBackups {
        backups: Page::try_of(found, present::backups::admin_backup)?,
    }))
}
