//! Allocations: addresses and ports of nodes.

mod create;
mod delete;
mod read;
mod update;

pub use create::{NewAllocations, create};
pub use delete::{Deleted, delete};
pub use panel_storage::allocations::{Allocation, AllocationFilter, Selection};
pub use read::{NodeAllocation, ips, list};
pub use update::{AllocationsUpdate, Updated, update};
