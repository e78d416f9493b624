//! Where daemons put the parts of archives that go to a bucket.

use actix_web::{HttpResponse, get};
use panel_domain::id::BackupId;
use panel_service::remote::backups;
use serde::Deserialize;

use crate::error::Answer;
use crate::extract::{Caller, Path, Query};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SizeQuery {
    /// Bytes of the archive.
    size: u64,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartQuery {
    /// The first part to give an address of, from 1.
    from_part: u16,
}

/// Addresses for the parts of an archive whose size is known
#[utoipa::path(
    params(SizeQuery),
    responses((status = 200, description = "The addresses, in order.", body = serde_json::Value)),
)]
#[get("/backups/{backup}")]
pub(crate) async fn by_size(
    caller: Caller,
    backup: Path<BackupId>,
    query: Query<SizeQuery>,
) -> Answer<HttpResponse> {
    let (backup, size) = (backup.into_inner(), query.0.size);
    let parts = caller
        .change(async move |cx| backups::upload_by_size(&cx, backup, size).await)
        .await?;
    Ok(HttpResponse::Ok().json(parts))
}

/// Addresses for parts of an archive whose size is not known yet
#[utoipa::path(
    params(PartQuery),
    responses((status = 200, description = "Fifty addresses, in order.", body = serde_json::Value)),
)]
#[get("/backups/{backup}/s3/parts")]
pub(crate) async fn by_number(
    caller: Caller,
    backup: Path<BackupId>,
    query: Query<PartQuery>,
) -> Answer<HttpResponse> {
    let (backup, from) = (backup.into_inner(), query.0.from_part);
    let parts = caller
        .change(async move |cx| backups::upload_by_number(&cx, backup, from).await)
        .await?;
    Ok(HttpResponse::Ok().json(parts))
}
