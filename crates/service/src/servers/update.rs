//! What administrators change of a server.

use panel_domain::activity::Event;
use panel_domain::id::{BackupConfigurationId, EggId, ServerRef, UserId};
use panel_domain::permission::AdminPermission;
use panel_domain::server::{
    AutoKill, AutoStart, FeatureLimits, ServerAction, ServerLimits, ServerTexts, check_pinned_cpus,
};
use panel_domain::validate::Invalid;
use panel_jobs::payload::RevokeConnections;
use panel_jobs::{EnqueueOptions, enqueue};
use panel_storage::Part;
use panel_storage::consistency::RevocationKind;
use panel_storage::schedules;
use panel_storage::servers::{self, ServerChanges};
use scoped_futures::ScopedFutureExt;
use serde_json::json;

use super::change::{self, Missing};
use super::{blank_is_none, lookup};
use crate::authorize::state_of;
use crate::backup_configurations::check_reference;
use crate::cx::Cx;
use crate::error::{Error, Taken};

/// Changes of a server; what is absent stays, `Some(None)` empties.
#[derive(Debug, Clone, Default)]
pub struct UpdateServer {
    /// Whose it is.
    pub owner: Option<UserId>,
    /// What it runs. Command, image and variables stay as they are.
    pub egg: Option<EggId>,
    /// Where its backups go; where its node's go without it.
    pub backup_configuration: Option<Option<BackupConfigurationId>>,
    /// Whether its users are kept from using it.
    pub suspended: Option<bool>,
    /// How another system calls it.
    pub external_id: Option<Option<String>>,
    /// What people call it.
    pub name: Option<String>,
    /// Free text about it.
    pub description: Option<Option<String>>,
    /// What its container gets.
    pub limits: Option<ServerLimits>,
    /// Hardware threads it is bound to; any when empty.
    pub pinned_cpus: Option<Vec<i16>>,
    /// Command that starts it.
    pub startup: Option<String>,
    /// Container image.
    pub image: Option<String>,
    /// Whether it is killed when it does not stop.
    pub auto_kill: Option<AutoKill>,
    /// Whether it starts with its node.
    pub auto_start: Option<AutoStart>,
    /// Time zone of its container.
    pub timezone: Option<Option<String>>,
    /// Whether huge pages are passed through.
    pub hugepages_passthrough: Option<bool>,
    /// Whether KVM is passed through.
    pub kvm_passthrough: Option<bool>,
    /// How many of each thing its users may make.
    pub feature_limits: Option<FeatureLimits>,
}

/// Changes a server and has its node read it again.
///
/// # Errors
/// [`Error::Denied`], [`Error::NotFound`], [`Error::Conflict`], [`Error::Invalid`] with everything that is wrong,
/// [`Error::Taken`] for an external id that another server has.
pub async fn update(cx: &Cx, server: ServerRef, input: UpdateServer) -> Result<(), Error> {
    cx.require_admin(AdminPermission::ServersUpdate)?;
    let current = lookup::current(&mut cx.read_primary().await?, server).await?;
    let id = current.id;
    let changes = changes(&input)?;

    let mut fields: Vec<&str> = Vec::new();
    let mut changed = |is: bool, field| {
        if is {
            fields.push(field);
        }
    };
    changed(input.owner.is_some(), "owner");
    changed(input.egg.is_some(), "egg");
    changed(input.backup_configuration.is_some(), "backup_configuration");
    changed(input.external_id.is_some(), "external_id");
    changed(input.name.is_some(), "name");
    changed(input.description.is_some(), "description");
    changed(input.limits.is_some(), "limits");
    changed(input.pinned_cpus.is_some(), "pinned_cpus");
    changed(input.startup.is_some(), "startup");
    changed(input.image.is_some(), "image");
    changed(input.auto_kill.is_some(), "auto_kill");
    changed(input.auto_start.is_some(), "auto_start_behavior");
    changed(input.timezone.is_some(), "timezone");
    changed(
        input.hugepages_passthrough.is_some(),
        "hugepages_passthrough_enabled",
    );
    changed(input.kvm_passthrough.is_some(), "kvm_passthrough_enabled");
    changed(input.feature_limits.is_some(), "feature_limits");
    let edited = (!fields.is_empty()).then(|| {
        cx.entry(
            Event::AdminServerUpdate,
            json!({ "server": id, "name": &current.name, "fields": fields }),
        )
    });
    let suspension = input.suspended.map(|suspended| {
        let event = if suspended {
            Event::AdminServerSuspend
        } else {
            Event::AdminServerUnsuspend
        };
        (
            suspended,
            cx.entry(event, json!({ "server": id, "name": &current.name })),
        )
    });
    if edited.is_none() && suspension.is_none() {
        return Ok(());
    }
    let now = cx.now();
    let (changes, edited, suspension) = (&changes, &edited, &suspension);
    cx.write(|tx| {
        async move {
            let before = change::lock(tx, id).await?;
            let state = state_of(&before, false);
            state.allows(ServerAction::Edit, true)?;
            if let Some((suspended, entry)) = suspension
                && *suspended != before.suspended
            {
                state.allows(ServerAction::Suspend, true)?;
                entry.record(tx);
                tx.revoke(RevocationKind::Server, id);
            }
            check_reference(tx, input.backup_configuration.flatten()).await?;
            update_row(tx, id, changes).await?;
            if changes.timezone.is_some() {
                schedules::replan_server(tx, id, now);
            }
            if let Some(entry) = edited {
                entry.record(tx);
            }
            if input.owner.is_some_and(|owner| owner != before.owner_id) {
                tx.revoke(RevocationKind::Server, id);
                tx.changed(Part::ServersOf(before.owner_id));
                let job = RevokeConnections {
                    server: id,
                    user: before.owner_id,
                };
                enqueue(tx, &job, now, EnqueueOptions::default())?;
            }
            change::invalidate(tx, id);
            change::sync(tx, id, now)
        }
        .scope_boxed()
    })
    .await
}

