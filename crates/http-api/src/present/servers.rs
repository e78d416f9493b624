//! How servers look to clients.

use panel_api_types::activity::ServerActivity;
use panel_api_types::allocation::ServerAllocation;
use panel_api_types::egg::Egg;
use panel_api_types::server::{
    AdminLimits, AdminServer, AutoKill, AutoStartBehavior, EggConfiguration, FeatureLimits, Limits,
    NetworkUsage, PowerState, ResourceUsage, Server, ServerStatus, ServerVariable,
};
use panel_api_types::subuser::Subuser;
use panel_domain::permission::PermissionSet;
use panel_domain::server as domain;
use panel_service::nodes::NodeInfo;
use panel_service::servers::{self, ServerDetails};
use panel_service::users::UserDetails;
use panel_service::{Error, eggs};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::eggs::{admin_egg, nest};
use super::nodes::node;
use super::users::{admin_user, user};

/// A server as one of its users sees it.
///
/// # Errors
/// A column that holds what it must not.
pub(crate) fn server(view: servers::Server) -> Result<Server, Error> {
    let permissions = if view.permissions == PermissionSet::ALL {
        vec!["*".to_owned()]
    } else {
        view.permissions
            .keys()
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let details = view.details;
    let allocation = primary(&details);
    let egg = self::egg(&details.egg)?;
    let (row, node, location) = (details.server, details.node, details.location);
    Ok(Server {
        uuid: row.id.uuid(),
        uuid_short: row.short_id,
        allocation,
        egg,
        egg_configuration: EggConfiguration {
            config_allocations: None,
            config_startup: None,
            config_routes: None,
        },
        status: status(row.status.as_deref()),
        is_owner: view.is_owner,
        is_suspended: row.suspended,
        is_transferring: row.destination_node_id.is_some(),
        permissions,
        location_uuid: location.id.uuid(),
        location_name: location.name,
        location_flag: location.flag,
        node_uuid: node.id.uuid(),
        node_name: node.name,
        node_maintenance_enabled: node.maintenance_enabled,
        sftp_host: node
            .sftp_host
            .unwrap_or_else(|| host_of(node.public_url.as_deref().unwrap_or(&node.url))),
        sftp_port: port(node.sftp_port),
        name: row.name,
        description: row.description,
        limits: Limits {
            cpu: row.cpu_percent,
            memory: row.memory_mib,
            swap: row.swap_mib,
            disk: row.disk_mib,
        },
        feature_limits: FeatureLimits {
            allocations: row.allocation_limit,
            databases: row.database_limit,
            backups: row.backup_limit,
            schedules: row.schedule_limit,
        },
        startup: row.startup,
        image: row.image,
        auto_kill: AutoKill {
            enabled: row.auto_kill_enabled,
            seconds: i64::from(row.auto_kill_seconds),
        },
        auto_start_behavior: auto_start(&row.auto_start_behavior),
        timezone: row.timezone,
        power_state: row.power_state.as_deref().and_then(power_state),
        power_state_at: row.power_state_at,
        created: row.created_at,
    })
}

/// A server as administrators see it.
///
/// # Errors
/// As [`server`].
pub(crate) fn admin_server(view: servers::AdminServer) -> Result<AdminServer, Error> {
    let details = view.details;
    let allocation = primary(&details);
    let egg = admin_egg(details.egg)?;
    let nest = nest(details.nest);
    let node = node(NodeInfo {
        node: details.node,
        location: details.location,
    });
    let owner = UserDetails {
        user: details.owner,
        role: details.owner_role,
    };
    let row = details.server;
    Ok(AdminServer {
        uuid: row.id.uuid(),
        uuid_short: row.short_id,
        external_id: row.external_id,
        allocation,
        node,
        owner: admin_user(&owner),
        egg,
        nest,
        backup_configuration: None,
        backup_configuration_uuid: row.backup_configuration_id.map(Into::into),
        status: status(row.status.as_deref()),
        is_suspended: row.suspended,
        is_transferring: row.destination_node_id.is_some(),
        destination_node_uuid: row.destination_node_id.map(Into::into),
        name: row.name,
        description: row.description,
        limits: AdminLimits {
            cpu: row.cpu_percent,
            memory: row.memory_mib,
            memory_overhead: row.memory_overhead_mib,
            swap: row.swap_mib,
            disk: row.disk_mib,
            io_weight: row.io_weight,
        },
        pinned_cpus: row.pinned_cpus,
        feature_limits: FeatureLimits {
            allocations: row.allocation_limit,
            databases: row.database_limit,
            backups: row.backup_limit,
            schedules: row.schedule_limit,
        },
        startup: row.startup,
        image: row.image,
        auto_kill: AutoKill {
            enabled: row.auto_kill_enabled,
            seconds: i64::from(row.auto_kill_seconds),
        },
        auto_start_behavior: auto_start(&row.auto_start_behavior),
        timezone: row.timezone,
        hugepages_passthrough_enabled: row.hugepages_passthrough_enabled,
        kvm_passthrough_enabled: row.kvm_passthrough_enabled,
        created: row.created_at,
    })
}

/// An address of a server.
pub(crate) fn server_allocation(address: servers::Address) -> ServerAllocation {
    let servers::Address {
        assignment,
        allocation,
        is_primary,
    } = address;
    ServerAllocation {
        uuid: allocation.id.uuid(),
        ip: allocation.ip.addr().to_string(),
        ip_alias: allocation.ip_alias,
        port: port(allocation.port),
        notes: assignment.notes,
        is_primary,
        created: assignment.created_at,
    }
}

/// A variable of a server.
pub(crate) fn server_variable(variable: servers::Variable) -> ServerVariable {
    let model = variable.model;
    ServerVariable {
        name: model.name,
        name_translations: model.name_translations,
        description: Some(model.description).filter(|text| !text.is_empty()),
        description_translations: model.description_translations,
        env_variable: model.env_variable,
        default_value: Some(model.default_value),
        value: variable.value,
        is_editable: variable.editable,
        is_secret: model.secret,
        rules: model.rules,
        created: variable.created_at,
    }
}

/// A share of a server.
pub(crate) fn subuser(subuser: servers::Subuser) -> Subuser {
    Subuser {
        user: user(&subuser.user),
        permissions: subuser.share.permissions,
        ignored_files: subuser.share.ignored_files,
        created: subuser.share.created_at,
    }
}

/// An entry of a server's log.
pub(crate) fn server_activity(activity: servers::Activity) -> ServerActivity {
    let servers::Activity {
        entry,
        user: actor,
        impersonator,
    } = activity;
    ServerActivity {
        user: actor.as_ref().map(user),
        impersonator: impersonator.as_ref().map(user),
        event: entry.event,
        ip: entry.ip.map(|ip| ip.addr().to_string()),
        data: entry.data,
        is_api: entry.api_key_id.is_some(),
        is_schedule: entry.by_schedule,
        created: entry.created_at,
    }
}

/// What a server uses.
pub(crate) fn resource_usage(usage: servers::Usage) -> ResourceUsage {
    let now = usage.now;
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    ResourceUsage {
        cpu_absolute: now.cpu_absolute,
        cpu_limit_absolute: usage.cpu_limit,
        memory_bytes: bytes(now.memory_bytes),
        memory_limit_bytes: usage.memory_limit_mib.saturating_mul(1024 * 1024),
        disk_bytes: now.disk_bytes,
        // By its name, which all flavours share: the wire's type is not this layer's.
        state: power_state(now.state.as_str()).unwrap_or(PowerState::Offline),
        network: NetworkUsage {
            rx_bytes: bytes(now.network.rx_bytes),
            // No daemon counts packets here.
            rx_packets: 0,
            tx_bytes: bytes(now.network.tx_bytes),
            tx_packets: 0,
        },
        uptime: now.uptime,
    }
}

fn primary(details: &ServerDetails) -> Option<ServerAllocation> {
    let (assignment, allocation) = details.primary.clone()?;
    Some(server_allocation(servers::Address {
        assignment,
        allocation,
        is_primary: true,
    }))
}

/// An egg as those see it who use servers that run it.
///
/// # Errors
/// A column that holds what it must not.
pub(crate) fn egg(egg: &eggs::Egg) -> Result<Egg, Error> {
    Ok(Egg {
        uuid: egg.id.uuid(),
        name: egg.name.clone(),
        description: egg.description.clone(),
        features: egg.features.clone(),
        docker_images: column(&egg.docker_images)?,
        startup_commands: column(&egg.startup_commands)?,
        separate_port: egg.separate_port,
        created: egg.created_at,
    })
}

fn column<T: DeserializeOwned>(value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(Error::internal)
}

/// The table allows ports only.
fn port(port: i32) -> u16 {
    u16::try_from(port).unwrap_or_default()
}

fn host_of(url: &str) -> String {
    url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

fn status(name: Option<&str>) -> Option<ServerStatus> {
    let status = name?.parse::<domain::ServerStatus>().ok()?;
    Some(match status {
        domain::ServerStatus::Installing => ServerStatus::Installing,
        domain::ServerStatus::InstallFailed => ServerStatus::InstallFailed,
        domain::ServerStatus::RestoringBackup => ServerStatus::RestoringBackup,
        domain::ServerStatus::BackupRestoreFailed => ServerStatus::BackupRestoreFailed,
    })
}

fn power_state(name: &str) -> Option<PowerState> {
    let state = name.parse::<domain::PowerState>().ok()?;
    Some(match state {
        domain::PowerState::Offline => PowerState::Offline,
        domain::PowerState::Starting => PowerState::Starting,
        domain::PowerState::Running => PowerState::Running,
        domain::PowerState::Stopping => PowerState::Stopping,
    })
}

fn auto_start(name: &str) -> AutoStartBehavior {
    match name.parse::<domain::AutoStart>() {
        Ok(domain::AutoStart::Always) => AutoStartBehavior::Always,
        Ok(domain::AutoStart::Never) => AutoStartBehavior::Never,
        // The table allows no other name.
        Ok(domain::AutoStart::UnlessStopped) | Err(_) => AutoStartBehavior::UnlessStopped,
    }
}
