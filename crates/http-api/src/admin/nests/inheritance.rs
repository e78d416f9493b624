//! What eggs take over from other eggs.

use actix_web::{get, put, web};
use panel_api_types::Empty;
use panel_api_types::egg::{EggInheritance, InheritedPart, SetEggInheritance};
use panel_domain::id::EggId;
use panel_service::eggs::{self, Inherited};

use super::OfEgg;
use crate::error::Answer;
use crate::extract::{Caller, Json, Path};
use crate::present::eggs as present;

/// Read what an egg inherits
#[utoipa::path(
    responses((status = 200, description = "What it inherits, and from whom.", body = EggInheritance))
)]
#[get("/nests/{nest}/eggs/{egg}/inheritance")]
pub(crate) async fn get(
    caller: Caller,
    Path((nest, egg)): OfEgg,
) -> Answer<web::Json<EggInheritance>> {
    let found = eggs::inheritance(&caller, nest, egg).await?;
    let part = |inherited: &Inherited| InheritedPart {
        part: present::part(inherited.part),
        from: inherited.parent.uuid(),
    };
    Ok(web::Json(EggInheritance {
        inherited: found.inherited.iter().map(part).collect(),
        heirs: found.heirs.into_iter().map(EggId::uuid).collect(),
    }))
}

/// Set what an egg inherits
///
/// An inherited part follows the egg it comes from. When it is changed in the heir, it is the heir's own from then on. An egg that
/// inherits cannot be inherited from.
#[utoipa::path(
    request_body = SetEggInheritance,
    responses((status = 200, description = "It is set.", body = Empty))
)]
#[put("/nests/{nest}/eggs/{egg}/inheritance")]
pub(crate) async fn set(
    caller: Caller,
    Path((nest, egg)): OfEgg,
    Json(body): Json<SetEggInheritance>,
) -> Answer<web::Json<Empty>> {
    let parts = body
        .inherited
        .into_iter()
        .map(|inherited| Inherited {
            part: present::domain_part(inherited.part),
            parent: EggId::from(inherited.from),
        })
        .collect();
    caller
        .change(async move |cx| eggs::set_inheritance(&cx, nest, egg, parts).await)
        .await?;
    Ok(web::Json(Empty {}))
}
