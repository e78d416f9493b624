//! Adding a node.

use panel_domain::activity::Event;
use panel_domain::id::{BackupConfigurationId, LocationId, NodeId};
use panel_domain::node::NodeInput;
use panel_domain::permission::AdminPermission;
use panel_domain::validate::Invalid;
use panel_secrets::NodeToken;
use panel_storage::{locations, nodes};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::{NAME_KEY, NAME_TAKEN, NodeInfo, no_location};
use crate::auth::token_binding;
use crate::backup_configurations::check_reference;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// A new node.
#[derive(Debug, Clone)]
pub struct NewNode {
    /// Where it stands.
    pub location: LocationId,
    /// Unique among nodes.
    pub name: String,
    /// For administrators.
    pub description: Option<String>,
    /// Whether servers may be placed on it automatically.
    pub deployment_enabled: bool,
    /// Whether it is under maintenance.
    pub maintenance_enabled: bool,
    /// Where the panel reaches the daemon.
    pub url: String,
    /// Where browsers reach it, when that is somewhere else.
    pub public_url: Option<String>,
    /// Host for SFTP, when it is not the one browsers use.
    pub sftp_host: Option<String>,
    /// Port for SFTP.
    pub sftp_port: u16,
    /// MiB that servers may be given; 0 is unlimited.
    pub memory_mib: i64,
    /// MiB that servers may be given; 0 is unlimited.
    pub disk_mib: i64,
    /// Where the backups of its servers go; where its location's go without it.
    pub backup_configuration: Option<BackupConfigurationId>,
}

/// Adds a node, with a token of its own.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`], [`Error::Taken`] for a name that another one has.
pub async fn create(cx: &Cx, input: NewNode) -> Result<NodeInfo, Error> {
    cx.require_admin(AdminPermission::NodesCreate)?;
    insert(cx, input).await
}

/// Adds a node for somebody who was found to be allowed to.
pub(super) async fn insert(cx: &Cx, input: NewNode) -> Result<NodeInfo, Error> {
    let mut invalid = Invalid::new();
    NodeInput {
        name: &input.name,
        description: input.description.as_deref(),
        url: &input.url,
        public_url: input.public_url.as_deref(),
        sftp_host: input.sftp_host.as_deref(),
        sftp_port: i64::from(input.sftp_port),
        memory: input.memory_mib,
        disk: input.disk_mib,
    }
    .check(&mut invalid);
    let location = locations::find(&mut cx.read_primary().await?, input.location).await?;
    invalid.require(
        location.is_some(),
        "location_uuid",
        "must be a location that exists",
    );
    invalid.finish()?;
    let id = NodeId::new_v4();
    let token = NodeToken::generate();
    let sealed = cx
        .parts()
        .keys
        .seal(token.secret().expose(), token_binding(id).binding());
    let row = nodes::NewNode {
        id: id.uuid(),
        location_id: input.location.uuid(),
        name: input.name,
        description: input.description,
        deployment_enabled: input.deployment_enabled,
        maintenance_enabled: input.maintenance_enabled,
        url: input.url,
        public_url: input.public_url,
        sftp_host: input.sftp_host,
        sftp_port: i32::from(input.sftp_port),
        memory_mib: input.memory_mib,
        disk_mib: input.disk_mib,
        token_id: token.id().to_owned(),
        token: sealed.into_bytes(),
        created_at: cx.now(),
        backup_configuration_id: input.backup_configuration.map(BackupConfigurationId::uuid),
    };
    let entry = cx.entry(Event::NodeCreate, json!({ "uuid": id, "name": row.name }));
    let (row, entry) = (&row, &entry);
    cx.write(|tx| {
        async move {
            check_reference(tx, input.backup_configuration).await?;
            nodes::insert(tx, row)
                .await
                .taken(NAME_KEY, "name", NAME_TAKEN)
                .map_err(no_location)?;
            entry.record(tx);
            let made = nodes::find(tx, id).await?.ok_or(Error::not_found("node"))?;
            Ok(made.into())
        }
        .scope_boxed()
    })
    .await
}
