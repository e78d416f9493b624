//! Making a server.

use std::collections::BTreeSet;

use panel_domain::activity::Event;
use panel_domain::id::{AllocationId, BackupConfigurationId, EggId, NodeId, ServerId, UserId};
use panel_domain::operation::OperationKind;
use panel_domain::permission::AdminPermission;
use panel_domain::server::{
    FeatureLimits, ServerLimits, ServerStatus, ServerTexts, check_pinned_cpus,
};
use panel_domain::validate::Invalid;
use panel_storage::allocations::{Allocation, ServerAllocation};
use panel_storage::servers::{self, NewServer, ServerDetails, Surroundings};
use panel_storage::{Readable, eggs, nodes, users};
use scoped_futures::ScopedFutureExt;
use serde_json::json;
use uuid::Uuid;

use super::change;
use super::variables::{VariableValue, choose};
use super::view::AdminServer;
use super::{allocations, blank_is_none};
use crate::backup_configurations;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// How often an id is drawn until its first 8 digits are nobody else's.
const ID_ATTEMPTS: u32 = 5;

/// A new server.
#[derive(Debug, Clone)]
pub struct CreateServer {
    /// Where.
    pub node: NodeId,
    /// Whose.
    pub owner: UserId,
    /// What it runs.
    pub egg: EggId,
    /// Its primary address, one of the node's.
    pub primary: Option<AllocationId>,
    /// More of the node's addresses.
    pub additional: Vec<AllocationId>,
    /// Where its backups go; where its node's go without it.
    pub backup_configuration: Option<BackupConfigurationId>,
    /// Whether it starts when it is installed.
    pub start_on_completion: bool,
    /// Whether the egg's script is left out.
    pub skip_installer: bool,
    /// How another system calls it.
    pub external_id: Option<String>,
    /// What people call it.
    pub name: String,
    /// Free text about it.
    pub description: Option<String>,
    /// What its container gets.
    pub limits: ServerLimits,
    /// Hardware threads it is bound to; any when empty.
    pub pinned_cpus: Vec<i16>,
    /// Command that starts it.
    pub startup: String,
    /// Container image.
    pub image: String,
    /// Time zone of its container; the node's without one.
    pub timezone: Option<String>,
    /// Whether huge pages are passed through.
    pub hugepages_passthrough: bool,
    /// Whether KVM is passed through.
    pub kvm_passthrough: bool,
    /// How many of each thing its users may make.
    pub feature_limits: FeatureLimits,
    /// Values of variables; the others have their defaults.
    pub variables: Vec<VariableValue>,
}

