//! `/api/client/servers/{server}/files/list` and `/search`.

use actix_web::{get, post, web};
use panel_api_types::file::{Directory, DirectoryEntries, DirectorySort, ListQuery, SearchFiles};
use panel_domain::id::ServerRef;
use panel_service::files::{self, Sort, SortBy};

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

fn sort(sort: DirectorySort) -> Sort {
    use DirectorySort as D;
    let (by, descending) = match sort {
        D::NameAsc => (SortBy::Name, false),
        D::NameDesc => (SortBy::Name, true),
        D::SizeAsc => (SortBy::Size, false),
        D::SizeDesc => (SortBy::Size, true),
        D::PhysicalSizeAsc => (SortBy::PhysicalSize, false),
        D::PhysicalSizeDesc => (SortBy::PhysicalSize, true),
        D::ModifiedAsc => (SortBy::Modified, false),
        D::ModifiedDesc => (SortBy::Modified, true),
        D::CreatedAsc => (SortBy::Created, false),
        D::CreatedDesc => (SortBy::Created, true),
    };
    Sort { by, descending }
}

/// List a directory
#[utoipa::path(
    params(ListQuery),
    responses((status = 200, description = "A page of its entries, directories first.", body = Directory))
)]
#[get("/servers/{server}/files/list")]
pub(crate) async fn list(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<ListQuery>,
) -> Answer<web::Json<Directory>> {
    let input = files::ListFiles {
        directory: query.directory.unwrap_or_default(),
        sort: sort(query.sort.unwrap_or_default()),
        page: query.page,
        per_page: query.per_page,
    };
    let listing = files::list(&caller, server, input).await?;
    Ok(web::Json(present::files::directory(listing)))
}

/// Search files
///
/// By name, size and content. Some nodes can search by name only, and some not at all.
#[utoipa::path(
    request_body = SearchFiles,
    responses((status = 200, description = "What was found, with paths below the directory as names.", body = DirectoryEntries))
)]
#[post("/servers/{server}/files/search")]
pub(crate) async fn search(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<SearchFiles>,
) -> Answer<web::Json<DirectoryEntries>> {
    let search = files::Search {
        root: body.root,
        path_filter: body.path_filter.map(|filter| files::PathFilter {
            include: filter.include,
            exclude: filter.exclude,
            case_insensitive: filter.case_insensitive,
        }),
        size_filter: body.size_filter.map(|filter| files::SizeFilter {
            min: filter.min,
            max: filter.max,
        }),
        content_filter: body.content_filter.map(|filter| files::ContentFilter {
            query: filter.query,
            max_search_size: filter.max_search_size,
            include_unmatched: filter.include_unmatched,
            case_insensitive: filter.case_insensitive,
        }),
        per_page: 0,
    };
    let found = files::search(&caller, server, search).await?;
    Ok(web::Json(DirectoryEntries {
        entries: found.into_iter().map(present::files::entry).collect(),
    }))
}
