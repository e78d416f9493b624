//! What administrators may do.

super::catalogue! {
    /// What somebody may do in the administration: held by root administrators (all), roles, and API keys.
    AdminPermission "admin";
    "stats" "Numbers of the whole panel" {
        StatsRead "read" "See the overview and its numbers",
    }
    "settings" "Settings of the panel" {
        SettingsRead "read" "See all settings, secrets included",
        SettingsUpdate "update" "Change the settings",
    }
    "email-templates" "Texts of e-mails" {
        EmailTemplatesRead "read" "See the e-mail templates",
        EmailTemplatesUpdate "update" "Change the e-mail templates",
    }
    "extensions" "Extensions" {
        ExtensionsRead "read" "See the extensions",
        ExtensionsManage "manage" "Install, enable and disable extensions",
    }
    "announcements" "Announcements" {
        AnnouncementsCreate "create" "Create announcements",
        AnnouncementsRead "read" "See all announcements",
        AnnouncementsUpdate "update" "Change announcements",
        AnnouncementsDelete "delete" "Delete announcements",
    }
    "assets" "Public files" {
        AssetsRead "read" "See the asset files",
        AssetsUpload "upload" "Upload asset files",
        AssetsDelete "delete" "Delete asset files",
    }
    "users" "People" {
        UsersCreate "create" "Create users",
        UsersRead "read" "See the users",
        UsersUpdate "update" "Change users who are not administrators",
        UsersDisableTwoFactor "disable-two-factor" "Turn a user's second factor off",
        UsersDelete "delete" "Delete users",
        UsersEmail "email" "Send users the e-mail that resets their password",
        UsersActivity "activity" "See users' logs",
        UsersOauthLinks "oauth-links" "See and remove users' linked identities",
        UsersImpersonate "impersonate" "Act as a user who may not do more than oneself",
    }
    "roles" "Roles" {
        RolesCreate "create" "Create roles, with permissions one has oneself",
        RolesRead "read" "See the roles",
        RolesUpdate "update" "Change roles that may not do more than oneself",
        RolesDelete "delete" "Delete roles that may not do more than oneself",
    }
    "locations" "Locations" {
        LocationsCreate "create" "Create locations",
        LocationsRead "read" "See the locations",
        LocationsUpdate "update" "Change locations",
        LocationsDelete "delete" "Delete locations",
        LocationsDatabaseHosts "database-hosts" "Attach database hosts to locations",
        LocationsDatabaseAgentHosts "database-agent-hosts" "Attach database agent hosts to locations",
    }
    "backup-configurations" "Where backups are stored" {
        BackupConfigurationsCreate "create" "Create backup configurations",
        BackupConfigurationsRead "read" "See the backup configurations, passwords included",
        BackupConfigurationsUpdate "update" "Change backup configurations",
        BackupConfigurationsDelete "delete" "Delete backup configurations",
        BackupConfigurationsBackups "backups" "See which backups are stored there",
    }
    "system-backup-policies" "Backups the panel takes by itself" {
        SystemBackupPoliciesCreate "create" "Create backup policies",
        SystemBackupPoliciesRead "read" "See the backup policies",
        SystemBackupPoliciesUpdate "update" "Change, attach and trigger backup policies",
        SystemBackupPoliciesDelete "delete" "Delete backup policies",
        SystemBackupPoliciesBackups "backups" "See the backups that policies took",
    }
    "nodes" "Nodes" {
        NodesCreate "create" "Create nodes",
        NodesRead "read" "See the nodes",
        NodesUpdate "update" "Change nodes",
        NodesDelete "delete" "Delete nodes",
        NodesReadToken "read-token" "See nodes' configuration with its token",
        NodesResetToken "reset-token" "Give nodes a new token",
        NodesAllocations "allocations" "Manage nodes' allocations",
        NodesMounts "mounts" "Attach mounts to nodes",
        NodesDatabaseHosts "database-hosts" "Attach database hosts to nodes",
        NodesDatabaseAgentHosts "database-agent-hosts" "Attach database agent hosts to nodes",
        NodesBackups "backups" "See and manage the backups on nodes",
        NodesPower "power" "Start and stop many servers of a node at once",
        NodesTransfers "transfers" "Move many servers off a node at once",
    }
    "servers" "Servers" {
        ServersCreate "create" "Create servers",
        ServersRead "read" "See every server, here and on the client side",
        ServersUpdate "update" "Change and suspend servers and clear their state",
        ServersDelete "delete" "Delete servers",
        ServersTransfer "transfer" "Move servers to another node",
        ServersAllocations "allocations" "Give servers allocations and take them away",
        ServersVariables "variables" "See and change servers' startup variables",
        ServersMounts "mounts" "Attach mounts to servers",
    }
    "nests" "Nests" {
        NestsCreate "create" "Create nests",
        NestsRead "read" "See the nests",
        NestsUpdate "update" "Change nests",
        NestsDelete "delete" "Delete nests",
    }
    "eggs" "Eggs and their variables" {
        EggsCreate "create" "Create and import eggs",
        EggsRead "read" "See and export eggs",
        EggsUpdate "update" "Change eggs and their variables",
        EggsDelete "delete" "Delete eggs",
        EggsMounts "mounts" "Attach mounts to eggs",
    }
    "egg-configurations" "Settings shared by eggs" {
        EggConfigurationsCreate "create" "Create egg configurations",
        EggConfigurationsRead "read" "See the egg configurations",
        EggConfigurationsUpdate "update" "Change egg configurations",
        EggConfigurationsDelete "delete" "Delete egg configurations",
    }
    "egg-repositories" "Repositories that eggs come from" {
        EggRepositoriesCreate "create" "Add egg repositories",
        EggRepositoriesRead "read" "See the egg repositories",
        EggRepositoriesUpdate "update" "Change egg repositories",
        EggRepositoriesDelete "delete" "Remove egg repositories",
        EggRepositoriesSync "sync" "Fetch egg repositories and install eggs from them",
    }
    "database-hosts" "Hosts of shared databases" {
        DatabaseHostsCreate "create" "Create database hosts",
        DatabaseHostsRead "read" "See the database hosts",
        DatabaseHostsUpdate "update" "Change database hosts",
        DatabaseHostsDelete "delete" "Delete database hosts",
        DatabaseHostsTest "test" "Try the connection to database hosts",
    }
    "database-agent-hosts" "Hosts of database instances" {
        DatabaseAgentHostsCreate "create" "Create database agent hosts",
        DatabaseAgentHostsRead "read" "See the database agent hosts",
        DatabaseAgentHostsUpdate "update" "Change database agent hosts",
        DatabaseAgentHostsDelete "delete" "Delete database agent hosts",
        DatabaseAgentHostsReadToken "read-token" "See agents' configuration with its token",
        DatabaseAgentHostsResetToken "reset-token" "Give agents a new token",
        DatabaseAgentHostsTest "test" "Try the connection to agents",
    }
    "database-agent-templates" "Templates of database instances" {
        DatabaseAgentTemplatesCreate "create" "Create templates",
        DatabaseAgentTemplatesRead "read" "See the templates",
        DatabaseAgentTemplatesUpdate "update" "Change templates",
        DatabaseAgentTemplatesDelete "delete" "Delete templates",
    }
    "oauth-providers" "Services that people sign in with" {
        OauthProvidersCreate "create" "Create OAuth providers",
        OauthProvidersRead "read" "See the OAuth providers",
        OauthProvidersUpdate "update" "Change OAuth providers",
        OauthProvidersDelete "delete" "Delete OAuth providers",
    }
    "mounts" "Folders of nodes that servers may mount" {
        MountsCreate "create" "Create mounts",
        MountsRead "read" "See the mounts",
        MountsUpdate "update" "Change mounts",
        MountsDelete "delete" "Delete mounts",
    }
    "activity" "The administration's log" {
        ActivityRead "read" "See what administrators did",
    }
}
