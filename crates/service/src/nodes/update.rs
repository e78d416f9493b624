//! Changing a node.

use panel_cache::Key;
use panel_domain::activity::Event;
use panel_domain::id::{BackupConfigurationId, LocationId, NodeId};
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_storage::{nodes, servers};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN, NodeInfo, find, input_of, no_location};
use crate::backup_configurations::check_reference;
use crate::cx::Cx;
use crate::error::{Error, Taken};
use crate::keys::ServerKey;
use crate::node_calls::NodeKey;

/// Changes of a node: `None` leaves a value as it is.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of a new node")]
pub struct NodeUpdate {
    pub location: Option<LocationId>,
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub deployment_enabled: Option<bool>,
    pub maintenance_enabled: Option<bool>,
    pub url: Option<String>,
    pub public_url: Option<Option<String>>,
    pub sftp_host: Option<Option<String>>,
    pub sftp_port: Option<u16>,
    pub memory_mib: Option<i64>,
    pub disk_mib: Option<i64>,
    pub backup_configuration: Option<Option<BackupConfigurationId>>,
}

/// Changes a node. The daemon's own configuration is not touched: who changes its address or ports does the same there.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn update(cx: &Cx, id: NodeId, input: NodeUpdate) -> Result<(), Error> {
    cx.require_admin(AdminPermission::NodesUpdate)?;
    let NodeInfo { node: before, .. } = find(cx, id).await?;
    let changes = changes_of(input);
    let after = applied(before.clone(), &changes);
    let mut invalid = Invalid::new();
    input_of(&after).check(&mut invalid);
    invalid.finish()?;
    if is_empty(&changes) {
        return Ok(());
    }
    let maintenance_changes = after.maintenance_enabled != before.maintenance_enabled;
    let entry = cx.entry(Event::NodeUpdate, json!({ "uuid": id, "name": after.name }));
    let (changes, entry) = (&changes, &entry);
    cx.write(|tx| {
        async move {
            let configuration = changes.backup_configuration_id.flatten();
            check_reference(tx, configuration.map(BackupConfigurationId::from)).await?;
            let found = nodes::update(tx, id, changes)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)
                .map_err(no_location)?;
            if !found {
                return Err(Error::not_found("node"));
            }
            tx.invalidate(NodeKey(id).name());
            if maintenance_changes {
                for server in servers::ids_on_node(tx, id).await? {
                    for key in ServerKey::names(server) {
                        tx.invalidate(key);
                    }
                }
            }
            entry.record(tx);
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

fn changes_of(input: NodeUpdate) -> nodes::NodeChanges {
    nodes::NodeChanges {
        location_id: input.location.map(LocationId::uuid),
        name: input.name,
        description: input.description,
        deployment_enabled: input.deployment_enabled,
        maintenance_enabled: input.maintenance_enabled,
        url: input.url,
        public_url: input.public_url,
        sftp_host: input.sftp_host,
        sftp_port: input.sftp_port.map(i32::from),
        memory_mib: input.memory_mib,
        disk_mib: input.disk_mib,
        token_id: None,
        token: None,
        backup_configuration_id: input
            .backup_configuration
            .map(|id| id.map(BackupConfigurationId::uuid)),
    }
}

/// The node as it will be, for the rules to look at.
fn applied(mut node: nodes::Node, changes: &nodes::NodeChanges) -> nodes::Node {
    fn set<T: Clone>(place: &mut T, change: Option<&T>) {
        if let Some(value) = change {
            *place = value.clone();
        }
    }
    set(&mut node.name, changes.name.as_ref());
    set(&mut node.description, changes.description.as_ref());
    set(
        &mut node.maintenance_enabled,
        changes.maintenance_enabled.as_ref(),
    );
    set(&mut node.url, changes.url.as_ref());
    set(&mut node.public_url, changes.public_url.as_ref());
    set(&mut node.sftp_host, changes.sftp_host.as_ref());
    set(&mut node.sftp_port, changes.sftp_port.as_ref());
    set(&mut node.memory_mib, changes.memory_mib.as_ref());
    set(&mut node.disk_mib, changes.disk_mib.as_ref());
    node
}

fn is_empty(changes: &nodes::NodeChanges) -> bool {
    let nodes::NodeChanges {
        location_id,
        name,
        description,
        deployment_enabled,
        maintenance_enabled,
        url,
        public_url,
        sftp_host,
        sftp_port,
        memory_mib,
        disk_mib,
        token_id,
        token,
        backup_configuration_id,
    } = changes;
    location_id.is_none()
        && name.is_none()
        && description.is_none()
        && deployment_enabled.is_none()
        && maintenance_enabled.is_none()
        && url.is_none()
        && public_url.is_none()
        && sftp_host.is_none()
        && sftp_port.is_none()
        && memory_mib.is_none()
        && disk_mib.is_none()
        && token_id.is_none()
        && token.is_none()
        && backup_configuration_id.is_none()
}
