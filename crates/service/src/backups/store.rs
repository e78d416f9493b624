//! Access to what keeps backups elsewhere than on nodes.

use panel_domain::backup::{S3Store, Stores};
use panel_domain::id::BackupConfigurationId;
use panel_s3::{Place, Store};
use panel_secrets::{RowBinding, Sealed};
use panel_storage::backup_configurations::{self, BackupConfiguration};
use panel_storage::backups::Backup;
use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::error::Error;

/// An upload to S3 in parts, as it is noted with its backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Uploading {
    /// Name of the object.
    pub(crate) key: String,
    /// The store's name of the upload.
    pub(crate) id: String,
    /// Bytes, where the daemon said so beforehand.
    #[serde(default)]
    pub(crate) size: Option<u64>,
    /// What the store called the parts, where the daemon told.
    #[serde(default)]
    pub(crate) etags: Vec<String>,
}

impl Uploading {
    /// The upload that is noted with a backup.
    pub(crate) fn of(backup: &Backup) -> Result<Option<Self>, Error> {
        backup
            .upload
            .clone()
            .map(serde_json::from_value)
            .transpose()
            .map_err(Error::internal)
    }

    /// As it is noted.
    pub(crate) fn noted(&self) -> Result<serde_json::Value, Error> {
        serde_json::to_value(self).map_err(Error::internal)
    }

    pub(crate) fn upload(&self) -> panel_s3::Upload<'_> {
        panel_s3::Upload {
            key: &self.key,
            id: &self.id,
        }
    }
}

/// Name of a backup's object in a bucket: made of ids alone.
pub(crate) fn key_of(backup: &Backup) -> String {
    format!("{}/{}.tar.gz", backup.made_of, backup.id)
}

/// Access to stores as it is kept.
pub(crate) fn seal_stores(
    cx: &Cx,
    id: BackupConfigurationId,
    stores: &Stores,
) -> Result<Vec<u8>, Error> {
    let text = serde_json::to_vec(stores).map_err(Error::internal)?;
    let row = id.uuid();
    let binding = RowBinding::new("backup_configurations", "stores", row.as_bytes());
    Ok(cx.parts().keys.seal(text, binding).into_bytes())
}

/// Access to stores as it is used.
pub(crate) fn open_stores(cx: &Cx, row: &BackupConfiguration) -> Result<Stores, Error> {
    let id = row.id.uuid();
    let binding = RowBinding::new("backup_configurations", "stores", id.as_bytes());
    let sealed = Sealed::from_bytes(row.stores.clone());
    let text = cx
        .parts()
        .keys
        .open_text(&sealed, binding)
        .map_err(Error::internal)?;
    serde_json::from_str(text.expose()).map_err(Error::internal)
}

/// The stores of a backup's configuration. `None`: it has none.
pub(crate) async fn stores_of(cx: &Cx, backup: &Backup) -> Result<Option<Stores>, Error> {
    let Some(id) = backup.backup_configuration_id else {
        return Ok(None);
    };
    let row = backup_configurations::find(&mut cx.read_primary().await?, id).await?;
    row.map(|row| open_stores(cx, &row)).transpose()
}

/// The bucket that keeps a backup, and how it is configured.
///
/// # Errors
/// [`Error::Conflict`] when there is none any more.
pub(crate) async fn open_store(cx: &Cx, backup: &Backup) -> Result<(Store, S3Store), Error> {
    let gone = || {
        Error::conflict(
            "backup_store_missing",
            "the place that keeps this backup is not configured any more",
        )
    };
    let stores = stores_of(cx, backup).await?.ok_or_else(gone)?;
    let s3 = stores.s3.ok_or_else(gone)?;
    let store = client(cx)?
        .open(Place {
            endpoint: &s3.endpoint,
            bucket: &s3.bucket,
            region: &s3.region,
            path_style: s3.path_style,
            access_key: &s3.access_key,
            secret_key: &s3.secret_key,
        })
        .map_err(Error::internal)?;
    Ok((store, s3))
}

fn client(cx: &Cx) -> Result<&panel_s3::Stores, Error> {
    let made = &cx.parts().stores;
    if let Some(client) = made.get() {
        return Ok(client);
    }
    let client = panel_s3::Stores::new().map_err(Error::internal)?;
    Ok(made.get_or_init(|| client))
}
