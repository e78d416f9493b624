//! `panel-server user`.

use std::io::{self, IsTerminal as _};

use clap::Args;
use panel_bootstrap::config::ConfigArgs;
use panel_bootstrap::operator::{self, NewUser};

use super::begin;
use crate::output::{self, Failed, Outcome};

/// What to do with accounts.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make an account; its password is read from standard input
    Create(Create),
}

/// A new account.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The name to sign in with
    #[arg(long)]
    username: String,
    /// The e-mail address
    #[arg(long)]
    email: String,
    /// The first name
    #[arg(long, default_value = "Panel")]
    name_first: String,
    /// The last name
    #[arg(long, default_value = "User")]
    name_last: String,
    /// Allow everything
    #[arg(long)]
    admin: bool,
    /// Make an account that cannot sign in with a password
    #[arg(long)]
    no_password: bool,
}

/// Does it.
pub(crate) fn run(config: &ConfigArgs, command: Command) -> Outcome {
    let Command::Create(create) = command;
    let (config, runtime) = begin(config)?;
    let password = if create.no_password {
        None
    } else {
        Some(read_password()?)
    };
    let user = NewUser {
        username: create.username,
        email: create.email,
        name_first: create.name_first,
        name_last: create.name_last,
        admin: create.admin,
        password: password.map(Into::into),
    };
    let id = runtime.block_on(operator::create_user(&config, user))?;
    output::line(&format!("Made the account {id}"))?;
    Ok(())
}

/// One line of standard input: other users of the machine could read a flag.
fn read_password() -> Result<String, Failed> {
    if io::stdin().is_terminal() {
        output::line("Password (shown as you type; or pipe it in):")?;
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(
            "there is no password on standard input; pipe one in, or give --no-password".into(),
        );
    }
    Ok(password.to_owned())
}
