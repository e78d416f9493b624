//! The permissions that exist, and sets of them.
//!
//! A permission is written `group.name`. Three catalogues: what an API key may do with its user's own account
//! ([`UserPermission`]), what an administrator may do ([`AdminPermission`]), and what somebody may do on a game server
//! ([`ServerPermission`]). Keys, groups and their order are those of the public contract, so that keys stored by
//! its clients keep their meaning.

mod admin;
mod server;
mod set;
mod user;

use std::fmt;

pub use admin::AdminPermission;
pub use server::ServerPermission;
pub use set::PermissionSet;
pub use user::UserPermission;

/// A group of a catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group<P: 'static> {
    /// What stands before the dot of its permissions' keys.
    pub key: &'static str,
    /// What its permissions are about, one line.
    pub description: &'static str,
    /// Its permissions, in the catalogue's order.
    pub permissions: &'static [P],
}

/// One of the three catalogues.
pub trait Permission: Copy + Eq + Ord + fmt::Debug + fmt::Display + 'static {
    /// What the catalogue is called in messages (`server`).
    const CATALOGUE: &'static str;
    /// Every permission, in order; a permission's place here is [`Permission::index`].
    const ALL: &'static [Self];
    /// The same permissions by group.
    const GROUPS: &'static [Group<Self>];

    /// Place in [`Permission::ALL`]. It changes when the catalogue grows, so it is never stored.
    fn index(self) -> usize;

    /// The whole key, `group.name`: what is stored and sent.
    fn key(self) -> &'static str;

    /// What it allows, one line.
    fn description(self) -> &'static str;

    /// The key behind the dot.
    fn name(self) -> &'static str {
        self.key()
            .split_once('.')
            .map_or(self.key(), |(_, name)| name)
    }

    /// The permission with this key; exactly as written, case included.
    ///
    /// # Errors
    /// When there is none.
    fn from_key(key: &str) -> Result<Self, UnknownPermission> {
        Self::ALL
            .iter()
            .copied()
            .find(|p| p.key() == key)
            .ok_or_else(|| UnknownPermission {
                catalogue: Self::CATALOGUE,
                key: key.to_owned(),
            })
    }
}

/// A key that no permission of the catalogue has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {catalogue} permission {key:?}; GET /api/client/permissions lists them")]
pub struct UnknownPermission {
    catalogue: &'static str,
    key: String,
}

/// Defines a catalogue: an enum whose variants have a group, a name and a description.
macro_rules! catalogue {
    (
        $(#[$doc:meta])*
        $type:ident $catalogue:literal;
        $($group:literal $group_doc:literal {
            $($variant:ident $name:literal $description:literal,)+
        })+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(
                #[doc = concat!("`", $group, ".", $name, "`: ", $description)]
                $variant,
            )+)+
        }

        impl crate::permission::Permission for $type {
            const CATALOGUE: &'static str = $catalogue;
            const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];
            const GROUPS: &'static [crate::permission::Group<Self>] = &[$(
                crate::permission::Group {
                    key: $group,
                    description: $group_doc,
                    permissions: &[$(Self::$variant,)+],
                },
            )+];

            fn index(self) -> usize {
                self as usize
            }

            fn key(self) -> &'static str {
                match self {
                    $($(Self::$variant => concat!($group, ".", $name),)+)+
                }
            }

            fn description(self) -> &'static str {
                match self {
                    $($(Self::$variant => $description,)+)+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(crate::permission::Permission::key(*self))
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::permission::UnknownPermission;

            fn from_str(key: &str) -> Result<Self, Self::Err> {
                crate::permission::Permission::from_key(key)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(crate::permission::Permission::key(*self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let key = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                crate::permission::Permission::from_key(&key).map_err(serde::de::Error::custom)
            }
        }
    };
}
use catalogue;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn sound<P: Permission>(count: usize, groups: usize) {
        assert_eq!(P::ALL.len(), count);
        assert_eq!(P::GROUPS.len(), groups);
        let keys: BTreeSet<_> = P::ALL.iter().map(|p| p.key()).collect();
        assert_eq!(keys.len(), count, "keys are unique");
        let grouped: Vec<_> = P::GROUPS
            .iter()
            .flat_map(|g| g.permissions)
            .copied()
            .collect();
        assert_eq!(grouped, P::ALL, "groups are in the order of the catalogue");
        for (i, p) in P::ALL.iter().copied().enumerate() {
            assert_eq!(p.index(), i);
            assert_eq!(P::from_key(p.key()), Ok(p));
            assert!(p.key().len() <= 64 && !p.description().is_empty());
            assert!(
                p.key()
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'.')),
                "{p} is lower case with hyphens"
            );
        }
        for group in P::GROUPS {
            for p in group.permissions {
                assert_eq!(p.key(), format!("{}.{}", group.key, p.name()));
            }
        }
    }

    #[test]
    fn the_catalogues_have_the_contracts_sizes() {
        sound::<UserPermission>(32, 9);
        sound::<AdminPermission>(107, 23);
        sound::<ServerPermission>(78, 13);
    }

    #[test]
    fn keys_are_exact() {
        for wrong in [
            "control.Start",
            "control.start ",
            "control",
            "*",
            "",
            "control.*",
            "cоntrol.start",
        ] {
            let e = wrong.parse::<ServerPermission>().unwrap_err();
            assert!(e.to_string().contains("no server permission"), "{e}");
        }
        assert_eq!("control.start".parse(), Ok(ServerPermission::ControlStart));
    }
}
