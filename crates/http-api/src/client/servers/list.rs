//! `GET /api/client/servers`.

use actix_web::{HttpResponse, get};
use panel_api_types::page::Page;
use panel_api_types::server::{Servers, ServersQuery};
use panel_domain::page::Page as Wanted;
use panel_service::servers;

use crate::error::Answer;
use crate::extract::{Caller, Query};
use crate::{kept, present};

/// List the servers one owns or was given a share of
#[utoipa::path(
    params(ServersQuery),
    responses((status = 200, description = "A page of servers.", body = Servers))
)]
#[get("/servers")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<ServersQuery>,
) -> Answer<HttpResponse> {
    let page = Wanted::new(query.page, query.per_page);
    let search = query.search.filter(|search| !search.trim().is_empty());
    let (caller, search) = (&caller, &search);
    let list = async move || {
        let found = servers::list(caller, page, search.clone(), query.other).await?;
        kept::serialized(&Servers {
            servers: Page::try_of(found, present::servers::server)?,
        })
    };
    let body = if search.is_none() && !query.other {
        caller.kept(kept::servers(page), list).await?
    } else {
        list().await?.into()
    };
    Ok(kept::json(body))
}
