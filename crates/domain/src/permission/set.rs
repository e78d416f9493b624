//! Sets of permissions, one bit each.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Permission, UnknownPermission};

/// A set of permissions of one catalogue. On the wire: a list of keys, in the catalogue's order.
pub struct PermissionSet<P> {
    bits: u128,
    catalogue: PhantomData<P>,
}

impl<P: Permission> PermissionSet<P> {
    /// No permission.
    pub const EMPTY: Self = Self::from_bits(0);

    /// Every permission of the catalogue.
    pub const ALL: Self = {
        assert!(P::ALL.len() < 128, "a set has 128 bits");
        Self::from_bits((1 << P::ALL.len()) - 1)
    };

    const fn from_bits(bits: u128) -> Self {
        Self {
            bits,
            catalogue: PhantomData,
        }
    }

    /// The permissions with these keys; a key may be given twice.
    ///
    /// # Errors
    /// At the first key that no permission has. For what a person sent.
    pub fn from_keys<K: AsRef<str>>(
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, UnknownPermission> {
        keys.into_iter()
            .map(|key| P::from_key(key.as_ref()))
            .collect()
    }

    /// The permissions with these keys, without the keys that no permission has (any more). For what was stored:
    /// a key that a later version dropped allows nothing.
    #[must_use]
    pub fn from_stored_keys<K: AsRef<str>>(keys: impl IntoIterator<Item = K>) -> Self {
        keys.into_iter()
            .filter_map(|key| P::from_key(key.as_ref()).ok())
            .collect()
    }

    /// The keys, in the catalogue's order.
    #[must_use]
    pub fn keys(self) -> Vec<&'static str> {
        self.iter().map(Permission::key).collect()
    }

    /// The permissions, in the catalogue's order.
    pub fn iter(self) -> impl Iterator<Item = P> {
        P::ALL.iter().copied().filter(move |p| self.contains(*p))
    }

    /// Whether `permission` is in the set.
    #[must_use]
    pub fn contains(self, permission: P) -> bool {
        self.bits & (1 << permission.index()) != 0
    }

    /// Whether every permission of this set is in `other`.
    #[must_use]
    pub const fn is_subset(self, other: Self) -> bool {
        self.bits & !other.bits == 0
    }

    /// The permissions of this set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self::from_bits(self.bits & !other.bits)
    }

    /// Whether the set has no permission.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// How many permissions the set has.
    #[must_use]
    pub const fn len(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// Adds a permission.
    pub fn insert(&mut self, permission: P) {
        self.bits |= 1 << permission.index();
    }

    /// Takes a permission away.
    pub fn remove(&mut self, permission: P) {
        self.bits &= !(1 << permission.index());
    }
}

impl<P: Permission> FromIterator<P> for PermissionSet<P> {
    fn from_iter<I: IntoIterator<Item = P>>(permissions: I) -> Self {
        let mut set = Self::EMPTY;
        for permission in permissions {
            set.insert(permission);
        }
        set
    }
}

impl<P: Permission> BitAnd for PermissionSet<P> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::from_bits(self.bits & other.bits)
    }
}

impl<P: Permission> BitOr for PermissionSet<P> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::from_bits(self.bits | other.bits)
    }
}

// Derived, these would ask the same of `P`, and `Default` and `Copy` would be lost.
impl<P> Clone for PermissionSet<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for PermissionSet<P> {}

impl<P> PartialEq for PermissionSet<P> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<P> Eq for PermissionSet<P> {}

impl<P: Permission> Default for PermissionSet<P> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<P: Permission> fmt::Debug for PermissionSet<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}

/// The keys, separated by commas.
impl<P: Permission> fmt::Display for PermissionSet<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.keys().join(", "))
    }
}

impl<P: Permission> Serialize for PermissionSet<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Permission::key))
    }
}

impl<'de, P: Permission> Deserialize<'de> for PermissionSet<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys<P>(PhantomData<P>);

        impl<'de, P: Permission> Visitor<'de> for Keys<P> {
            type Value = PermissionSet<P>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of {} permissions", P::CATALOGUE)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut set = PermissionSet::EMPTY;
                while let Some(key) = seq.next_element::<std::borrow::Cow<'de, str>>()? {
                    set.insert(P::from_key(&key).map_err(serde::de::Error::custom)?);
                }
                Ok(set)
            }
        }

        deserializer.deserialize_seq(Keys(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{AdminPermission, ServerPermission as S, UserPermission};

    #[test]
    fn sets_are_sets() {
        let some = PermissionSet::from_keys(["files.read", "control.start", "files.read"]).unwrap();
        assert_eq!(
            some.keys(),
            ["control.start", "files.read"],
            "in the catalogue's order, once"
        );
        assert_eq!(some.len(), 2);
        assert!(some.contains(S::FilesRead) && !some.contains(S::FilesDelete));
        assert!(some.is_subset(PermissionSet::ALL) && !PermissionSet::ALL.is_subset(some));
        let start: PermissionSet<S> = [S::ControlStart].into_iter().collect();
        assert_eq!(some & start, start);
        assert_eq!(some.without(start).keys(), ["files.read"]);
        assert_eq!(some | start, some);
        assert_eq!(PermissionSet::<AdminPermission>::ALL.len(), 107);
        assert_eq!(PermissionSet::<UserPermission>::ALL.iter().count(), 32);
        let mut none = start;
        none.remove(S::ControlStart);
        assert!(none.is_empty());
    }

    #[test]
    fn unknown_keys_are_refused_on_the_way_in_and_powerless_when_stored() {
        assert!(PermissionSet::<S>::from_keys(["control.start", "control.fly"]).is_err());
        let stored = PermissionSet::<S>::from_stored_keys(["control.start", "control.fly", "*"]);
        assert_eq!(stored.keys(), ["control.start"]);
    }

    #[test]
    fn on_the_wire_a_list_of_keys() {
        let set: PermissionSet<S> =
            serde_json::from_str(r#"["files.read","control.start"]"#).unwrap();
        assert_eq!(
            serde_json::to_string(&set).unwrap(),
            r#"["control.start","files.read"]"#
        );
        assert!(serde_json::from_str::<PermissionSet<S>>(r#"["*"]"#).is_err());
    }
}
