//! Eggs as files.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, get, post, web};
use panel_api_types::egg::{EggFormat, ExportQuery, ExportedEgg, ImportedEgg, ReimportedEgg};
use panel_domain::egg::MAX_FILE_BYTES;
use panel_domain::id::NestId;
use panel_service::Error;
use panel_service::eggs::{self, ExportFormat};
use serde_json::Value;

use super::OfEgg;
use crate::error::{Answer, Failure};
use crate::extract::{Caller, Path, Query, json};
use crate::present;

/// The bytes of an egg's file, whatever its content type says: people upload JSON and YAML under many names.
pub(crate) struct EggFile(Vec<u8>);

impl FromRequest for EggFile {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        Box::pin(async move {
            let bytes = json::read(payload, MAX_FILE_BYTES).await?;
            Ok(Self(bytes.to_vec()))
        })
    }
}

/// Make an egg from a file
///
/// The body is the file: JSON or YAML, of Pterodactyl, Pelican, Calagopus or this panel. What a file gets wrong is repaired where
/// possible and told in `notes`.
#[utoipa::path(
    request_body = ExportedEgg,
    responses((status = 200, description = "The egg, and remarks on the file.", body = ImportedEgg))
)]
#[post("/nests/{nest}/eggs/import")]
pub(crate) async fn import(
    caller: Caller,
    Path(nest): Path<NestId>,
    EggFile(file): EggFile,
) -> Answer<web::Json<ImportedEgg>> {
    let imported = caller
        .change(async move |cx| eggs::import(&cx, nest, &file).await)
        .await?;
    Ok(web::Json(ImportedEgg {
        egg: present::eggs::admin_egg(imported.egg)?,
        notes: imported.notes,
    }))
}

/// Replace an egg by a newer file of it
///
/// Servers keep the values of variables whose environment name stays.
#[utoipa::path(
    request_body = ExportedEgg,
    responses((status = 200, description = "Remarks on the file.", body = ReimportedEgg))
)]
#[post("/nests/{nest}/eggs/{egg}/update/import")]
pub(crate) async fn reimport(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    EggFile(file): EggFile,
) -> Answer<web::Json<ReimportedEgg>> {
    let notes = caller
        .change(async move |cx| eggs::reimport(&cx, nest, egg, &file).await)
        .await?;
    Ok(web::Json(ReimportedEgg { notes }))
}

/// Write an egg as a file
#[utoipa::path(
    params(ExportQuery),
    responses((status = 200, description = "The file.", body = ExportedEgg))
)]
#[get("/nests/{nest}/eggs/{egg}/export")]
pub(crate) async fn export(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Query(query): Query<ExportQuery>,
) -> Answer<web::Json<ExportedEgg>> {
    let format = match query.format.unwrap_or_default() {
        EggFormat::Native => ExportFormat::Native,
        EggFormat::Pterodactyl => ExportFormat::Pterodactyl,
        EggFormat::Pelican => ExportFormat::Pelican,
    };
    match eggs::export(&caller, nest, egg, format).await? {
        Value::Object(document) => Ok(web::Json(ExportedEgg { document })),
        _ => Err(Error::internal("an exported egg is an object").into()),
    }
}
