//! Where a mount is.

use actix_web::{get, web};
use panel_api_types::mount::{
    EggWithMount, EggsWithMount, NodeWithMount, NodesWithMount, ServerWithMount, ServersWithMount,
};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::MountId;
use panel_service::{Error, mounts};

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};
use crate::present;

/// List the nodes that have a mount
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of nodes, by name.", body = NodesWithMount))
)]
#[get("/mounts/{mount}/nodes")]
pub(crate) async fn nodes(
    caller: Caller,
    Path(mount): Path<MountId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<NodesWithMount>> {
    let found = mounts::nodes(&caller, mount, query.page(), query.search()).await?;
    Ok(web::Json(NodesWithMount {
        node_mounts: Page::of(found, |(node, created)| NodeWithMount {
            node: present::nodes::node(node),
            created,
        }),
    }))
}

/// List the eggs that have a mount
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of eggs, by name.", body = EggsWithMount))
)]
#[get("/mounts/{mount}/nest-eggs")]
pub(crate) async fn eggs(
    caller: Caller,
    Path(mount): Path<MountId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<EggsWithMount>> {
    let found = mounts::eggs(&caller, mount, query.page(), query.search()).await?;
    let shown = Page::try_of(found, |(nest, egg, created)| {
        Ok::<_, Error>(EggWithMount {
            nest: present::eggs::nest(nest),
            nest_egg: present::eggs::admin_egg(egg)?,
            created,
        })
    });
    Ok(web::Json(EggsWithMount {
        nest_egg_mounts: shown?,
    }))
}

/// List the servers that have a mount
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of servers, by name.", body = ServersWithMount))
)]
#[get("/mounts/{mount}/servers")]
pub(crate) async fn servers(
    caller: Caller,
    Path(mount): Path<MountId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<ServersWithMount>> {
    let found = mounts::servers(&caller, mount, query.page(), query.search()).await?;
    let shown = Page::try_of(found, |(server, created)| {
        Ok::<_, Error>(ServerWithMount {
            server: present::servers::admin_server(server)?,
            created,
        })
    });
    Ok(web::Json(ServersWithMount {
        server_mounts: shown?,
    }))
}
