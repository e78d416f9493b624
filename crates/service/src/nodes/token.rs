//! What a node's daemon signs in with.

use panel_cache::Key;
use panel_domain::activity::Event;
use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;
use panel_secrets::{NodeToken, Sealed, Secret};
use panel_storage::consistency::RevocationKind;
use panel_storage::nodes::{self, Node, NodeChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use crate::auth::token_binding;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls::NodeKey;

/// Both halves of a node's token.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The public half.
    pub token_id: String,
    /// The secret half.
    pub token: Secret<String>,
}

/// The node's token. Somebody has seen it: that is recorded.
///
/// # Errors
/// [`Error::Denied`] without the permission to see tokens, [`Error::NotFound`].
pub async fn read_token(cx: &Cx, id: NodeId) -> Result<Credential, Error> {
    let (_, credential) = reveal(cx, id).await?;
    Ok(credential)
}

/// The node as the primary has it, with its token opened; that somebody has seen it is recorded.
pub(super) async fn reveal(cx: &Cx, id: NodeId) -> Result<(Node, Credential), Error> {
    cx.require_admin(AdminPermission::NodesReadToken)?;
    let (node, _) = nodes::find(&mut cx.read_primary().await?, id)
        .await?
        .ok_or(Error::not_found("node"))?;
    let token = cx
        .parts()
        .keys
        .open_text(
            &Sealed::from_bytes(node.token.clone()),
            token_binding(id).binding(),
        )
        .map_err(Error::internal)?;
    let entry = cx.entry(
        Event::NodeReadToken,
        json!({ "uuid": id, "name": node.name }),
    );
    let entry = &entry;
    cx.write(|tx| {
        async move {
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    let credential = Credential {
        token_id: node.token_id.clone(),
        token,
    };
    Ok((node, credential))
}

/// Gives a node a new token. The daemon must be configured with it before it is let in again.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`].
pub async fn reset_token(cx: &Cx, id: NodeId) -> Result<Credential, Error> {
    cx.require_admin(AdminPermission::NodesResetToken)?;
    let name = super::find(cx, id).await?.node.name;
    let token = NodeToken::generate();
    let sealed = cx
        .parts()
        .keys
        .seal(token.secret().expose(), token_binding(id).binding());
    let changes = NodeChanges {
        token_id: Some(token.id().to_owned()),
        token: Some(sealed.into_bytes()),
        ..NodeChanges::default()
    };
    let entry = cx.entry(Event::NodeResetToken, json!({ "uuid": id, "name": name }));
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            if !nodes::update(tx, id, changes).await? {
                return Err(Error::not_found("node"));
            }
            tx.invalidate(NodeKey(id).name());
            tx.revoke(RevocationKind::Node, id);
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    Ok(Credential {
        token_id: token.id().to_owned(),
        token: token.secret().clone(),
    })
}
