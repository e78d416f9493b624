//! Making an egg like another one.

use panel_domain::activity::Event;
use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::eggs as rows;

use super::check::check_egg;
use super::create::insert;
use super::{Egg, find, from_model, to_model};
use crate::cx::Cx;
use crate::error::Error;

/// Makes an egg like `id`, its variables included, under another name, in the nest `into`.
///
/// # Errors
/// As for making one, and [`Error::NotFound`].
pub async fn duplicate(
    cx: &Cx,
    nest: NestId,
    id: EggId,
    name: String,
    into: NestId,
) -> Result<Egg, Error> {
    cx.require_admin(AdminPermission::EggsCreate)?;
    let egg = find(cx, nest, id).await?;
    crate::nests::find(cx, into).await?;
    // A replica may know the egg and not yet its variables; the copy would lack them for good.
    let variables = rows::variables(&mut cx.read_primary().await?, id).await?;
    let mut model = to_model(&egg, &variables)?;
    model.name = name;
    // The new egg is not the one that newer files of the old one are for.
    model.uuid = None;
    let mut invalid = Invalid::new();
    check_egg(&model, &mut invalid);
    invalid.finish()?;
    let (egg, variables) = from_model(&model, EggId::new_v4(), into, None, cx.now())?;
    insert(cx, egg, variables, Event::EggCreate).await
}
