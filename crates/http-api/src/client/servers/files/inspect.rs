//! Looking into files.

use actix_web::{HttpResponse, get, post, web};
use panel_api_types::file::{
    DirectoryQuery, FileQuery, Fingerprint, FingerprintQuery, LargestDirectories, QuerySqlite,
    Revisions, SqliteResults,
};
use panel_domain::id::ServerRef;
use panel_service::files;

use super::content::text;
use crate::client::servers::PartOf;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// Get the checksum of a file
#[utoipa::path(
    params(FingerprintQuery),
    responses((status = 200, description = "The checksum.", body = Fingerprint))
)]
#[get("/servers/{server}/files/fingerprint")]
pub(crate) async fn fingerprint(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<FingerprintQuery>,
) -> Answer<web::Json<Fingerprint>> {
    let algorithm = present::files::algorithm(query.algorithm);
    let fingerprint = files::fingerprint(&caller, server, &query.file, algorithm).await?;
    Ok(web::Json(Fingerprint { fingerprint }))
}

/// List the directories that hold the most
#[utoipa::path(
    params(DirectoryQuery),
    responses((status = 200, description = "Largest first.", body = LargestDirectories))
)]
#[get("/servers/{server}/files/largest-directories")]
pub(crate) async fn largest_directories(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<DirectoryQuery>,
) -> Answer<web::Json<LargestDirectories>> {
    let directory = query.directory.unwrap_or_default();
    let found = files::largest_directories(&caller, server, &directory).await?;
    Ok(web::Json(LargestDirectories {
        largest_directories: found.into_iter().map(present::files::entry).collect(),
    }))
}

/// List the former versions of a file
#[utoipa::path(
    params(FileQuery),
    responses((status = 200, description = "The versions.", body = Revisions))
)]
#[get("/servers/{server}/files/revisions")]
pub(crate) async fn revisions(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Query(query): Query<FileQuery>,
) -> Answer<web::Json<Revisions>> {
    let found = files::revisions(&caller, server, &query.file).await?;
    Ok(web::Json(Revisions {
        revisions: found.into_iter().map(present::files::revision).collect(),
    }))
}

/// Read a former version of a file
#[utoipa::path(
    params(("revision" = i64, Path, description = "Its number."), FileQuery),
    responses((status = 200, description = "Its content.", body = String, content_type = "text/plain"))
)]
#[get("/servers/{server}/files/revisions/{revision}")]
pub(crate) async fn read_revision(
    caller: Caller,
    Path((server, revision)): PartOf<i64>,
    Query(query): Query<FileQuery>,
) -> Answer<HttpResponse> {
    let reading = files::read_revision(&caller, server, &query.file, revision).await?;
    Ok(text(reading))
}

/// Run SQL on a SQLite file
#[utoipa::path(
    request_body = QuerySqlite,
    responses((status = 200, description = "What each statement gave.", body = SqliteResults))
)]
#[post("/servers/{server}/files/sqlite-query")]
pub(crate) async fn query_sqlite(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Json(body): Json<QuerySqlite>,
) -> Answer<web::Json<SqliteResults>> {
    let input = files::SqliteQuery {
        file: body.file,
        query: body.query,
        read_only: body.read_only,
        rows: body.rows,
    };
    let results = caller
        .change(async move |cx| files::query_sqlite(&cx, server, input).await)
        .await?;
    Ok(web::Json(SqliteResults {
        results: results.into_iter().map(present::files::sqlite).collect(),
    }))
}
