//! What the daemon of a node is told that somebody may do there. Derived from the same decision as everything else.

use super::{Denial, ServerAccess, may_on_server, see_server, sees_all_servers};
use crate::actor::Actor;
use crate::node::Flavour;
use crate::permission::{Permission, PermissionSet, ServerPermission};

/// Which of a server's streams people may follow who may read its console. Administrators always may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    /// The output of an installation.
    pub installation: bool,
    /// The progress of a transfer.
    pub transfer: bool,
}

/// The permissions for a websocket token of `actor` on the server, in the words of the node's daemon.
///
/// Never the wildcard `*`: some daemons read it as the administrators' streams too. A Go daemon sends the console to
/// everybody who is connected, so there only those who may read it get a token.
///
/// # Errors
/// Why there is no token for them.
pub fn websocket_permissions(
    actor: &Actor,
    access: &ServerAccess,
    flavour: Flavour,
    streams: Streams,
) -> Result<Vec<&'static str>, Denial> {
    let held = see_server(actor, access)?;
    let reads_console = held.contains(ServerPermission::ControlReadConsole);
    if flavour.is_go() && !reads_console {
        return Err(Denial::Missing(ServerPermission::ControlReadConsole.key()));
    }

    let mut words = vec!["websocket.connect"];
    if flavour == Flavour::Calagopus {
        words.push("meta.calagopus");
    }
    words.extend(in_words_of(flavour, held));
    let admin = sees_all_servers(actor) && actor.user().is_none_or(|user| user.admin);
    if admin {
        words.push("admin.websocket.errors");
    }
    if admin || (reads_console && streams.installation) {
        words.push("admin.websocket.install");
    }
    if admin || (reads_console && streams.transfer) {
        words.push("admin.websocket.transfer");
    }
    Ok(words)
}

/// The permissions for an SFTP connection of `actor` to the server, in the words of the node's daemon.
///
/// # Errors
/// When they may not connect; `files.sftp` is asked for here, since Go daemons leave that to the panel.
pub fn sftp_permissions(
    actor: &Actor,
    access: &ServerAccess,
    flavour: Flavour,
) -> Result<Vec<&'static str>, Denial> {
    let held = may_on_server(actor, access, ServerPermission::FilesSftp)?;
    Ok(in_words_of(flavour, held))
}

fn in_words_of(flavour: Flavour, held: PermissionSet<ServerPermission>) -> Vec<&'static str> {
    if flavour.is_go() {
        held.iter().filter_map(in_go).collect()
    } else {
        held.keys()
    }
}

/// The word of the Go daemons, for the permissions that they know at all.
const fn in_go(permission: ServerPermission) -> Option<&'static str> {
    use ServerPermission as P;
    Some(match permission {
        P::ControlConsole => "control.console",
        P::ControlStart => "control.start",
        P::ControlStop => "control.stop",
        P::ControlRestart => "control.restart",
        P::FilesRead => "file.read",
        P::FilesReadContent => "file.read-content",
        P::FilesCreate => "file.create",
        P::FilesUpdate => "file.update",
        P::FilesDelete => "file.delete",
        P::FilesSftp => "file.sftp",
        P::BackupsRead => "backup.read",
        _ => return None,
    })
}
