//! Who may connect to a server's files by SFTP.

use std::net::IpAddr;

use panel_cache::Client;
use panel_domain::actor::{Actor, Credential};
use panel_domain::files::HiddenFiles;
use panel_domain::id::{NodeId, ServerShortId};
use panel_domain::policy;
use panel_domain::server::ServerAction;
use panel_domain::ssh_key::SshPublicKey;
use panel_storage::users::{self, User};
use panel_storage::{roles, servers, ssh_keys};
use wings_client::wire::remote::SftpMethod;
pub use wings_client::wire::remote::{SftpAuth, SftpGrant};

use super::this_node;
use crate::auth::actor_of;
use crate::authorize::load_server_facts;
use crate::cx::Cx;
use crate::error::Error;
use crate::limits::{Bucket, network_of};
use crate::node_calls;

/// Lets somebody in who shows a password or a key, if the server is the node's and usable and they may.
///
/// # Errors
/// [`Error::Denied`] for every kind of no, [`Error::RateLimited`] after too many tries from one address.
pub async fn authenticate_sftp(cx: &Cx, input: SftpAuth) -> Result<SftpGrant, Error> {
    let node = this_node(cx)?;
    count_try(cx, node, &input).await?;
    let (username, short) = input.username.rsplit_once('.').ok_or_else(refused)?;
    let short: ServerShortId = short.parse().map_err(|_| refused())?;
    let user = proven(cx, username, &input).await?.ok_or_else(refused)?;
    let mut conn = cx.read_primary().await?;
    let role = match user.role_id {
        Some(role) => roles::find(&mut conn, role).await?,
        None => None,
    };
    let actor = Actor::from(actor_of(&user, role.as_ref(), Credential::Sftp));
    let id = servers::find_by_short_id(&mut conn, &short.to_string())
        .await?
        .ok_or_else(refused)?;
    let mark = cx.parts().revocations.mark();
    let facts = load_server_facts(&mut conn, panel_domain::id::ServerRef::Id(id), mark)
        .await?
        .filter(|facts| facts.node == node)
        .ok_or_else(refused)?;
    drop(conn);
    facts
        .state
        .allows(ServerAction::Use, policy::sees_all_servers(&actor))
        .map_err(|_| refused())?;
    let flavour = node_calls::node(cx, node).await?.flavour;
    let permissions = policy::sftp_permissions(&actor, &facts.access_of(&actor), flavour)
        .map_err(|_| refused())?;
    let ignored_files = facts.ignored_files_of(&actor);
    if flavour.is_go() && !HiddenFiles::new(&ignored_files).is_empty() {
        // That daemon would show what is to be hidden.
        return Err(refused());
    }
    Ok(SftpGrant {
        user: user.id.uuid(),
        server: id.uuid(),
        permissions: permissions.into_iter().map(str::to_owned).collect(),
        ignored_files,
    })
}

/// Counts a try. Clients offer several keys in turn, and none of them is a guess, so keys have a budget of their own.
async fn count_try(cx: &Cx, node: NodeId, input: &SftpAuth) -> Result<(), Error> {
    let name = &input.username;
    let at_node = format!("{node}:{name}");
    if input.method == SftpMethod::PublicKey {
        return cx
            .limit(Bucket::RemoteSftpKey, Client::Text(&at_node))
            .await;
    }
    let client = input
        .ip
        .as_deref()
        .and_then(client_address)
        .map_or_else(|| node.to_string(), |ip| format!("{:032x}", network_of(ip)));
    cx.limit(
        Bucket::RemoteSftpAuth,
        Client::Text(&format!("{client}:{name}")),
    )
    .await?;
    cx.limit(Bucket::RemoteSftpUser, Client::Text(&at_node))
        .await
}

/// The user of this name, if the password or key is theirs. No connection is held while a password is hashed, which waits for its turn.
async fn proven(cx: &Cx, username: &str, input: &SftpAuth) -> Result<Option<User>, Error> {
    let mut conn = cx.read_primary().await?;
    let user = users::find_by_login(&mut conn, username).await?;
    let passwords = &cx.parts().passwords;
    match (user, input.method) {
        (Some(user), SftpMethod::PublicKey) => {
            let Ok(shown) = SshPublicKey::parse(&input.password) else {
                return Ok(None);
            };
            let keys = ssh_keys::of_user(&mut conn, user.id).await?;
            Ok(Some(user).filter(|_| {
                keys.iter()
                    .any(|key| key.fingerprint == shown.fingerprint())
            }))
        }
        (None, SftpMethod::PublicKey) => Ok(None),
        (user, SftpMethod::Password) => {
            drop(conn);
            let now = cx.now();
            // Sign-ins to an account rest after many failures, by whichever door.
            let user =
                user.filter(|user| user.sign_in_blocked_until.is_none_or(|until| until <= now));
            let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
            let right = match hash {
                Some(hash) => passwords.verify(&input.password, hash).await?,
                None => {
                    passwords.verify_dummy(&input.password).await?;
                    false
                }
            };
            Ok(user.filter(|_| right))
        }
    }
}

/// The same for every reason: a node that tries names learns nothing.
fn refused() -> Error {
    Error::Denied {
        code: "sftp_refused",
        message: "wrong credentials, or no access to this server".to_owned(),
    }
}

/// `host:port` or a bare address.
fn client_address(text: &str) -> Option<IpAddr> {
    text.parse::<std::net::SocketAddr>()
        .map(|address| address.ip())
        .or_else(|_| text.parse())
        .ok()
}
