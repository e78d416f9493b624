//! What API keys may do with their user's own account.

super::catalogue! {
    /// What an API key may do with its user's own account. A sign-in in the browser always may all of it.
    UserPermission "user";
    "account" "The account itself" {
        AccountInfos "infos" "Change name, language and other details of the profile",
        AccountEmail "email" "Change the e-mail address",
        AccountPassword "password" "Change the password",
        AccountTwoFactor "two-factor" "Turn the second factor on and off",
        AccountAvatar "avatar" "Upload and remove the picture",
    }
    "servers" "The list of servers and the groups it is sorted into" {
        ServersCreate "create" "Create groups of servers",
        ServersRead "read" "See the own servers and groups",
        ServersUpdate "update" "Change groups of servers",
        ServersDelete "delete" "Delete groups of servers",
    }
    "api-keys" "Keys for programs" {
        ApiKeysCreate "create" "Create API keys, none of which may do more than this one",
        ApiKeysRead "read" "See the API keys",
        ApiKeysUpdate "update" "Change API keys",
        ApiKeysDelete "delete" "Delete API keys",
        ApiKeysRecreate "recreate" "Give an API key a new secret",
    }
    "security-keys" "Passkeys and security keys" {
        SecurityKeysCreate "create" "Register security keys",
        SecurityKeysRead "read" "See the security keys",
        SecurityKeysUpdate "update" "Rename security keys",
        SecurityKeysDelete "delete" "Remove security keys",
    }
    "ssh-keys" "Public keys for SFTP" {
        SshKeysCreate "create" "Add SSH keys, also from a public profile",
        SshKeysRead "read" "See the SSH keys",
        SshKeysUpdate "update" "Rename SSH keys",
        SshKeysDelete "delete" "Remove SSH keys",
    }
    "oauth-links" "Identities at other services that sign in here" {
        OauthLinksCreate "create" "Link an identity",
        OauthLinksRead "read" "See the linked identities",
        OauthLinksDelete "delete" "Unlink an identity",
    }
    "command-snippets" "Saved console commands" {
        CommandSnippetsCreate "create" "Save console commands",
        CommandSnippetsRead "read" "See the saved console commands",
        CommandSnippetsUpdate "update" "Change saved console commands",
        CommandSnippetsDelete "delete" "Delete saved console commands",
    }
    "sessions" "Places where the user is signed in" {
        SessionsRead "read" "See the sessions",
        SessionsDelete "delete" "End sessions",
    }
    "activity" "The account's own log" {
        ActivityRead "read" "See what was done with the account",
    }
}
