//! The SSH keys of the own account.

use actix_web::{delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::page::{Page, SearchQuery};
use panel_api_types::ssh_key::{
    CreateSshKey, ImportSshKeys, ImportedSshKeys, SshKeyBody, SshKeys, UpdateSshKey,
};
use panel_domain::id::SshKeyId;
use panel_service::ssh_keys;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the own SSH keys
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of keys.", body = SshKeys))
)]
#[get("/account/ssh-keys")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<SshKeys>> {
    let found = ssh_keys::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(SshKeys {
        ssh_keys: Page::of(found, present::account::ssh_key),
    }))
}

/// Add an SSH key
///
/// Ed25519, ECDSA and RSA from 2048 bits are accepted, also of security keys.
#[utoipa::path(
    request_body = CreateSshKey,
    responses((status = 200, description = "The key.", body = SshKeyBody))
)]
#[post("/account/ssh-keys")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateSshKey>,
) -> Answer<web::Json<SshKeyBody>> {
    let ssh_key = caller
        .change(async move |cx| ssh_keys::create(&cx, body.name, &body.public_key).await)
        .await?;
    Ok(web::Json(SshKeyBody {
        ssh_key: present::account::ssh_key(ssh_key),
    }))
}

/// Add the SSH keys that somebody publishes
///
/// Keys that the account has already, and those that are not accepted, are left out.
#[utoipa::path(
    request_body = ImportSshKeys,
    responses((status = 200, description = "The keys that were added.", body = ImportedSshKeys))
)]
#[post("/account/ssh-keys/import")]
pub(crate) async fn import(
    caller: Caller,
    Json(body): Json<ImportSshKeys>,
) -> Answer<web::Json<ImportedSshKeys>> {
    let imported = caller
        .change(async move |cx| ssh_keys::import(&cx, body.provider, &body.username).await)
        .await?;
    Ok(web::Json(ImportedSshKeys {
        ssh_keys: imported
            .into_iter()
            .map(present::account::ssh_key)
            .collect(),
    }))
}

/// Rename an SSH key
#[utoipa::path(
    request_body = UpdateSshKey,
    responses((status = 200, description = "The key is changed.", body = Empty))
)]
#[patch("/account/ssh-keys/{ssh_key}")]
pub(crate) async fn update(
    caller: Caller,
    Path(ssh_key): Path<SshKeyId>,
    Json(body): Json<UpdateSshKey>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| ssh_keys::update(&cx, ssh_key, body.name).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Remove an SSH key
///
/// File transfers of the account are ended; whoever may still sign in connects again.
#[utoipa::path(responses((status = 200, description = "The key opens nothing any more.", body = Empty)))]
#[delete("/account/ssh-keys/{ssh_key}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(ssh_key): Path<SshKeyId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| ssh_keys::delete(&cx, ssh_key).await)
        .await?;
    Ok(web::Json(Empty {}))
}
