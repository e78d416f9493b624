//! Backups on a node.

use panel_domain::id::{BackupId, ServerId};
use reqwest::Method;

use super::archives::{Work, gone_is_done};
use super::{Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::flavour::Flavour;
use crate::wire::backups::{BackupQuery, CreateBackup, DeleteBackup, ExportBackup, RestoreBackup};
use crate::wire::files::{Entry, Started};

impl NodeClient {
    /// Starts a backup; the result comes by callback. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] for an adapter that this daemon has not; [`Error::Refused`] with 409 when it exists (Calagopus), and as for every call.
    pub async fn create_backup(
        &self,
        server: ServerId,
        backup: &CreateBackup,
    ) -> Result<(), Error> {
        let profile = self.profile().await?;
        let known = profile.capabilities().backup_adapters();
        if !known.contains(&backup.adapter.as_str()) {
            return Err(Error::LacksCapability {
                capability: Capability::BackupAdapter,
                flavour: profile.flavour,
            });
        }
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
        // The Go daemons read an absent address as an empty one, and want the field.
        let restore = RestoreBackup {
            download_url: match (&restore.download_url, self.profile().await?.flavour) {
                (None, Flavour::Pterodactyl | Flavour::Pelican) => Some(String::new()),
                (url, _) => url.clone(),
            },
            ..restore.clone()
        };
        self.act_json(
            Call::long("restore backup", Effect::ProbeFirst),
            self.server_request(Method::POST, server, &["backup", &backup, "restore"]),
            &restore,
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
        let call = Call::with("delete backup", Effect::Repeatable);
        gone_is_done(self.act(call, request).await)
    }

    /// Deletes a backup that is not kept as a file beside the server, or whose server is not on the node any more. The newest daemons go on after their
    /// answer and tell the end by callback. Repeatable: one that is not there counts as deleted.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons, and as for every call, except 404.
    pub async fn delete_detached_backup(
        &self,
        backup: BackupId,
        order: &DeleteBackup,
    ) -> Result<(), Error> {
        self.require(Capability::BackupsWithoutServer).await?;
        let backup = backup.to_string();
        let request = self
            .request(Method::DELETE, &["api", "backups", &backup])
            .json(order);
        let call = Call::with("delete detached backup", Effect::Repeatable);
        gone_is_done(self.act(call, request).await)
    }

    /// Deletes all backups the node keeps of a server. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Pelican, and as for every call.
    pub async fn delete_all_backups(&self, server: ServerId) -> Result<(), Error> {
        self.require(Capability::DeleteAllBackups).await?;
        self.act(
            Call::with("delete all backups", Effect::Repeatable),
            self.server_request(Method::DELETE, server, &["deleteAllBackups"]),
        )
        .await
    }

    /// How a backup is packed and how large it is; nothing when the node does not have it. Repeatable: what tells whether one that was
    /// never reported exists.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1, and as for every call, except 404.
    pub async fn backup(
        &self,
        backup: BackupId,
        adapter: &str,
    ) -> Result<Option<BackupQuery>, Error> {
        self.require(Capability::BackupQuery).await?;
        let backup = backup.to_string();
        let request = self
            .request(Method::GET, &["api", "backups", &backup, "query"])
            .query(&[("adapter", adapter)]);
        match self.fetch(Call::read("get backup"), request).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a backup as an archive among a server's files. **Probe first.**
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Calagopus 1; [`Error::Refused`] with 404; and as for every call.
    pub async fn export_backup(
        &self,
        backup: BackupId,
        order: &ExportBackup,
    ) -> Result<Work, Error> {
        self.require(Capability::BackupExport).await?;
        let backup = backup.to_string();
        let request = self
            .request(Method::POST, &["api", "backups", &backup, "export"])
            .json(order);
        let call = Call::long("export backup", Effect::ProbeFirst);
        let (_, body) = self.exchange(call, request).await?;
        if let Ok(started) = serde_json::from_slice::<Started>(&body) {
            return Ok(Work::Started(started.identifier));
        }
        let entry = serde_json::from_slice::<Entry>(&body).ok();
        Ok(Work::Done(entry.map(Box::new)))
    }
}
