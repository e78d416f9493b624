//! Eggs as files.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web};
use panel_api_types::egg::{
    EggEncoding, EggExportReport, EggFormat, EggUrl, EggUrlFailure, EggUrls, ExportQuery,
    ExportedEgg, ImportedEgg, ImportedEggNotes, ImportedEggs, ReimportedEgg,
};
use panel_domain::egg::MAX_FILE_BYTES;
use panel_domain::id::NestId;
use panel_service::eggs::{self, Encoding, Format};

use super::OfEgg;
use crate::error::{Answer, Failure};
use crate::extract::{Caller, Json, Path, Query, json};
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
        notes: present::eggs::notes(imported.notes),
    }))
}

/// Make eggs from files at addresses
///
/// The panel fetches each address, but never from a network that its operator blocks. One that does not work does not keep the
/// others from it: it is in `failures` with the reason.
#[utoipa::path(
    request_body = EggUrls,
    responses((status = 200, description = "The eggs, and the addresses that did not work.", body = ImportedEggs))
)]
#[post("/nests/{nest}/eggs/import/url")]
pub(crate) async fn import_urls(
    caller: Caller,
    Path(nest): Path<NestId>,
    Json(body): Json<EggUrls>,
) -> Answer<web::Json<ImportedEggs>> {
    let outcome = caller
        .change(async move |cx| eggs::import_urls(&cx, nest, body.urls).await)
        .await?;
    let mut answer = ImportedEggs {
        eggs: Vec::new(),
        failures: Vec::new(),
        notes: Vec::new(),
    };
    for (url, imported) in outcome.imported {
        answer.notes.push(ImportedEggNotes {
            egg: imported.egg.id.uuid(),
            url,
            notes: present::eggs::notes(imported.notes),
        });
        answer.eggs.push(present::eggs::admin_egg(imported.egg)?);
    }
    for (url, error) in outcome.failures {
        answer.failures.push(EggUrlFailure { url, error });
    }
    Ok(web::Json(answer))
}

/// Replace an egg by a newer file of it
///
/// Servers keep the values of variables. A variable that the file lacks is deleted, unless a server has a value of it.
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
    Ok(web::Json(ReimportedEgg {
        notes: present::eggs::notes(notes),
    }))
}

/// Replace an egg by a newer file of it at an address
///
/// As with a file that is sent. The panel never fetches from a network that its operator blocks.
#[utoipa::path(
    request_body = EggUrl,
    responses((status = 200, description = "Remarks on the file.", body = ReimportedEgg))
)]
#[post("/nests/{nest}/eggs/{egg}/update/import/url")]
pub(crate) async fn reimport_url(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Json(body): Json<EggUrl>,
) -> Answer<web::Json<ReimportedEgg>> {
    let notes = caller
        .change(async move |cx| eggs::reimport_url(&cx, nest, egg, &body.url).await)
        .await?;
    Ok(web::Json(ReimportedEgg {
        notes: present::eggs::notes(notes),
    }))
}

/// Write an egg as a file
///
/// What the format cannot say is told by the report of the export.
#[utoipa::path(
    params(ExportQuery),
    responses((
        status = 200,
        description = "The file.",
        content((ExportedEgg = "application/json"), (String = "application/yaml"))
    ))
)]
#[get("/nests/{nest}/eggs/{egg}/export")]
pub(crate) async fn export(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Query(query): Query<ExportQuery>,
) -> Answer<HttpResponse> {
    let (format, encoding) = form(query);
    let written = eggs::export(&caller, nest, egg, format, encoding).await?;
    let kind = match encoding {
        Encoding::Json => "application/json",
        Encoding::Yaml => "application/yaml",
    };
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .body(written.to_text()))
}

/// Tell what a file of an egg would lack
///
/// Formats of other panels cannot say everything. What such a file leaves out or changes is listed here, and what its panel will
/// not like about it.
#[utoipa::path(
    params(ExportQuery),
    responses((status = 200, description = "What the format cannot say.", body = EggExportReport))
)]
#[get("/nests/{nest}/eggs/{egg}/export/report")]
pub(crate) async fn export_report(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Query(query): Query<ExportQuery>,
) -> Answer<web::Json<EggExportReport>> {
    let (format, encoding) = form(query);
    let written = eggs::export(&caller, nest, egg, format, encoding).await?;
    Ok(web::Json(EggExportReport {
        notes: present::eggs::notes(written.notes),
    }))
}

fn form(query: ExportQuery) -> (Format, Encoding) {
    let format = match query.format.unwrap_or_default() {
        EggFormat::Native => Format::Native,
        EggFormat::PtdlV1 => Format::PterodactylV1,
        EggFormat::Pterodactyl | EggFormat::PtdlV2 => Format::PterodactylV2,
        EggFormat::PlcnV1 => Format::PelicanV1,
        EggFormat::PlcnV2 => Format::PelicanV2,
        EggFormat::Pelican | EggFormat::PlcnV3 => Format::PelicanV3,
    };
    let encoding = match query.encoding.unwrap_or_default() {
        EggEncoding::Json => Encoding::Json,
        EggEncoding::Yaml => Encoding::Yaml,
    };
    (format, encoding)
}
