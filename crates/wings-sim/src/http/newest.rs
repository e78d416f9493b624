//! Files on the newest daemons, as far as a client can tell: links, SQLite, copies to another server of the same node.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;
use wings_client::wire::files::{
    CopyRemote, CreateSymlink, SqliteColumn, SqliteQuery, SqliteResult, SqliteResults, SqliteValue,
    Started,
};

use super::Shared;
use super::answers::{Answer, done, no_server, refuse};
use super::files::{order, refused};
use crate::files::PathError;
use crate::ledger::Effect;
use crate::pulls;

/// What the files begin with that count as databases here.
const DATABASE: &[u8] = b"SQLite format 3\0";

pub(super) fn routes(config: &mut web::ServiceConfig) {
    const FILES: &str = "/api/servers/{server}/files";
    config
        .route(&format!("{FILES}/create-symlink"), web::post().to(link))
        .route(&format!("{FILES}/sqlite-query"), web::post().to(query))
        .route(&format!("{FILES}/copy-remote"), web::post().to(copy));
}

async fn link(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, CreateSymlink) = order(&core, &path, &request, &body)?;
    let link = format!("{}/{}", order.root, order.link);
    let now = core.now();
    let made = core.change_server(server, |server| {
        server.files.link(&link, &order.target, now)
    });
    made.unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "path"))?;
    core.record(server, Effect::FileWritten, Some(link));
    Ok(done(&core))
}

/// Knows one statement: `SELECT` of a number.
async fn query(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, SqliteQuery) = order(&core, &path, &request, &body)?;
    let is_database = core
        .read_server(server, |server| {
            let content = server.files.read(&order.file)?;
            Ok(content.starts_with(DATABASE))
        })
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "file"))?;
    if !is_database {
        let text = "file is not a database";
        return Err(refuse(StatusCode::EXPECTATION_FAILED, text));
    }
    let number = order.query.trim().trim_end_matches(';');
    let number = number.strip_prefix("SELECT ").map(str::trim);
    let Some(number) = number.filter(|text| text.parse::<i64>().is_ok()) else {
        return Err(refuse(StatusCode::BAD_REQUEST, "syntax error"));
    };
    Ok(HttpResponse::Ok().json(SqliteResults {
        results: vec![SqliteResult {
            columns: vec![SqliteColumn {
                name: number.to_owned(),
                type_name: "INTEGER".into(),
                binary: false,
            }],
            rows: vec![vec![SqliteValue::Text {
                value: number.to_owned(),
            }]],
            rows_affected: 0,
            truncated: false,
        }],
    }))
}

async fn copy(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, order): (Uuid, CopyRemote) = order(&core, &path, &request, &body)?;
    if !order.url.is_empty() {
        let text = "copies to another node are not simulated";
        return Err(refuse(StatusCode::EXPECTATION_FAILED, text));
    }
    if core.read_server(order.destination_server, |_| ()).is_none() {
        return Err(no_server(&core));
    }
    let id = pulls::begin(&core, server, "copy_remote", &order.root);
    let now = core.now();
    for file in &order.files {
        let names = std::slice::from_ref(&file.from);
        let part = core.read_server(server, |server| server.files.subset(&order.root, names));
        let part = part
            .unwrap_or(Err(PathError::Missing))
            .map_err(|error| refused(&core, error, "file"))?;
        let arrived = core.change_server(order.destination_server, |there| {
            let root = &order.destination_path;
            there.files.graft(root, part, now)?;
            if file.from == file.to {
                return Ok(());
            }
            there.files.rename(root, &file.from, &file.to, now)
        });
        arrived
            .unwrap_or(Err(PathError::Missing))
            .map_err(|error| refused(&core, error, "path"))?;
    }
    pulls::end(&core, server, id, None);
    core.record(
        order.destination_server,
        Effect::FileWritten,
        Some(order.destination_path),
    );
    if order.foreground {
        Ok(done(&core))
    } else {
        Ok(HttpResponse::Accepted().json(Started { identifier: id }))
    }
}
