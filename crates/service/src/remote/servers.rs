//! The list that a booting daemon reads.

use panel_storage::servers;
use wings_client::wire::remote::{BootServer, PageMeta, ServerPage};

use super::document::documents;
use super::this_node;
use crate::cx::Cx;
use crate::error::Error;

/// Which page a daemon asks for.
#[derive(Debug, Clone, Copy)]
pub struct BootPage {
    /// From 1; the Go daemons ask for 0 first and mean 1.
    pub page: u64,
    /// Servers on a page, 1 to 100; the daemons ask for 50 unless configured otherwise.
    pub per_page: u64,
}

/// One page of the node's servers, whatever state they are in. A server on its way here is not among them.
///
/// # Errors
/// [`Error::Unauthenticated`] for anybody but a node.
pub async fn boot_page(cx: &Cx, page: BootPage) -> Result<ServerPage, Error> {
    let node = this_node(cx)?;
    let per_page = page.per_page.clamp(1, 100);
    let current_page = page.page.max(1);
    let mut conn = cx.read_primary().await?;
    let offset = i64::try_from((current_page - 1).saturating_mul(per_page)).unwrap_or(i64::MAX);
    let limit = i64::try_from(per_page).unwrap_or(i64::MAX);
    let (rows, total) = servers::on_node(&mut conn, node, offset, limit).await?;
    let total = u64::try_from(total).unwrap_or_default();
    let data = documents(&mut conn, node, rows)
        .await?
        .into_iter()
        .map(|document| BootServer {
            uuid: document.settings.uuid,
            document,
        })
        .collect();
    Ok(ServerPage {
        data,
        meta: PageMeta {
            current_page,
            last_page: total.div_ceil(per_page).max(1),
            total,
            from: None,
            to: None,
            per_page: Some(per_page),
        },
    })
}
