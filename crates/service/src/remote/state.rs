//! What a daemon says of a server's power.

use panel_domain::id::ServerId;
use panel_storage::servers;
use scoped_futures::ScopedFutureExt;
pub use wings_client::wire::remote::StateReport;

use super::this_node;
use crate::cx::Cx;
use crate::error::Error;

/// Notes a server's new state, as Pelican's daemon reports it.
///
/// # Errors
/// [`Error::NotFound`] for a server that is not the node's.
pub async fn report_state(cx: &Cx, server: ServerId, report: StateReport) -> Result<(), Error> {
    let node = this_node(cx)?;
    let now = cx.now();
    let state = report.data.new_state.as_str();
    cx.write(|tx| {
        async move {
            if servers::find(tx, servers::Scope::Node(node), server)
                .await?
                .is_none()
            {
                return Err(Error::not_found("server"));
            }
            servers::record_power_state(tx, node, server, state, now).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
