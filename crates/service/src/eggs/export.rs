//! Writing an egg as a file.

use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
use panel_eggs::{Encoding, Export, Format};
use panel_storage::eggs as rows;

use super::{find, to_model};
use crate::cx::Cx;
use crate::error::Error;

/// The egg as a document that this or another panel reads, with what the format cannot say of it.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn export(
    cx: &Cx,
    nest: NestId,
    id: EggId,
    format: Format,
    encoding: Encoding,
) -> Result<Export, Error> {
    cx.require_admin(AdminPermission::EggsRead)?;
    let egg = find(cx, nest, id).await?;
    // A replica may know the egg and not yet its variables; nobody would notice that the file lacks them.
    let variables = rows::variables(&mut cx.read_primary().await?, id).await?;
    let model = to_model(&egg, &variables)?;
    Ok(panel_eggs::export(&model, format, encoding, cx.now()))
}
