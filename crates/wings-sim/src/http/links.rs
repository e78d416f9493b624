//! What a browser opens with a signed token: downloads and uploads.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, web};
use futures_util::TryStreamExt;
use serde::Deserialize;
use wings_client::tokens::Scope;

use super::Shared;
use super::answers::{Answer, done, no_server, refuse};
use crate::ledger::Effect;
use crate::token;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/download/file", web::get().to(download))
        .route("/upload/file", web::post().to(upload));
}

#[derive(Deserialize)]
struct DownloadQuery {
    token: String,
}

#[derive(Deserialize)]
struct UploadQuery {
    token: String,
    #[serde(default)]
    directory: String,
}

async fn download(core: Shared, query: web::Query<DownloadQuery>) -> Answer {
    let (claims, server) = token::link(&core, &query.token, Scope::FileDownload)
        .map_err(|text| refuse(StatusCode::UNAUTHORIZED, text))?;
    let path = claims.file_path.unwrap_or_default();
    let content = core.read_server(server, |server| {
        server.files.read(&path).map(<[u8]>::to_vec)
    });
    match content {
        None => Err(no_server()),
        Some(Err(_)) => Err(refuse(StatusCode::NOT_FOUND, "file not found")),
        Some(Ok(content)) => Ok(HttpResponse::Ok()
            .content_type("application/octet-stream")
            .insert_header(ContentDisposition {
                disposition: DispositionType::Attachment,
                parameters: vec![DispositionParam::Filename(
                    path.rsplit('/').next().unwrap_or(&path).to_owned(),
                )],
            })
            .body(content)),
    }
}

async fn upload(core: Shared, query: web::Query<UploadQuery>, mut form: Multipart) -> Answer {
    let (claims, server) = token::link(&core, &query.token, Scope::FileUpload)
        .map_err(|text| refuse(StatusCode::UNAUTHORIZED, text))?;
    if core.read_server(server, |_| ()).is_none() {
        return Err(no_server());
    }
    let broken = || refuse(StatusCode::BAD_REQUEST, "the form cannot be read");
    let most = core.options.config.api.upload_limit;
    let limit = most.saturating_mul(1024 * 1024);
    while let Some(mut part) = form.try_next().await.map_err(|_| broken())? {
        let name = part
            .content_disposition()
            .and_then(|disposition| disposition.get_filename())
            .map(str::to_owned)
            .ok_or_else(broken)?;
        let mut content = Vec::new();
        while let Some(piece) = part.try_next().await.map_err(|_| broken())? {
            content.extend_from_slice(&piece);
            if limit > 0 && content.len() as u64 > limit {
                return Err(refuse(
                    StatusCode::EXPECTATION_FAILED,
                    format!("file size is larger than {most}MB"),
                ));
            }
        }
        let now = core.now();
        let path = format!("{}/{name}", query.directory);
        let written = core.change_server(server, |server| server.files.write(&path, content, now));
        if !matches!(written, Some(Ok(()))) {
            return Err(refuse(
                StatusCode::EXPECTATION_FAILED,
                "directory is not a directory",
            ));
        }
        core.record(server, Effect::FileWritten, Some(path));
        core.note_activity(
            server,
            Some(claims.user_uuid),
            "server:file.uploaded",
            serde_json::json!({"files": [name], "directory": query.directory}),
        );
    }
    Ok(done())
}
