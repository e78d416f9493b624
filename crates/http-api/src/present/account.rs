//! How the credentials of a user look to them.

use panel_api_types::account::{ApiKey, Session};
use panel_api_types::command_snippet::CommandSnippet;
use panel_api_types::server_group::ServerGroup;
use panel_api_types::ssh_key::SshKey;
use panel_domain::id::SessionId;
use panel_service::{api_keys, command_snippets, server_groups, sessions, ssh_keys};

/// An API key, without its secret.
pub(crate) fn api_key(key: api_keys::ApiKey) -> ApiKey {
    ApiKey {
        uuid: key.id.uuid(),
        name: key.name,
        key_start: key.key_start,
        allowed_ips: key
            .allowed_ips
            .iter()
            .map(|network| {
                // A network of one address reads as the address that was typed.
                if network.prefix_len() == network.max_prefix_len() {
                    network.addr().to_string()
                } else {
                    network.to_string()
                }
            })
            .collect(),
        user_permissions: key.user_permissions,
        server_permissions: key.server_permissions,
        admin_permissions: key.admin_permissions,
        last_used: key.last_used_at,
        expires: key.expires_at,
        created: key.created_at,
    }
}

/// A session; `asking` is the one that asks.
pub(crate) fn session(session: sessions::Session, asking: Option<SessionId>) -> Session {
    Session {
        uuid: session.id.uuid(),
        ip: session.ip.addr().to_string(),
        user_agent: session.user_agent,
        is_using: Some(session.id) == asking,
        last_used: session.last_used_at,
        created: session.created_at,
    }
}

/// An SSH key.
pub(crate) fn ssh_key(key: ssh_keys::SshKey) -> SshKey {
    SshKey {
        uuid: key.id.uuid(),
        name: key.name,
        fingerprint: key.fingerprint,
        created: key.created_at,
    }
}

/// A console command under a name.
pub(crate) fn command_snippet(snippet: command_snippets::CommandSnippet) -> CommandSnippet {
    CommandSnippet {
        uuid: snippet.id.uuid(),
        name: snippet.name,
        eggs: snippet.eggs,
        all_eggs: snippet.all_eggs,
        command: snippet.command,
        created: snippet.created_at,
    }
}

/// A group of servers.
pub(crate) fn server_group(group: server_groups::ServerGroup) -> ServerGroup {
    ServerGroup {
        uuid: group.id.uuid(),
        name: group.name,
        order: group.position,
        server_order: group.servers,
        created: group.created_at,
    }
}
