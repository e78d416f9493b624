//! Typed identifiers. A `UserId` cannot be passed where a `ServerId` is meant; on the wire and in the
//! database each is a plain UUID.

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::{ContextV7, Timestamp, Uuid};

/// A text that is not a UUID where an identifier was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a valid {noun} id: give a UUID like 123e4567-e89b-42d3-a456-426614174000")]
pub struct ParseIdError {
    noun: &'static str,
}

/// Ids that this process draws in one millisecond sort in the order in which they were drawn.
static ORDER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

fn time_ordered(now: DateTime<Utc>) -> Uuid {
    // UUIDs know no time before 1970; a clock that is this wrong still gets unique ids.
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(
        &ORDER,
        seconds,
        now.timestamp_subsec_nanos(),
    ))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $noun:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new random identifier.
            #[must_use]
            pub fn new_v4() -> Self {
                Self(Uuid::new_v4())
            }

            /// A new identifier that sorts by `now` (to the millisecond), random in the rest.
            #[must_use]
            pub fn new_v7(now: DateTime<Utc>) -> Self {
                Self(time_ordered(now))
            }

            /// The identifier of a UUID known at compile time or read from elsewhere.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, as the database and the wire have it.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self).map_err(|_| ParseIdError { noun: $noun })
            }
        }
    )+};
}

ids! {
    /// A person with an account.
    UserId = "user";
    /// A named set of permissions held by users.
    RoleId = "role";
    /// One sign-in of a user in a browser.
    SessionId = "session";
    /// A key a user made for programs.
    ApiKeyId = "API key";
    /// A public key a user signs in to SFTP with.
    SshKeyId = "SSH key";
    /// A console command that a user keeps under a name.
    CommandSnippetId = "command snippet";
    /// A group that a user arranges servers in.
    ServerGroupId = "server group";
    /// A place that groups nodes.
    LocationId = "location";
    /// A machine that runs the Wings daemon.
    NodeId = "node";
    /// An address and port of a node.
    AllocationId = "allocation";
    /// A group of eggs.
    NestId = "nest";
    /// The recipe a server is made from.
    EggId = "egg";
    /// A variable of an egg.
    EggVariableId = "egg variable";
    /// A game server.
    ServerId = "server";
    /// A backup of a server.
    BackupId = "backup";
    /// Where and how backups are stored.
    BackupConfigurationId = "backup configuration";
    /// Backups of a server that are kept together.
    BackupGroupId = "backup group";
    /// What the panel has backups made by, by itself.
    SystemBackupPolicyId = "system backup policy";
    /// A schedule of a server.
    ScheduleId = "schedule";
    /// A step of a schedule.
    ScheduleStepId = "schedule step";
    /// One run of a schedule by the panel.
    ScheduleRunId = "schedule run";
    /// A folder of a node that servers may mount.
    MountId = "mount";
    /// A database server on which servers get databases.
    DatabaseHostId = "database host";
    /// Something that has to happen on a node.
    OperationId = "operation";
    /// A row of the work queue.
    JobId = "job";
    /// An entry of an activity log.
    ActivityId = "activity";
}

impl ServerId {
    /// The first 32 bits, which are the server's short id: shown as 8 hex digits, part of container and
    /// database names, and unique over all servers.
    #[must_use]
    pub fn short(self) -> ServerShortId {
        let [a, b, c, d, ..] = *self.0.as_bytes();
        ServerShortId(u32::from_be_bytes([a, b, c, d]))
    }
}

/// The first 32 bits of a [`ServerId`], written as 8 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerShortId(u32);

impl ServerShortId {
    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for ServerShortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl FromStr for ServerShortId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let err = ParseIdError {
            noun: "short server",
        };
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(err);
        }
        u32::from_str_radix(text, 16).map(Self).map_err(|_| err)
    }
}

/// How a request names a server in a path: by its UUID or its short id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerRef {
    /// The whole UUID.
    Id(ServerId),
    /// The 8 hex digits.
    Short(ServerShortId),
}

impl fmt::Display for ServerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => fmt::Display::fmt(id, f),
            Self::Short(short) => fmt::Display::fmt(short, f),
        }
    }
}

impl FromStr for ServerRef {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() == 8 {
            text.parse().map(Self::Short)
        } else {
            text.parse().map(Self::Id)
        }
    }
}

/// As text, in either form.
impl<'de> Deserialize<'de> for ServerRef {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let id = ServerId::new_v4();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.uuid().get_version_num(), 4);
        assert!(
            "12".parse::<UserId>()
                .unwrap_err()
                .to_string()
                .contains("user id")
        );
    }

    #[test]
    fn v7_sorts_by_time() {
        let at = |s| DateTime::from_timestamp(s, 0).unwrap();
        let early = ActivityId::new_v7(at(1_000));
        let late = ActivityId::new_v7(at(2_000));
        assert!(early < late);
        assert_eq!(late.uuid().get_version_num(), 7);
        assert_ne!(JobId::new_v7(at(-5)), JobId::new_v7(at(-5)));
    }

    #[test]
    fn short_id_is_the_first_eight_digits() {
        let id: ServerId = "f00dcafe-e89b-42d3-a456-426614174000".parse().unwrap();
        assert_eq!(id.short().to_string(), "f00dcafe");
        assert_eq!(id.short().get(), 0xf00d_cafe);
        assert_eq!("F00DCAFE".parse(), Ok(id.short()));
        assert_eq!("f00dcafe".parse(), Ok(ServerRef::Short(id.short())));
        assert_eq!(id.to_string().parse(), Ok(ServerRef::Id(id)));
        assert!("+00dcafe".parse::<ServerRef>().is_err());
    }
}
