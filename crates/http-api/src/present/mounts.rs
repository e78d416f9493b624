//! How mounts look to clients.

use panel_api_types::mount::{AttachedMount, Mount, OfferedMount, ServerMount};
use panel_service::mounts::{self, Attached, Offered};

/// A mount.
pub(crate) fn mount(row: mounts::Mount) -> Mount {
    Mount {
        uuid: row.id.uuid(),
        name: row.name,
        description: row.description,
        source: row.source,
        target: row.target,
        read_only: row.read_only,
        user_mountable: row.user_mountable,
        created: row.created_at,
    }
}

/// A mount on something.
pub(crate) fn attached(attached: Attached) -> AttachedMount {
    AttachedMount {
        mount: mount(attached.mount),
        created: attached.since,
    }
}

/// A mount that a server has, or could have.
pub(crate) fn offered(offered: Offered) -> OfferedMount {
    OfferedMount {
        mount: mount(offered.mount),
        created: offered.since,
    }
}

/// A mount for those who use a server: where it is on the node is not theirs to know.
pub(crate) fn of_server(offered: Offered) -> ServerMount {
    let mount = offered.mount;
    ServerMount {
        uuid: mount.id.uuid(),
        name: mount.name,
        description: mount.description,
        target: mount.target,
        read_only: mount.read_only,
        created: offered.since,
    }
}
