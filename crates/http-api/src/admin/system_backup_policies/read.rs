//! Looking at policies and what they cover.

use actix_web::{get, web};
use panel_api_types::backup::AdminBackups;
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::system_backup_policy::{
    CoveredLocation, CoveredLocations, CoveredNode, CoveredNodes, CoveredServer, CoveredServers,
    SystemBackupPolicies, SystemBackupPolicyBody,
};
use panel_domain::id::SystemBackupPolicyId;
use panel_service::{Error, backups as all_backups, system_backup_policies};

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the policies for backups
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of policies, by name.", body = SystemBackupPolicies))
)]
#[get("/system-backup-policies")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<SystemBackupPolicies>> {
    let found = system_backup_policies::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(SystemBackupPolicies {
        system_backup_policies: Page::of(found, present::system_backup_policies::policy),
    }))
}

/// Get a policy for backups
#[utoipa::path(responses((status = 200, description = "The policy.", body = SystemBackupPolicyBody)))]
#[get("/system-backup-policies/{system_backup_policy}")]
pub(crate) async fn get(
    caller: Caller,
    Path(id): Path<SystemBackupPolicyId>,
) -> Answer<web::Json<SystemBackupPolicyBody>> {
    let found = system_backup_policies::get(&caller, id).await?;
    Ok(web::Json(present::system_backup_policies::body(found)))
}

/// List the backups that a policy made
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of backups, the youngest first.", body = AdminBackups))
)]
#[get("/system-backup-policies/{system_backup_policy}/backups")]
pub(crate) async fn backups(
    caller: Caller,
    Path(id): Path<SystemBackupPolicyId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<AdminBackups>> {
    let search = query.search().map(str::to_owned);
    let found = all_backups::by_policy(&caller, id, search, query.page()).await?;
    Ok(web::Json(AdminBackups {
        backups: Page::try_of(found, present::backups::admin_backup)?,
    }))
}

/// List the locations that a policy covers
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of locations, by name.", body = CoveredLocations))
)]
#[get("/system-backup-policies/{system_backup_policy}/locations")]
pub(crate) async fn locations(
    caller: Caller,
    Path(id): Path<SystemBackupPolicyId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<CoveredLocations>> {
    let (page, search) = (query.page(), query.search());
    let found = system_backup_policies::locations(&caller, id, page, search).await?;
    Ok(web::Json(CoveredLocations {
        locations: Page::of(found, |(location, created)| CoveredLocation {
            location: present::locations::location(location),
            created,
        }),
    }))
}

/// List the nodes that a policy covers
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of nodes, by name.", body = CoveredNodes))
)]
#[get("/system-backup-policies/{system_backup_policy}/nodes")]
pub(crate) async fn nodes(
    caller: Caller,
    Path(id): Path<SystemBackupPolicyId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<CoveredNodes>> {
    let (page, search) = (query.page(), query.search());
    let found = system_backup_policies::nodes(&caller, id, page, search).await?;
    Ok(web::Json(CoveredNodes {
        nodes: Page::of(found, |(node, created)| CoveredNode {
            node: present::nodes::node(node),
            created,
        }),
    }))
}

/// List the servers that a policy covers by themselves
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of servers, by name.", body = CoveredServers))
)]
#[get("/system-backup-policies/{system_backup_policy}/servers")]
pub(crate) async fn servers(
    caller: Caller,
    Path(id): Path<SystemBackupPolicyId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<CoveredServers>> {
    let (page, search) = (query.page(), query.search());
    let found = system_backup_policies::servers(&caller, id, page, search).await?;
    Ok(web::Json(CoveredServers {
        servers: Page::try_of(found, |(server, created)| {
            Ok::<_, Error>(CoveredServer {
                server: present::servers::admin_server(server)?,
                created,
            })
        })?,
    }))
}
