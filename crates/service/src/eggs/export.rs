//! Writing an egg as a file.

use panel_domain::id::{EggId, NestId};
use panel_domain::permission::AdminPermission;
pub use panel_eggs::ExportFormat;
use panel_storage::eggs as rows;
use serde_json::Value;

use super::{find, to_model};
use crate::cx::Cx;
use crate::error::Error;

/// The egg as a document that this or another panel reads.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn export(
    cx: &Cx,
    nest: NestId,
    id: EggId,
    format: ExportFormat,
) -> Result<Value, Error> {
    cx.require_admin(AdminPermission::EggsRead)?;
    let egg = find(cx, nest, id).await?;
    let variables = rows::variables(&mut cx.read().await?, id).await?;
    let model = to_model(&egg, &variables)?;
    Ok(panel_eggs::export(&model, format, cx.now()).document)
}
