//! Files that a node fetches from the network.

use actix_web::{HttpResponse, post, web};
use panel_api_types::Empty;
use panel_api_types::file::{PreviewPull, PullFile, PullPreview, PullPreviewBody, Started};
use panel_domain::id::ServerRef;
use panel_service::files;

use super::done_or_started;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};

/// Let the node fetch a file
#[utoipa::path(
    request_body = PullFile,
    responses(
        (status = 200, description = "It is fetched.", body = Empty),
        (status = 202, description = "It goes on in the background.", body = Started)
    )
)]
#[post("/servers/{server}/files/pull")]
pub(crate) async fn pull(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<PullFile>,
) -> Answer<HttpResponse> {
    let input = files::PullFile {
        root: body.root,
        url: body.url,
        name: body.name,
        use_header: body.use_header,
        foreground: body.foreground,
    };
    let work = caller
        .change(async move |cx| files::pull(&cx, server, input).await)
        .await?;
    Ok(done_or_started(&work))
}

/// Look at what the node would fetch
#[utoipa::path(
    request_body = PreviewPull,
    responses((status = 200, description = "What the other server says of it.", body = PullPreviewBody))
)]
#[post("/servers/{server}/files/pull/query")]
pub(crate) async fn preview(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<PreviewPull>,
) -> Answer<web::Json<PullPreviewBody>> {
    let preview = files::preview_pull(&caller, server, &body.url).await?;
    Ok(web::Json(PullPreviewBody {
        query_result: PullPreview {
            file_name: preview.file_name,
            file_size: preview.file_size,
            final_url: preview.final_url,
            headers: preview.headers,
        },
    }))
}
