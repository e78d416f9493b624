//! The configuration file of a node's daemon.

use panel_domain::id::NodeId;
use panel_domain::node::parse_url;
use wings_client::wire::config::{ApiConfig, NodeConfig, SftpConfig, SystemConfig};

use super::token::reveal;
use crate::cx::Cx;
use crate::error::Error;

/// The port the daemons listen on unless they are told otherwise.
const DAEMON_PORT: u16 = 8080;

/// The text of `config.yml` for this node, with its token.
///
/// The daemon is told to listen at the port of the node's address. With an `https` address TLS is left to a proxy in front of it, since
/// the panel does not know where the node has its certificate; such a node listens at the daemon's usual port instead of 443.
///
/// # Errors
/// [`Error::Denied`] without the permission to see tokens, [`Error::NotFound`].
pub async fn configuration(cx: &Cx, id: NodeId) -> Result<String, Error> {
    let (node, credential) = reveal(cx, id).await?;
    let url = parse_url(&node.url).map_err(Error::internal)?;
    let config = NodeConfig {
        debug: false,
        uuid: id.uuid(),
        token_id: credential.token_id,
        token: credential.token.into_exposed(),
        api: ApiConfig {
            // Only a port that somebody wrote is the daemon's own; 80 and 443 are a proxy's.
            port: url.port().unwrap_or(DAEMON_PORT),
            ..ApiConfig::default()
        },
        system: SystemConfig {
            data: None,
            sftp: SftpConfig {
                bind_port: u16::try_from(node.sftp_port).map_err(Error::internal)?,
            },
        },
        allowed_mounts: Vec::new(),
        remote: cx
            .app()
            .options()
            .url
            .as_str()
            .trim_end_matches('/')
            .to_owned(),
        allowed_origins: Vec::new(),
    };
    config.to_yaml().map_err(Error::internal)
}
