//! The API keys of the own account.

use actix_web::{delete, get, patch, post, web};
use panel_api_types::Empty;
use panel_api_types::account::{
    ApiKeyBody, ApiKeys, CreateApiKey, CreatedApiKey, RecreatedApiKey, UpdateApiKey,
};
use panel_api_types::page::{Page, SearchQuery};
use panel_domain::id::ApiKeyId;
use panel_service::api_keys;

use crate::error::Answer;
use crate::extract::{Caller, Json, Path, Query};
use crate::present;

/// List the own API keys
#[utoipa::path(
    params(SearchQuery),
    responses((status = 200, description = "A page of keys.", body = ApiKeys))
)]
#[get("/account/api-keys")]
pub(crate) async fn list(
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<ApiKeys>> {
    let found = api_keys::list(&caller, query.page(), query.search()).await?;
    Ok(web::Json(ApiKeys {
        api_keys: Page::of(found, present::account::api_key),
    }))
}

/// Read an API key by its first characters
#[utoipa::path(
    params(("identifier" = String, Path, description = "The first 16 characters of the key.")),
    responses((status = 200, description = "The key.", body = ApiKeyBody))
)]
#[get("/account/api-keys/identifier/{identifier}")]
pub(crate) async fn find(
    caller: Caller,
    Path(identifier): Path<String>,
) -> Answer<web::Json<ApiKeyBody>> {
    let api_key = api_keys::find_by_start(&caller, &identifier).await?;
    Ok(web::Json(ApiKeyBody {
        api_key: present::account::api_key(api_key),
    }))
}

/// Make an API key
#[utoipa::path(
    request_body = CreateApiKey,
    responses((status = 200, description = "The key, which is not shown again.", body = CreatedApiKey))
)]
#[post("/account/api-keys")]
pub(crate) async fn create(
    caller: Caller,
    Json(body): Json<CreateApiKey>,
) -> Answer<web::Json<CreatedApiKey>> {
    let input = api_keys::NewApiKey {
        name: body.name,
        allowed_ips: body.allowed_ips,
        user_permissions: body.user_permissions,
        admin_permissions: body.admin_permissions,
        server_permissions: body.server_permissions,
        expires_at: body.expires,
    };
    let made = caller
        .change(async move |cx| api_keys::create(&cx, input).await)
        .await?;
    Ok(web::Json(CreatedApiKey {
        key: made.key.expose().to_owned(),
        api_key: present::account::api_key(made.api_key),
    }))
}

/// Change an API key
#[utoipa::path(
    request_body = UpdateApiKey,
    responses((status = 200, description = "The key is changed.", body = Empty))
)]
#[patch("/account/api-keys/{api_key}")]
pub(crate) async fn update(
    caller: Caller,
    Path(api_key): Path<ApiKeyId>,
    Json(body): Json<UpdateApiKey>,
) -> Answer<web::Json<Empty>> {
    let input = api_keys::UpdateApiKey {
        name: body.name,
        allowed_ips: body.allowed_ips,
        user_permissions: body.user_permissions,
        admin_permissions: body.admin_permissions,
        server_permissions: body.server_permissions,
        expires_at: body.expires,
    };
    caller
        .change(async move |cx| api_keys::update(&cx, api_key, input).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Give an API key a new secret
///
/// The old one stops working.
#[utoipa::path(responses((status = 200, description = "The key, which is not shown again.", body = RecreatedApiKey)))]
#[post("/account/api-keys/{api_key}/recreate")]
pub(crate) async fn recreate(
    caller: Caller,
    Path(api_key): Path<ApiKeyId>,
) -> Answer<web::Json<RecreatedApiKey>> {
    let made = caller
        .change(async move |cx| api_keys::recreate(&cx, api_key).await)
        .await?;
    Ok(web::Json(RecreatedApiKey {
        key: made.key.expose().to_owned(),
    }))
}

/// Delete an API key
#[utoipa::path(responses((status = 200, description = "The key works no more.", body = Empty)))]
#[delete("/account/api-keys/{api_key}")]
pub(crate) async fn delete(
    caller: Caller,
    Path(api_key): Path<ApiKeyId>,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| api_keys::delete(&cx, api_key).await)
        .await?;
    Ok(web::Json(Empty {}))
}
