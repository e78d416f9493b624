//! The configuration and the logs of a node's daemon, as it has them itself.

use futures_util::StreamExt;
use panel_domain::activity::Event;
use panel_domain::id::NodeId;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::nodes as rows;
use scoped_futures::ScopedFutureExt;
use serde_json::{Map, Value, json};
use wings_client::Capability;
use wings_client::wire::maintenance::LogFile;

use super::find;
use crate::cx::Cx;
use crate::error::Error;
use crate::files::Reading;
use crate::node_calls;

/// How many nodes are changed at once.
const AT_ONCE: usize = 8;
/// How many nodes one request may change.
const MAX_NODES: usize = 1000;
/// The most lines of a log that are given when a number is asked for.
const MAX_LINES: u32 = 10_000;
/// What stands for a value that nobody is shown.
const HIDDEN: &str = "********";
/// Values that are shown to nobody.
const SECRETS: &[&str] = &["/token", "/token_id"];
/// Maps whose values may be secrets: names and passwords of registries and stores, headers that let the daemon in somewhere.
const SECRET_MAPS: &[&str] = &[
    "/docker/registries",
    "/system/backups/restic/environment",
    "/remote_headers",
];

/// The whole configuration of a node's daemon, as it runs with it; what is secret in it is left out.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::NodeUnreachable`], and [`Error::NodeLacksCapability`] for the daemons in Go.
pub async fn daemon_configuration(cx: &Cx, id: NodeId) -> Result<Value, Error> {
    cx.require_admin(AdminPermission::NodesUpdate)?;
    let client = node_calls::client(cx, id).await?;
    let mut configuration = client.configuration().await?;
    hide_secrets(&mut configuration);
    Ok(configuration)
}

/// Changes parts of the configuration of a node's daemon. `false`: the node is told to ignore panels.
///
/// # Errors
/// As [`daemon_configuration`]; [`Error::Invalid`] for what is no object.
pub async fn configure_daemon(cx: &Cx, id: NodeId, patch: Value) -> Result<bool, Error> {
    cx.require_admin(AdminPermission::NodesUpdate)?;
    let patch = checked("config", patch)?;
    find(cx, id).await?;
    Ok(send(cx, &[id], &patch).await? == 1)
}

/// Changes parts of the configuration of several daemons, and tells how many of them took it.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] for what is no object and for nodes that are not there; that of a node when none took it.
pub async fn configure_daemons(
    cx: &Cx,
    mut ids: Vec<NodeId>,
    patch: Value,
) -> Result<usize, Error> {
    cx.require_admin(AdminPermission::NodesUpdate)?;
    let patch = checked("config", patch)?;
    ids.sort_unstable();
    ids.dedup();
    let mut invalid = Invalid::new();
    invalid.require(
        (1..=MAX_NODES).contains(&ids.len()),
        "node_uuids",
        format!("must be 1 to {MAX_NODES} nodes"),
    );
    invalid.finish()?;
    let found = rows::load_many(&mut cx.read_primary().await?, &ids).await?;
    if found.len() < ids.len() {
        return Err(Error::invalid("node_uuids", "must be nodes that exist"));
    }
    send(cx, &ids, &patch).await
}

/// A change of a configuration without what stands for secrets, which stay as the daemon has them.
fn checked(field: &str, mut patch: Value) -> Result<Value, Error> {
    if !patch.is_object() {
        return Err(Error::invalid(field, "must be an object"));
    }
    for path in SECRET_MAPS.iter().chain(SECRETS) {
        let hidden = patch.pointer(path).is_some_and(holds_hidden);
        if let Some((parent, key)) = path.rsplit_once('/').filter(|_| hidden)
            && let Some(parent) = patch.pointer_mut(parent).and_then(Value::as_object_mut)
        {
            parent.shift_remove(key);
        }
    }
    Ok(patch)
}

