//! The commands that run panels, a file each.

pub(crate) mod chaos;
pub(crate) mod consistency;
pub(crate) mod proxy;
pub(crate) mod topology;
pub(crate) mod walk;
