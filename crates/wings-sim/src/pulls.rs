//! Files that the node fetches from the network, and other file work in the background.

use std::sync::Arc;

use url::{Host, Url};
use uuid::Uuid;
use wings_client::wire::files::Pull;
use wings_client::wire::websocket::{Message, ServerEvent};

use crate::core::Core;
use crate::ledger::Effect;
use crate::world::Operation;

/// Most downloads of a server at a time.
const MOST: usize = 3;

/// Why a file is not fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotPulled {
    TooMany,
    Failed(String),
}

/// Whether an address is of this machine or a private network.
fn is_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()
        }
        Some(Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local(),
        Some(Host::Domain(name)) => name == "localhost",
        None => true,
    }
}

/// Remembers work in the background and gives it an id.
pub(crate) fn begin(core: &Core, server: Uuid, kind: &'static str, path: &str) -> Uuid {
    let id = Uuid::new_v4();
    let operation = Operation {
        kind,
        path: path.to_owned(),
        progress: 0,
        total: 0,
    };
    core.change_server(server, |server| server.operations.insert(id, operation));
    id
}

/// Forgets it and tells the sockets; false when it was ended meanwhile.
pub(crate) fn end(core: &Core, server: Uuid, id: Uuid, failure: Option<&str>) -> bool {
    let known = core
        .change_server(server, |server| server.operations.remove(&id))
        .flatten()
        .is_some();
    if known && !core.dialect().is_go() {
        let message = match failure {
            None => Message::with(ServerEvent::OperationCompleted, id.to_string()),
            Some(text) => Message {
                event: ServerEvent::OperationError.to_string(),
                args: vec![id.to_string(), text.to_owned()],
            },
        };
        core.tell_gated(server, Some("file.read"), message);
    }
    known
}

/// The name a fetched file gets.
fn name_of(order: &Pull, url: &Url) -> String {
    let last = url.path_segments().and_then(Iterator::last);
    order
        .file_name
        .clone()
        .filter(|name| !name.is_empty())
        .or_else(|| last.map(str::to_owned))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "download".to_owned())
}

/// Begins to fetch a file; gives the id of the work and the path it will have.
pub(crate) fn start(
    core: &Arc<Core>,
    server: Uuid,
    order: &Pull,
) -> Result<(Uuid, String), NotPulled> {
    let url = Url::parse(&order.url).map_err(|error| NotPulled::Failed(error.to_string()))?;
    let running = core.read_server(server, |server| {
        let pulls = server.operations.values();
        pulls.filter(|operation| operation.kind == "pull").count()
    });
    if running.unwrap_or(0) >= MOST {
        return Err(NotPulled::TooMany);
    }
    if core.options.refuse_private_pulls && is_private(&url) {
        return Err(NotPulled::Failed("address is blocked".into()));
    }
    let path = format!("{}/{}", order.root, name_of(order, &url));
    Ok((begin(core, server, "pull", &path), path))
}

/// Fetches what [`start`] began.
pub(crate) async fn run(
    core: &Arc<Core>,
    server: Uuid,
    id: Uuid,
    path: &str,
    url: &str,
) -> Result<(), String> {
    let fetched = core.remote.fetch(url).await;
    let written = fetched.and_then(|content| {
        let now = core.now();
        core.change_server(server, |server| {
            if !server.operations.contains_key(&id) {
                return Err("it was ended".to_owned());
            }
            let written = server.files.write(path, content, now);
            written.map_err(|_| "the file cannot be written".to_owned())
        })
        .unwrap_or_else(|| Err("the server is gone".to_owned()))
    });
    if written.is_ok() {
        core.record(server, Effect::FilePulled, Some(path.to_owned()));
    }
    end(core, server, id, written.as_ref().err().map(String::as_str));
    written
}
