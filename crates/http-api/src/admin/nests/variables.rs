//! Variables of eggs.

use actix_web::{delete, get, patch, post, put, web};
use panel_api_types::Empty;
use panel_api_types::egg::{
    CreateEggVariable, DuplicateEggVariable, EggVariableBody, EggVariables, OrderEggVariables,
    UpdateEggVariable,
};
use panel_domain::id::EggVariableId;
use panel_service::eggs::variables::{self, NewVariable, VariableUpdate};

use super::{OfEgg, OfVariable};
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present;

/// List the variables of an egg
#[utoipa::path(responses((status = 200, description = "The variables.", body = EggVariables)))]
#[get("/nests/{nest}/eggs/{egg}/variables")]
pub(crate) async fn list(
    caller: Caller,
    Path((nest, egg)): OfEgg,
) -> Answer<web::Json<EggVariables>> {
    let found = variables::list(&caller, nest, egg).await?;
    Ok(web::Json(EggVariables {
        variables: found
            .into_iter()
            .map(present::eggs::variable)
            .collect::<Result<_, _>>()?,
    }))
}

/// Add a variable to an egg
#[utoipa::path(
    request_body = CreateEggVariable,
    responses((status = 200, description = "The variable.", body = EggVariableBody))
)]
#[post("/nests/{nest}/eggs/{egg}/variables")]
pub(crate) async fn create(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Json(body): Json<CreateEggVariable>,
) -> Answer<web::Json<EggVariableBody>> {
    let input = NewVariable {
        name: body.name,
        name_translations: body.name_translations,
        description: body.description,
        description_translations: body.description_translations,
        order: body.order,
        env_variable: body.env_variable,
        default_value: body.default_value,
        user_viewable: body.user_viewable,
        user_editable: body.user_editable,
        secret: body.secret,
        rules: body.rules,
    };
    let made = caller
        .change(async move |cx| variables::create(&cx, nest, egg, input).await)
        .await?;
    Ok(web::Json(EggVariableBody {
        variable: present::eggs::variable(made)?,
    }))
}

/// Put the variables of an egg into another order
#[utoipa::path(
    request_body = OrderEggVariables,
    responses((status = 200, description = "They are in this order.", body = Empty))
)]
#[put("/nests/{nest}/eggs/{egg}/variables/order")]
pub(crate) async fn order(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Json(body): Json<OrderEggVariables>,
) -> Answer<web::Json<Empty>> {
    let order = body
        .variable_order
        .into_iter()
        .map(EggVariableId::from)
        .collect();
    caller
        .change(async move |cx| variables::order(&cx, nest, egg, order).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Change a variable of an egg
#[utoipa::path(
    request_body = UpdateEggVariable,
    responses((status = 200, description = "It is changed.", body = Empty))
)]
#[patch("/nests/{nest}/eggs/{egg}/variables/{variable}")]
pub(crate) async fn update(
    caller: Caller,
    Path((nest, egg, variable)): OfVariable,
    Json(body): Json<UpdateEggVariable>,
) -> Answer<web::Json<Empty>> {
    let changes = VariableUpdate {
        name: body.name,
        name_translations: body.name_translations,
        description: body.description,
        description_translations: body.description_translations,
        order: body.order,
        env_variable: body.env_variable,
        default_value: body.default_value,
        user_viewable: body.user_viewable,
        user_editable: body.user_editable,
        secret: body.secret,
        rules: body.rules,
    };
    caller
        .change(async move |cx| variables::update(&cx, nest, egg, variable, changes).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Delete a variable of an egg
///
/// The values that servers gave it go with it.
#[utoipa::path(responses((status = 200, description = "It is gone.", body = Empty)))]
#[delete("/nests/{nest}/eggs/{egg}/variables/{variable}")]
pub(crate) async fn delete(
    caller: Caller,
    Path((nest, egg, variable)): OfVariable,
) -> Answer<web::Json<Empty>> {
    caller
        .change(async move |cx| variables::delete(&cx, nest, egg, variable).await)
        .await?;
    Ok(web::Json(Empty {}))
}

/// Add a variable like another one of the egg
#[utoipa::path(
    request_body = DuplicateEggVariable,
    responses((status = 200, description = "The new variable.", body = EggVariableBody))
)]
#[post("/nests/{nest}/eggs/{egg}/variables/{variable}/duplicate")]
pub(crate) async fn duplicate(
    caller: Caller,
    Path((nest, egg, variable)): OfVariable,
    Json(body): Json<DuplicateEggVariable>,
) -> Answer<web::Json<EggVariableBody>> {
    let made = caller
        .change(async move |cx| {
            variables::duplicate(&cx, nest, egg, variable, body.name, body.env_variable).await
        })
        .await?;
    Ok(web::Json(EggVariableBody {
        variable: present::eggs::variable(made)?,
    }))
}
