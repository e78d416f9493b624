//! What a client sends to have a server made.

use serde_json::{Value, json};

use super::{Egg, Node};
use crate::client::Client;

/// The body of `POST /api/admin/servers` for a server of `owner` on `node`, with no address and no values of variables.
#[must_use]
pub fn server_order(node: &Node, owner: &Client, egg: &Egg) -> Value {
    json!({
        "node_uuid": node.id,
        "owner_uuid": owner.user_id(),
        "egg_uuid": egg.id,
        "allocation_uuids": [],
        "start_on_completion": false,
        "skip_installer": false,
        "name": "Survival",
        "limits": { "cpu": 100, "memory": 1024, "memory_overhead": 0, "swap": 0, "disk": 2048 },
        "pinned_cpus": [],
        "startup": egg.startup,
        "image": egg.image,
        "hugepages_passthrough_enabled": false,
        "kvm_passthrough_enabled": false,
        "feature_limits": { "allocations": 1, "databases": 0, "backups": 0, "schedules": 0 },
        "variables": [],
    })
}
