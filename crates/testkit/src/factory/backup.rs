//! Backups and where they are kept.

use panel_domain::backup::{BackupDisk, Stores};
use panel_domain::id::{BackupConfigurationId, BackupGroupId, BackupId};
use panel_secrets::RowBinding;
use panel_storage::backups::{Backup, BackupGroup, Completion};
use panel_storage::{backup_configurations, backups};
use scoped_futures::ScopedFutureExt as _;
use serde_json::json;

use super::{Server, number, write};
use crate::app::TestApp;
use crate::must::Must as _;

/// A backup of a server, kept on its node as far as the panel knows, and done.
pub async fn backup(app: &TestApp, server: &Server) -> BackupId {
    backup_on(app, server, BackupDisk::Local, None).await
}

/// The same, kept elsewhere.
pub async fn backup_on(
    app: &TestApp,
    server: &Server,
    disk: BackupDisk,
    configuration: Option<BackupConfigurationId>,
) -> BackupId {
    let id = unfinished_backup(app, server, disk, configuration).await;
    let completion = Completion {
        checksum: Some("sha1:2fd4e1c67a2d28fced849ee1bb76e7391b93eb12".to_owned()),
        bytes: 1024,
        files: 3,
        ..Completion::default()
    };
    let (completion, now) = (&completion, app.now());
    write(app, "a backup", |tx| {
        async move {
            backups::complete(tx, id, completion, now).await?;
            Ok(())
        }
        .scope_boxed()
    })
    .await;
    id
}

/// A backup that is being made, though nobody has been asked to.
pub async fn unfinished_backup(
    app: &TestApp,
    server: &Server,
    disk: BackupDisk,
    configuration: Option<BackupConfigurationId>,
) -> BackupId {
    let row = Backup {
        id: BackupId::new_v4(),
        server_id: Some(server.id),
        made_of: server.id,
        node_id: Some(server.node.id),
        backup_configuration_id: configuration,
        backup_group_id: None,
        schedule_id: None,
        system_backup_policy_id: None,
        name: format!("Backup {}", number()),
        ignored_files: Vec::new(),
        disk: disk.as_str().to_owned(),
        shared: !disk.is_on_node(),
        state: "creating".to_owned(),
        locked: false,
        browsable: false,
        streaming: false,
        checksum: None,
        bytes: 0,
        files: 0,
        metadata: json!({ "startup": server.egg.startup, "image": server.egg.image, "variables": {} }),
        upload: None,
        error: None,
        completed_at: None,
        deleting_at: None,
        deletion_error: None,
        deleted_at: None,
        created_at: app.now(),
    };
    let row = &row;
    write(app, "a backup", |tx| {
        async move {
            backups::record(tx, row);
            Ok(())
        }
        .scope_boxed()
    })
    .await;
    row.id
}

/// A group that keeps everything.
pub async fn backup_group(app: &TestApp, server: &Server) -> BackupGroupId {
    let group = BackupGroup {
        id: BackupGroupId::new_v4(),
        server_id: server.id,
        name: format!("Group {}", number()),
        retention_count: None,
        retention_days: None,
        created_at: app.now(),
    };
    let group = &group;
    write(app, "a backup group", |tx| {
        async move { Ok(backups::insert_group(tx, group).await?) }.scope_boxed()
    })
    .await;
    group.id
}

/// A place for backups.
pub async fn backup_configuration(
    app: &TestApp,
    disk: BackupDisk,
    stores: &Stores,
) -> BackupConfigurationId {
    let id = BackupConfigurationId::new_v4();
    let bytes = id.uuid();
    let sealed = app.keys().seal(
        serde_json::to_vec(stores).must("access to stores"),
        RowBinding::new("backup_configurations", "stores", bytes.as_bytes()),
    );
    let row = backup_configurations::BackupConfiguration {
        id,
        name: format!("Place {}", number()),
        description: None,
        maintenance_enabled: false,
        shared: true,
        disk: disk.as_str().to_owned(),
        stores: sealed.into_bytes(),
        created_at: app.now(),
    };
    let row = &row;
    write(app, "a place for backups", |tx| {
        async move { Ok(backup_configurations::insert(tx, row).await?) }.scope_boxed()
    })
    .await;
    id
}
