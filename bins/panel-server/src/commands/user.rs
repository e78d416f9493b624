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
    /// Give an account another password, which is read from standard input, and end its sessions
    Password(Login),
    /// Turn the second factor of an account off whose owner has lost it
    DisableTwoFactor(Login),
}

/// Which account.
#[derive(Debug, Args)]
pub(crate) struct Login {
    /// The username or e-mail address
    #[arg(long)]
    user: String,
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
    match command {
        Command::Create(user) => create(config, user),
        Command::Password(login) => {
            let (config, runtime) = begin(config)?;
            let password = read_password("pipe one in")?;
            runtime.block_on(operator::set_password(
                &config,
                &login.user,
                password.into(),
            ))?;
            output::line("The password is changed; all sessions of the account have ended")?;
            Ok(())
        }
        Command::DisableTwoFactor(login) => {
            let (config, runtime) = begin(config)?;
            runtime.block_on(operator::disable_two_factor(&config, &login.user))?;
            output::line("The second factor is off")?;
            Ok(())
        }
    }
}

fn create(config: &ConfigArgs, create: Create) -> Outcome {
    let (config, runtime) = begin(config)?;
    let password = if create.no_password {
        None
    } else {
        Some(read_password("pipe one in, or give --no-password")?)
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
fn read_password(hint: &str) -> Result<String, Failed> {
    if io::stdin().is_terminal() {
        output::line("Password (shown as you type; or pipe it in):")?;
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(format!("there is no password on standard input; {hint}").into());
    }
    Ok(password.to_owned())
}