/// Sends a change to daemons and tells how many took it.
async fn send(cx: &Cx, ids: &[NodeId], patch: &Value) -> Result<usize, Error> {
    let parts: Vec<&String> = patch.as_object().into_iter().flat_map(Map::keys).collect();
    let mut clients = Vec::new();
    let mut entries = Vec::new();
    for id in ids {
        clients.push((*id, node_calls::client(cx, *id).await?));
        let details = json!({ "uuid": id, "configuration": parts });
        entries.push(cx.entry(Event::NodeUpdate, details));
    }
    let entries = &entries;
    cx.write(|tx| {
        async move {
            crate::activity::record_all(tx, entries);
            Ok(())
        }
        .scope_boxed()
    })
    .await?;
    cx.commit_before_call().await?;
    let answers: Vec<_> = futures_util::stream::iter(&clients)
        .map(async |(id, client)| (*id, client.patch_configuration(patch).await))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut applied = 0;
    let mut failed = None;
    let mut maybe_done = false;
    for (id, answer) in answers {
        match answer {
            Ok(took) => {
                maybe_done = true;
                applied += usize::from(took);
            }
            Err(error) => {
                tracing::info!(node.id = %id, %error, "The node did not take its configuration");
                maybe_done |= error.may_have_happened();
                failed = Some(error);
            }
        }
    }
    if !maybe_done {
        cx.call_was_in_vain();
    }
    match failed {
        Some(error) if applied == 0 => Err(error.into()),
        _ => Ok(applied),
    }
}

/// Puts a sign in the place of everything that may be secret.
fn hide_secrets(configuration: &mut Value) {
    for path in SECRETS.iter().chain(SECRET_MAPS) {
        if let Some(value) = configuration.pointer_mut(path) {
            hide(value);
        }
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(hide),
        Value::Array(list) => list.iter_mut().for_each(hide),
        Value::String(text) => HIDDEN.clone_into(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn holds_hidden(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.values().any(holds_hidden),
        Value::Array(list) => list.iter().any(holds_hidden),
        Value::String(text) => text == HIDDEN,
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The log files of a node's daemon, oldest first.
///
/// # Errors
/// As [`daemon_configuration`].
pub async fn logs(cx: &Cx, id: NodeId) -> Result<Vec<LogFile>, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    Ok(node_calls::client(cx, id).await?.node_logs().await?)
}

/// A log of a node's daemon, as it comes. Its last `lines` where the daemon knows how to pick them, else all of it.
///
/// # Errors
/// As [`daemon_configuration`]; [`Error::Invalid`] for a name that is no name of a file, [`Error::NotFound`] for a log that is not there.
pub async fn log(cx: &Cx, id: NodeId, file: &str, lines: Option<u32>) -> Result<Reading, Error> {
    cx.require_admin(AdminPermission::NodesRead)?;
    let mut invalid = Invalid::new();
    invalid.name("file", file, 1..=255);
    let is_name = !file.contains(['/', '\\']) && file != "." && file != "..";
    invalid.require(is_name, "file", "must be the name of a log file");
    invalid.finish()?;
    let node = node_calls::node(cx, id).await?;
    let lines = lines
        .filter(|_| node.capabilities().has(Capability::FollowNodeLogs))
        .map(|lines| lines.clamp(1, MAX_LINES));
    let client = node_calls::client(cx, id).await?;
    match client.node_log(file, lines).await {
        Ok(stream) => Ok(Reading::all(stream)),
        Err(error) if error.is_not_found() => Err(Error::not_found("log")),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_hidden_is_not_sent_back() {
        let mut shown = json!({
            "token": "t", "debug": true,
            "docker": {"registries": {"ghcr.io": {"username": "u", "password": "p"}}, "tmpfs_size": 1},
            "remote_headers": {},
        });
        hide_secrets(&mut shown);
        assert!(!shown.to_string().contains("\"p\""), "{shown}");
        let patch = checked("config", shown).unwrap();
        assert_eq!(
            patch,
            json!({"debug": true, "docker": {"tmpfs_size": 1}, "remote_headers": {}})
        );
        let named = json!({"docker": {"registries": {"ghcr.io": {"password": "new"}}}});
        assert_eq!(checked("config", named.clone()).unwrap(), named);
        assert!(checked("config", json!([])).is_err());
    }
}
