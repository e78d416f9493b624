//! Making, changing, moving and deleting eggs.

use actix_web::{delete, patch, post, web};
use panel_api_types::egg::{
    CreateEgg, DeleteEggs, DuplicateEgg, EggBody, MoveEgg, MoveEggs, MovedEggs, UpdateEgg,
};
use panel_api_types::{Deleted, Empty};
use panel_domain::id::{EggId, NestId};
use panel_service::Error;
use panel_service::eggs::{self, EggUpdate, NewEgg};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::OfEgg;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// Bytes that an egg may have in a request: as many as in a file.
const EGG: usize = panel_domain::egg::MAX_FILE_BYTES;

/// Make an egg
#[utoipa::path(
    request_body = CreateEgg,
    responses((status = 200, description = "The egg.", body = EggBody))
)]
#[post("/nests/{nest}/eggs")]
pub(crate) async fn create(
    caller: Caller,
    Path(nest): Path<NestId>,
    Json(body): Json<CreateEgg, EGG>,
) -> Answer<web::Json<EggBody>> {
    no_repository(body.egg_repository_egg_uuid)?;
    let input = NewEgg {
        author: body.author,
        name: body.name,
        description: body.description,
        config_files: part(&body.config_files)?,
        config_startup: part(&body.config_startup)?,
        config_stop: part(&body.config_stop)?,
        config_script: part(&body.config_script)?,
        startup_commands: body.startup_commands,
        docker_images: body.docker_images,
        force_outgoing_ip: body.force_outgoing_ip,
        separate_port: body.separate_port,
        features: body.features,
        file_denylist: body.file_denylist,
    };
    let made = caller
        .change(async move |cx| eggs::create(&cx, nest, input).await)
        .await?;
    Ok(web::Json(EggBody {
        egg: present::eggs::admin_egg(made)?,
    }))
}

/// Change an egg
///
/// Its servers get what the daemon reads of it at their next start.
#[utoipa::path(
    request_body = UpdateEgg,
    responses((status = 200, description = "It is changed.", body = Empty))
)]
#[patch("/nests/{nest}/eggs/{egg}")]
pub(crate) async fn update(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Json(body): Json<UpdateEgg, EGG>,
) -> Answer<web::Json<Empty>> {
    no_repository(body.egg_repository_egg_uuid.flatten())?;
    let changes = EggUpdate {
        author: body.author,
        name: body.name,
        description: body.description,
        config_files: body.config_files.as_ref().map(part).transpose()?,
        config_startup: body.config_startup.as_ref().map(part).transpose()?,
        config_stop: body.config_stop.as_ref().map(part).transpose()?,
        config_script: body.config_script.as_ref().map(part).transpose()?,
        startup_commands: body.startup_commands,
        docker_images: body.docker_images,
        force_outgoing_ip: body.force_outgoing_ip,
        separate_port: body.separate_port,
        features: body.features,
        file_denylist: body.file_denylist,
    };
    caller
        .change(async move |cx| eggs::update(&cx, nest, egg, changes).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete an egg that no server runs
#[utoipa::path(responses((status = 200, description = "It is gone.", body = Empty)))]
#[delete("/nests/{nest}/eggs/{egg}")]
pub(crate) async fn delete(caller: Caller, Path((nest, egg)): OfEgg) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| eggs::delete(&cx, nest, egg).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete several eggs of a nest, all or none
#[utoipa::path(
    request_body = DeleteEggs,
    responses((status = 200, description = "How many are gone.", body = Deleted))
)]
#[post("/nests/{nest}/eggs/delete")]
pub(crate) async fn delete_many(
    caller: Caller,
    Path(nest): Path<NestId>,
    Json(body): Json<DeleteEggs>,
) -> Answer<web::Json<Deleted>> {
    let ids = ids(body.egg_uuids);
    let deleted = caller
        .change(async move |cx| eggs::delete_many(&cx, nest, ids).await)
        .await?;
    Ok(web::Json(Deleted {
        deleted: i64::try_from(deleted).map_err(Error::internal)?,
    }))
}

/// Move an egg to another nest
#[utoipa::path(
    request_body = MoveEgg,
    responses((status = 200, description = "It is moved.", body = Empty))
)]
#[post("/nests/{nest}/eggs/{egg}/move")]
pub(crate) async fn move_one(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Json(body): Json<MoveEgg>,
) -> Answer<web::Json<Empty>> {
    let into = NestId::from(body.destination_nest_uuid);
    caller
        .change(async move |cx| eggs::move_one(&cx, nest, egg, into).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Move several eggs of a nest to another one, all or none
#[utoipa::path(
    request_body = MoveEggs,
    responses((status = 200, description = "How many were moved.", body = MovedEggs))
)]
#[post("/nests/{nest}/eggs/move")]
pub(crate) async fn move_many(
    caller: Caller,
    Path(nest): Path<NestId>,
    Json(body): Json<MoveEggs>,
) -> Answer<web::Json<MovedEggs>> {
    let (ids, into) = (
        ids(body.egg_uuids),
        NestId::from(body.destination_nest_uuid),
    );
    let moved = caller
        .change(async move |cx| eggs::move_many(&cx, nest, ids, into).await)
        .await?;
    Ok(web::Json(MovedEggs {
        moved: i64::try_from(moved).map_err(Error::internal)?,
    }))
}

/// Make an egg like another one
#[utoipa::path(
    request_body = DuplicateEgg,
    responses((status = 200, description = "The new egg.", body = EggBody))
)]
#[post("/nests/{nest}/eggs/{egg}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Json(body): Json<DuplicateEgg>,
) -> Answer<web::Json<EggBody>> {
    let into = NestId::from(body.nest_uuid);
    let made = caller
        .change(async move |cx| eggs::duplicate(&cx, nest, egg, body.name, into).await)
        .await?;
    Ok(web::Json(EggBody {
        egg: present::eggs::admin_egg(made)?,
    }))
}

fn ids(uuids: Vec<Uuid>) -> Vec<EggId> {
    uuids.into_iter().map(EggId::from).collect()
}

/// A part of an egg as the use case takes it: in the form of this API.
fn part(part: &impl Serialize) -> Result<Value, Error> {
    serde_json::to_value(part).map_err(Error::internal)
}

fn no_repository(egg: Option<Uuid>) -> Result<(), Error> {
    match egg {
        None => Ok(()),
        Some(_) => Err(Error::invalid(
            "egg_repository_egg_uuid",
            "must be null: there is no repository of this id",
        )),
    }
}