/// Makes a server and has its node install it. It is there when this returns, and installed when the node says so.
///
/// # Errors
/// [`Error::Denied`], [`Error::Invalid`] with everything that is wrong, [`Error::Taken`] for an address or an external id that
/// another server has.
pub async fn create(cx: &Cx, input: CreateServer) -> Result<AdminServer, Error> {
    cx.require_admin(AdminPermission::ServersCreate)?;
    let external_id = blank_is_none(input.external_id.clone());
    let description = blank_is_none(input.description.clone());
    let timezone = blank_is_none(input.timezone.clone());
    let mut invalid = Invalid::new();
    ServerTexts {
        name: Some(&input.name),
        description: description.as_deref(),
        external_id: external_id.as_deref(),
        startup: Some(&input.startup),
        image: Some(&input.image),
        timezone: timezone.as_deref(),
    }
    .check(&mut invalid);
    check_limits(&input.limits, &input.feature_limits, &mut invalid);
    check_pinned_cpus("pinned_cpus", &input.pinned_cpus, &mut invalid);

    let mut conn = cx.read_primary().await?;
    invalid.require(
        backup_configurations::exists(&mut conn, input.backup_configuration).await?,
        "backup_configuration_uuid",
        "must be an existing backup configuration",
    );
    let (around, variables) =
        servers::surroundings(&mut conn, input.owner, input.egg, input.node, input.primary).await?;
    let egg_is_there = around.is_some() || note_missing(&mut conn, &input, &mut invalid).await?;
    drop(conn);
    let values = if egg_is_there {
        choose(&variables, None, &input.variables, |_| true, &mut invalid)?
    } else {
        Vec::new()
    };
    invalid.finish()?;
    let around = around.ok_or(Error::not_found("egg"))?;

    let addresses: BTreeSet<AllocationId> = input
        .primary
        .into_iter()
        .chain(input.additional.iter().copied())
        .collect();
    let addresses: Vec<AllocationId> = addresses.into_iter().collect();
    let field = if input.additional.is_empty() {
        "allocation_uuid"
    } else {
        "allocation_uuids"
    };
    let now = cx.now();
    let mut attempt = 0;
    loop {
        attempt += 1;
        let id = ServerId::new_v4();
        let row = NewServer {
            id: id.uuid(),
            external_id: external_id.clone(),
            node_id: input.node.uuid(),
            allocation_id: input.primary.map(Uuid::from),
            owner_id: input.owner.uuid(),
            egg_id: input.egg.uuid(),
            name: input.name.clone(),
            description: description.clone(),
            status: Some(ServerStatus::Installing.as_str().to_owned()),
            memory_mib: input.limits.memory,
            memory_overhead_mib: input.limits.memory_overhead,
            swap_mib: input.limits.swap,
            disk_mib: input.limits.disk,
            io_weight: input.limits.io_weight,
            cpu_percent: input.limits.cpu,
            pinned_cpus: input.pinned_cpus.clone(),
            startup: input.startup.clone(),
            image: input.image.clone(),
            timezone: timezone.clone(),
            hugepages_passthrough_enabled: input.hugepages_passthrough,
            kvm_passthrough_enabled: input.kvm_passthrough,
            allocation_limit: input.feature_limits.allocations,
            database_limit: input.feature_limits.databases,
            backup_limit: input.feature_limits.backups,
            schedule_limit: input.feature_limits.schedules,
            skip_egg_scripts: input.skip_installer,
            start_on_completion: input.start_on_completion,
            created_at: now,
            backup_configuration_id: input.backup_configuration.map(BackupConfigurationId::uuid),
        };
        let details = json!({
            "skip_installer": input.skip_installer,
            "start_on_completion": input.start_on_completion,
        });
        let operation = change::operation(cx, OperationKind::Install, id, input.node, details);
        let entries = [
            cx.entry(
                Event::AdminServerCreate,
                json!({ "server": id, "name": &input.name, "owner": input.owner, "node": input.node }),
            ),
            cx.entry(Event::Install, json!({})).on(id),
        ];
        let (row, operation, entries) = (&row, &operation, &entries);
        let (addresses, values) = (&addresses, &values);
        let created = cx
            .write(|tx| {
                async move {
                    // The foreign key holds the node's row until the end, as whoever takes its addresses away does.
                    let server = match servers::insert(tx, row).await {
                        Err(error) if error.is_conflict_on("servers_short_id_key") => {
                            return Err(Error::conflict(ID_TAKEN, "no id is free; try again"));
                        }
                        other => other.taken(
                            "servers_external_id_key",
                            "external_id",
                            "is another server's",
                        )?,
                    };
                    if !addresses.is_empty() {
                        allocations::assign(tx, input.node, id, addresses, now, field).await?;
                    }
                    servers::set_variables(tx, id, values, now);
                    change::start_install(tx, operation)?;
                    for entry in entries {
                        entry.record(tx);
                    }
                    Ok(server)
                }
                .scope_boxed()
            })
            .await;
        match created {
            Err(Error::Conflict { code, .. }) if code == ID_TAKEN && attempt < ID_ATTEMPTS => {}
            Err(other) => return Err(other),
            Ok(server) => return Ok(view(server, around)),
        }
    }
}

/// The new server as administrators see it.
fn view(server: servers::Server, around: Surroundings) -> AdminServer {
    let assignment = |allocation: &Allocation| ServerAllocation {
        allocation_id: allocation.id,
        server_id: server.id,
        node_id: server.node_id,
        destination: false,
        notes: None,
        created_at: server.created_at,
    };
    let primary = around
        .primary
        .map(|allocation| (assignment(&allocation), allocation));
    AdminServer {
        details: ServerDetails {
            egg: around.egg,
            nest: around.nest,
            node: around.node,
            location: around.location,
            owner: around.owner,
            owner_role: around.owner_role,
            primary,
            server,
        },
    }
}

/// Notes which of the things a server needs are not there, and says whether the egg is.
async fn note_missing(
    conn: &mut impl Readable,
    input: &CreateServer,
    invalid: &mut Invalid,
) -> Result<bool, Error> {
    let owner = users::find(conn, input.owner).await?;
    invalid.require(owner.is_some(), "owner_uuid", "must be an existing user");
    let egg = eggs::find(conn, input.egg).await?;
    invalid.require(egg.is_some(), "egg_uuid", "must be an existing egg");
    let node = nodes::find(conn, input.node).await?;
    invalid.require(node.is_some(), "node_uuid", "must be an existing node");
    Ok(egg.is_some())
}

/// Code of the conflict that an id's first 8 digits are another server's.
const ID_TAKEN: &str = "server_id_taken";

/// Notes what is wrong with the limits of a server.
pub(crate) fn check_limits(
    limits: &ServerLimits,
    feature_limits: &FeatureLimits,
    invalid: &mut Invalid,
) {
    let mut nested = Invalid::new();
    limits.check(&mut nested);
    invalid.nest("limits", nested);
    let mut nested = Invalid::new();
    feature_limits.check(&mut nested);
    invalid.nest("feature_limits", nested);
}
