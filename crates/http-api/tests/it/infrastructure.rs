//! What administrators do with locations, nodes and their addresses, nests and eggs.

mod allocations;
mod egg_files;
mod egg_inheritance;
mod eggs;
mod first_run;
mod locations;
mod nodes;
mod variables;
