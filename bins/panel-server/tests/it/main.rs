//! The program as an operator runs it: a process with an environment.

mod commands;
mod process;
mod serve;
