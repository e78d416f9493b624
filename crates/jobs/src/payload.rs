//! The payloads of every job there is. Handlers are in `job-handlers`, what they do in `service`.

use panel_domain::id::{NodeId, OperationId, ServerId};
use serde::{Deserialize, Serialize};

use crate::Job;

macro_rules! jobs {
    ($($(#[$doc:meta])* $job:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? } = $name:literal $(, attempts $attempts:literal)? ;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $job { $($(#[$field_doc])* pub $field: $type),* }

        impl Job for $job {
            const NAME: &'static str = $name;
            $(const MAX_ATTEMPTS: i32 = $attempts;)?

            fn dedup_key(&self) -> Option<String> {
                // Work without a payload is always the same work.
                let parts: &[String] = &["of".to_owned(), $(self.$field.to_string()),*];
                Some(parts.join(":"))
            }
        }
    )+};
}

jobs! {
    /// Have a node create and install a server, or install it again.
    InstallServer {
        /// The operation that asks for it.
        operation: OperationId,
    } = "install_server", attempts 1000;
    /// Have a node delete a server, then delete its rows.
    DeleteServer {
        /// The operation that asks for it.
        operation: OperationId,
    } = "delete_server", attempts 1000;
    /// Have a node read a server's configuration again.
    SyncServer {
        /// The server.
        server: ServerId,
    } = "sync_server", attempts 50;
    /// Have a node end a user's console and SFTP connections to a server.
    RevokeConnections {
        /// The server.
        server: ServerId,
        /// The user.
        user: panel_domain::id::UserId,
    } = "revoke_connections", attempts 50;
    /// Have a node make a backup, and its store confirm it.
    MakeBackup {
        /// The operation that asks for it.
        operation: OperationId,
    } = "make_backup", attempts 1000;
    /// Have a node put a backup back.
    RestoreBackup {
        /// The operation that asks for it.
        operation: OperationId,
    } = "restore_backup", attempts 1000;
    /// Have a backup deleted wherever it is.
    DeleteBackup {
        /// The operation that asks for it.
        operation: OperationId,
    } = "delete_backup", attempts 1000;
    /// Make the backups that policies ask for.
    MakeSystemBackups {} = "make_system_backups", attempts 1;
    /// Delete the backups that their groups and policies do not keep any longer.
    PruneBackups {} = "prune_backups", attempts 1;
    /// Have one node send a server to another.
    TransferServer {
        /// The operation that asks for it.
        operation: OperationId,
    } = "transfer_server", attempts 1000;
    /// Have the copy of a server removed that a node has too many.
    DiscardCopy {
        /// The operation that asks for it.
        operation: OperationId,
    } = "discard_copy", attempts 1000;
    /// Do the steps of a run of a schedule.
    RunSchedule {
        /// The run.
        run: panel_domain::id::ScheduleRunId,
    } = "run_schedule", attempts 100;
    /// Begin the runs of schedules that are due.
    PlanSchedules {} = "plan_schedules", attempts 1;
    /// Look at the open operations of a node that has just started, or is reachable again.
    ReconcileNode {
        /// The node.
        node: NodeId,
    } = "reconcile_node", attempts 5;
    /// Ask every node whether it is there, and what it is.
    CheckNodes {} = "check_nodes", attempts 1;
    /// Look at operations whose deadline has passed or whose end seems to be lost.
    ReconcileOperations {} = "reconcile_operations", attempts 1;
    /// Delete sessions that were not used for too long.
    DeleteExpiredSessions {} = "delete_expired_sessions", attempts 1;
    /// Delete what no longer has a use: old activity, log rows of invalidations and revocations, given-up jobs.
    DeleteOldRecords {} = "delete_old_records", attempts 1;
}
