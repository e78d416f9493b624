//! Whether a server runs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::permission::ServerPermission;

/// Whether a server runs, as its daemon says it (`offline`, `starting`, `running`, `stopping` on every flavour).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerState {
    /// Not running.
    Offline,
    /// The process runs, the game is not ready.
    Starting,
    /// Ready.
    Running,
    /// Asked to stop.
    Stopping,
}

impl PowerState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Offline, Self::Starting, Self::Running, Self::Stopping];

    /// Its name as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
        }
    }
}

/// What can be asked of a server's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerAction {
    /// Start it.
    Start,
    /// Let it stop by itself.
    Stop,
    /// Stop, then start.
    Restart,
    /// End it at once.
    Kill,
}

impl PowerAction {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Start, Self::Stop, Self::Restart, Self::Kill];

    /// Its name as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Kill => "kill",
        }
    }

    /// What somebody needs for it.
    #[must_use]
    pub const fn permission(self) -> ServerPermission {
        match self {
            Self::Start => ServerPermission::ControlStart,
            Self::Stop | Self::Kill => ServerPermission::ControlStop,
            Self::Restart => ServerPermission::ControlRestart,
        }
    }

    /// Whether it does something in that state. For what is offered to people: the daemon decides by the state it
    /// has at that moment, which the panel only knows with a delay.
    #[must_use]
    pub const fn makes_sense_in(self, state: PowerState) -> bool {
        match self {
            Self::Start => matches!(state, PowerState::Offline),
            Self::Stop => matches!(state, PowerState::Starting | PowerState::Running),
            Self::Restart => !matches!(state, PowerState::Stopping),
            Self::Kill => !matches!(state, PowerState::Offline),
        }
    }
}

/// A text that names no power state or action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {0}")]
pub struct UnknownPower(&'static str);

impl FromStr for PowerState {
    type Err = UnknownPower;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or(UnknownPower("offline, starting, running, stopping"))
    }
}

impl FromStr for PowerAction {
    type Err = UnknownPower;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|action| action.as_str() == text);
        found.ok_or(UnknownPower("start, stop, restart, kill"))
    }
}

impl fmt::Display for PowerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for PowerAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_sense_when() {
        let table: Vec<String> = PowerState::ALL
            .into_iter()
            .map(|state| {
                let actions = PowerAction::ALL
                    .into_iter()
                    .filter(|action| action.makes_sense_in(state));
                let actions: Vec<_> = actions.map(PowerAction::as_str).collect();
                format!("{state}: {}", actions.join(" "))
            })
            .collect();
        assert_eq!(
            table,
            [
                "offline: start restart",
                "starting: stop restart kill",
                "running: stop restart kill",
                "stopping: kill"
            ]
        );
    }

    #[test]
    fn names() {
        for state in PowerState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for action in PowerAction::ALL {
            assert_eq!(action.as_str().parse(), Ok(action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
        assert_eq!(
            "reboot".parse::<PowerAction>().unwrap_err().to_string(),
            "must be one of start, stop, restart, kill"
        );
        assert_eq!(
            PowerAction::Kill.permission(),
            ServerPermission::ControlStop
        );
    }
}
