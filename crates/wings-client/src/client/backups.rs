//! Backups on a node.

use panel_domain::id::{BackupId, ServerId};
use reqwest::Method;

use super::{Call, NodeClient};
use crate::error::{Effect, Error};
use crate::wire::backups::{CreateBackup, RestoreBackup};

impl NodeClient {
    /// Starts a backup; the result comes by callback. **Probe first.**
    ///
    /// # Errors
    /// [`Error::Refused`] with 409 when it exists (Calagopus), and as for every call.
    pub async fn create_backup(
        &self,
        server: ServerId,
        backup: &CreateBackup,
    ) -> Result<(), Error> {
        self.act_json(
            Call::with("create backup", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["backup"]),
            backup,
        )
        .await
    }

    /// Starts to restore a backup; the result comes by callback, and not after an error here. **Probe first.**
    ///
    /// # Errors
    /// [`Error::Refused`] with 404 when the node does not have it (500 on the Go daemons, after truncation); and as for every call.
    pub async fn restore_backup(
        &self,
        server: ServerId,
        backup: BackupId,
        restore: &RestoreBackup,
    ) -> Result<(), Error> {
        let backup = backup.to_string();
        self.act_json(
            Call::long("restore backup", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["backup", &backup, "restore"]),
            restore,
        )
        .await
    }

    /// Deletes a backup the node keeps. Repeatable: one that is not there counts as deleted.
    ///
    /// # Errors
    /// As for every call, except 404.
    pub async fn delete_backup(&self, server: ServerId, backup: BackupId) -> Result<(), Error> {
        let backup = backup.to_string();
        let request = self.server_request(Method::DELETE, server, &["backup", &backup]);
        match self
            .act(Call::with("delete backup", Effect::Repeatable), request)
            .await
        {
            Err(error) if error.is_not_found() => Ok(()),
            other => other,
        }
    }
}