async fn update_row(
    tx: &mut panel_storage::Tx,
    id: panel_domain::id::ServerId,
    changes: &ServerChanges,
) -> Result<(), Error> {
    let updated = match servers::update(tx, id, changes).await {
        Err(error) if error.is_conflict_on("servers_external_id_key") => Err(error).taken(
            "servers_external_id_key",
            "external_id",
            "is another server's",
        ),
        Err(panel_storage::Error::ForeignKey { constraint })
            if constraint == "servers_egg_id_fkey" =>
        {
            Err(panel_storage::Error::ForeignKey { constraint }).missing(
                "servers_egg_id_fkey",
                "egg_uuid",
                "must be an existing egg",
            )
        }
        other => other.missing(
            "servers_owner_id_fkey",
            "owner_uuid",
            "must be an existing user",
        ),
    };
    updated?.map(drop).ok_or(Error::not_found("server"))
}

fn changes(input: &UpdateServer) -> Result<ServerChanges, Error> {
    let external_id = input.external_id.clone().map(blank_is_none);
    let description = input.description.clone().map(blank_is_none);
    let timezone = input.timezone.clone().map(blank_is_none);
    let mut invalid = Invalid::new();
    ServerTexts {
        name: input.name.as_deref(),
        description: description.as_ref().and_then(Option::as_deref),
        external_id: external_id.as_ref().and_then(Option::as_deref),
        startup: input.startup.as_deref(),
        image: input.image.as_deref(),
        timezone: timezone.as_ref().and_then(Option::as_deref),
    }
    .check(&mut invalid);
    if let Some(limits) = &input.limits {
        let mut nested = Invalid::new();
        limits.check(&mut nested);
        invalid.nest("limits", nested);
    }
    if let Some(limits) = &input.feature_limits {
        let mut nested = Invalid::new();
        limits.check(&mut nested);
        invalid.nest("feature_limits", nested);
    }
    if let Some(cpus) = &input.pinned_cpus {
        check_pinned_cpus("pinned_cpus", cpus, &mut invalid);
    }
    if let Some(auto_kill) = &input.auto_kill {
        let mut nested = Invalid::new();
        auto_kill.check(&mut nested);
        invalid.nest("auto_kill", nested);
    }
    invalid.finish()?;
    let auto_kill_seconds = match &input.auto_kill {
        Some(auto_kill) => Some(i32::try_from(auto_kill.seconds).map_err(Error::internal)?),
        None => None,
    };
    Ok(ServerChanges {
        external_id,
        owner_id: input.owner.map(UserId::uuid),
        egg_id: input.egg.map(EggId::uuid),
        name: input.name.clone(),
        description,
        suspended: input.suspended,
        memory_mib: input.limits.map(|limits| limits.memory),
        memory_overhead_mib: input.limits.map(|limits| limits.memory_overhead),
        swap_mib: input.limits.map(|limits| limits.swap),
        disk_mib: input.limits.map(|limits| limits.disk),
        io_weight: input.limits.map(|limits| limits.io_weight),
        cpu_percent: input.limits.map(|limits| limits.cpu),
        pinned_cpus: input.pinned_cpus.clone(),
        startup: input.startup.clone(),
        image: input.image.clone(),
        auto_kill_enabled: input.auto_kill.map(|auto_kill| auto_kill.enabled),
        auto_kill_seconds,
        auto_start_behavior: input.auto_start.map(|value| value.as_str().to_owned()),
        timezone,
        hugepages_passthrough_enabled: input.hugepages_passthrough,
        kvm_passthrough_enabled: input.kvm_passthrough,
        allocation_limit: input.feature_limits.map(|limits| limits.allocations),
        database_limit: input.feature_limits.map(|limits| limits.databases),
        backup_limit: input.feature_limits.map(|limits| limits.backups),
        schedule_limit: input.feature_limits.map(|limits| limits.schedules),
        backup_configuration_id: input
            .backup_configuration
            .map(|id| id.map(BackupConfigurationId::uuid)),
        ..ServerChanges::default()
    })
}
