//! What a node does with files in the background.

use panel_domain::activity::Event;
use panel_domain::files::{FilePath, Kind};
use panel_domain::id::ServerRef;
use panel_domain::permission::ServerPermission;
use serde_json::{Value, json};
use uuid::Uuid;
use wings_client::{Capability, PullStatus};

use super::access::{Files, told};
use crate::cx::Cx;
use crate::error::Error;

/// Something that goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Operation {
    /// Its id, where the node says it.
    pub id: Option<Uuid>,
    /// What it is, in the node's word: `compress`, `decompress`, `pull`, `copy`, ...
    pub kind: String,
    /// What it is done to, where the node says it.
    pub path: Option<String>,
    /// Where it goes, where the node says it.
    pub destination: Option<String>,
    /// The part that is done, 0–1, where it is known.
    pub fraction: Option<f64>,
    /// Bytes that are done, where the node counts them.
    pub bytes: Option<u64>,
    /// Bytes in all, where the node knows them.
    pub total: Option<u64>,
}

impl From<PullStatus> for Operation {
    fn from(pull: PullStatus) -> Self {
        Self {
            id: Some(pull.id),
            kind: "pull".to_owned(),
            path: None,
            destination: pull.destination,
            fraction: pull.fraction,
            bytes: pull.bytes,
            total: pull.total.filter(|total| *total > 0),
        }
    }
}

impl Operation {
    /// As the newest Calagopus tells it. Older ones call the counts otherwise on their sockets; both are understood.
    fn read(told: &Value) -> Self {
        let text = |name: &str| told.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |names: [&str; 2]| {
            let mut found = names
                .into_iter()
                .filter_map(|name| told.get(name)?.as_u64());
            found.next()
        };
        let bytes = number(["bytes_processed", "progress"]);
        let total = number(["bytes_total", "total"]).filter(|total| *total > 0);
        #[expect(clippy::cast_precision_loss, reason = "a fraction for people")]
        let fraction = bytes
            .zip(total)
            .map(|(bytes, total)| (bytes as f64 / total as f64).min(1.0));
        Self {
            id: text("uuid")
                .or_else(|| text("identifier"))
                .or_else(|| text("id"))
                .and_then(|id| id.parse().ok()),
            kind: text("type").unwrap_or_default(),
            path: text("path"),
            destination: text("destination_path").or_else(|| text("destination")),
            fraction,
            bytes,
            total,
        }
    }

    fn is_seen(&self, files: &Files) -> bool {
        let paths = [&self.path, &self.destination];
        paths.into_iter().flatten().all(|path| {
            FilePath::parse(path).is_ok_and(|path| !files.hidden.hides(&path, Kind::Unknown))
        })
    }
}

/// What goes on among a server's files, as far as its node tells: all of it from the newest daemons, what is fetched from the network
/// from the others.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Denied`]; [`Error::Conflict`] by the server's state; those of the node.
pub async fn operations(cx: &Cx, server: ServerRef) -> Result<Vec<Operation>, Error> {
    let files = Files::open(cx, server, ServerPermission::FilesRead).await?;
    let mut found: Vec<Operation> = if files.capabilities().await?.has(Capability::ListOperations) {
        let told_by_node = files.client.file_operations(files.server).await;
        let operations = told_by_node.map_err(told)?.operations;
        operations.iter().map(Operation::read).collect()
    } else {
        let pulls = files.client.pulls(files.server).await.map_err(told)?;
        pulls.into_iter().map(Operation::from).collect()
    };
    found.retain(|operation| operation.is_seen(&files));
    Ok(found)
}

/// Ends what goes on under this id. What is not there counts as ended.
///
/// # Errors
/// As [`operations`].
pub async fn abort_operation(cx: &Cx, server: ServerRef, operation: Uuid) -> Result<(), Error> {
    let files = Files::open(cx, server, ServerPermission::FilesUpdate).await?;
    let in_general = files
        .capabilities()
        .await?
        .has(Capability::BackgroundOperations);
    let call = async || {
        if in_general {
            files
                .client
                .abort_file_operation(files.server, operation)
                .await
        } else {
            // All that the Go daemons do in the background.
            files.client.cancel_pull(files.server, operation).await
        }
    };
    let details = json!({ "operation": operation });
    files
        .act(cx, cx.entry(Event::FileOperationAbort, details), call)
        .await
}
