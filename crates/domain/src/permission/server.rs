//! What people may do on a game server.

super::catalogue! {
    /// What somebody may do on a game server: held by its owner (all), its subusers, roles, and API keys.
    ServerPermission "server";
    "control" "Console and power" {
        ControlReadConsole "read-console" "See the console's output",
        ControlConsole "console" "Send commands to the console",
        ControlStart "start" "Start the server",
        ControlStop "stop" "Stop and kill the server",
        ControlRestart "restart" "Restart the server",
    }
    "subusers" "Other people on this server" {
        SubusersCreate "create" "Invite people, with permissions one has oneself",
        SubusersRead "read" "See who has access",
        SubusersUpdate "update" "Change what other people may do",
        SubusersDelete "delete" "Take access away",
    }
    "files" "The server's files" {
        FilesCreate "create" "Create and upload files and folders",
        FilesRead "read" "List folders",
        FilesReadContent "read-content" "View and download files",
        FilesUpdate "update" "Write, rename and move files",
        FilesDelete "delete" "Delete files",
        FilesArchive "archive" "Compress and decompress files",
        FilesSftp "sftp" "Sign in over SFTP",
        FilesQueryRaw "query-raw" "Run SQL on SQLite files",
    }
    "backups" "Backups" {
        BackupsCreate "create" "Create backups",
        BackupsRead "read" "See the backups",
        BackupsDownload "download" "Download backups",
        BackupsRestore "restore" "Restore backups over the server's files",
        BackupsUpdate "update" "Rename, lock and move backups",
        BackupsDelete "delete" "Delete backups",
    }
    "backup-groups" "Groups of backups with their own retention" {
        BackupGroupsCreate "create" "Create backup groups",
        BackupGroupsRead "read" "See the backup groups",
        BackupGroupsUpdate "update" "Change backup groups",
        BackupGroupsDelete "delete" "Delete backup groups",
    }
    "schedules" "Schedules and their steps" {
        SchedulesCreate "create" "Create schedules",
        SchedulesRead "read" "See the schedules",
        SchedulesUpdate "update" "Change, trigger and abort schedules",
        SchedulesDelete "delete" "Delete schedules",
    }
    "allocations" "Addresses and ports" {
        AllocationsRead "read" "See the allocations",
        AllocationsCreate "create" "Take more allocations, up to the limit",
        AllocationsUpdate "update" "Choose the primary allocation and write notes",
        AllocationsDelete "delete" "Give allocations back",
    }
    "startup" "How the server starts" {
        StartupRead "read" "See the startup command and variables",
        StartupUpdate "update" "Change the startup variables",
        StartupCommand "command" "Change the startup command",
        StartupDockerImage "docker-image" "Change the container image",
    }
    "databases" "Databases on shared hosts" {
        DatabasesCreate "create" "Create databases",
        DatabasesRead "read" "See the databases",
        DatabasesReadPassword "read-password" "See the databases' passwords",
        DatabasesUpdate "update" "Lock databases and rotate their passwords",
        DatabasesRecreate "recreate" "Empty a database by making it anew",
        DatabasesDelete "delete" "Delete databases",
        DatabasesQuery "query" "Look at tables and rows in the explorer",
        DatabasesQueryRaw "query-raw" "Run any SQL in the explorer",
        DatabasesEditRows "edit-rows" "Insert, change and delete rows in the explorer",
        DatabasesEditStructure "edit-structure" "Create and change tables and columns in the explorer",
        DatabasesDeleteStructure "delete-structure" "Delete tables and columns in the explorer",
    }
    "database-instances" "Database servers of its own" {
        DatabaseInstancesCreate "create" "Create database instances",
        DatabaseInstancesRead "read" "See the database instances",
        DatabaseInstancesUpdate "update" "Rename, lock and change database instances",
        DatabaseInstancesApplyUpdate "apply-update" "Bring an instance to its template's newest version",
        DatabaseInstancesDelete "delete" "Delete database instances",
        DatabaseInstancesPower "power" "Start, stop and restart database instances",
        DatabaseInstancesLogs "logs" "See the instances' logs",
        DatabaseInstancesDatabases "databases" "Create and delete databases in an instance",
        DatabaseInstancesRecreate "recreate" "Empty an instance or one of its databases by making it anew",
        DatabaseInstancesUsers "users" "Manage the instances' accounts, passwords included",
        DatabaseInstancesImport "import" "Load a dump into an instance",
        DatabaseInstancesExport "export" "Download a dump of an instance",
        DatabaseInstancesQuery "query" "Look at tables and rows in the explorer",
        DatabaseInstancesQueryRaw "query-raw" "Run any SQL in the explorer",
        DatabaseInstancesEditRows "edit-rows" "Insert, change and delete rows in the explorer",
        DatabaseInstancesEditStructure "edit-structure" "Create and change tables and columns in the explorer",
        DatabaseInstancesDeleteStructure "delete-structure" "Delete tables and columns in the explorer",
    }
    "mounts" "Folders of the node that users may mount" {
        MountsAttach "attach" "Attach mounts",
        MountsRead "read" "See the mounts",
        MountsDetach "detach" "Detach mounts",
    }
    "settings" "The server's settings" {
        SettingsRename "rename" "Change the name and description",
        SettingsTimezone "timezone" "Change the time zone",
        SettingsAutoKill "auto-kill" "Choose when a server that does not stop is killed",
        SettingsAutoStart "auto-start" "Choose whether the server starts with its node",
        SettingsInstall "install" "Reinstall the server",
        SettingsCancelInstall "cancel-install" "Cancel a running installation",
    }
    "activity" "The server's log" {
        ActivityRead "read" "See what was done on the server",
        ActivityReadIp "read-ip" "See the addresses of other people in the log",
    }
}

impl ServerPermission {
    /// To change everything about how a server starts.
    pub const STARTUP: [Self; 3] = [
        Self::StartupUpdate,
        Self::StartupCommand,
        Self::StartupDockerImage,
    ];
}
