//! Messages of `GET /api/servers/{server}/ws`: text frames `{"event": .., "args": [text, ..]}`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// One message. Structured payloads are JSON inside the texts of `args`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Name of the event.
    pub event: String,
    /// Its arguments. Always written (Calagopus ignores a message without them); absent, null and null entries are understood.
    #[serde(default, deserialize_with = "tolerant_args")]
    pub args: Vec<String>,
}

fn tolerant_args<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let args = Option::<Vec<Option<String>>>::deserialize(deserializer)?;
    Ok(args.unwrap_or_default().into_iter().flatten().collect())
}

impl Message {
    /// A message without arguments.
    #[must_use]
    pub fn bare(event: impl fmt::Display) -> Self {
        Self {
            event: event.to_string(),
            args: Vec::new(),
        }
    }

    /// A message with one argument.
    #[must_use]
    pub fn with(event: impl fmt::Display, arg: impl Into<String>) -> Self {
        Self {
            event: event.to_string(),
            args: vec![arg.into()],
        }
    }
}

macro_rules! events {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $wire:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every event of this side.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The event's name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }

            /// The event of that name; events this client does not know give nothing and are to be skipped.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name { $($wire => Some(Self::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

events! {
    /// What a client may send.
    ClientEvent {
        /// `[token]`; also to renew a token on an open socket.
        Auth = "auth",
        /// `[start|stop|restart|kill]`
        SetState = "set state",
        /// `[line]`
        SendCommand = "send command",
        /// Asks for the last lines of the console, each as its own `console output`.
        SendLogs = "send logs",
        /// Asks for one `stats`.
        SendStats = "send stats",
        /// Asks for one `status` (Calagopus 1).
        SendStatus = "send status",
        /// Answered `pong` (Calagopus).
        Ping = "ping",
    }
}

events! {
    /// What a daemon sends.
    ServerEvent {
        /// The token was accepted; Calagopus lists the permissions it understood.
        AuthSuccess = "auth success",
        /// The token ends in 60 seconds or less.
        TokenExpiring = "token expiring",
        /// The token has ended.
        TokenExpired = "token expired",
        /// `[text]`: the token was refused.
        JwtError = "jwt error",
        /// `[text]`
        DaemonError = "daemon error",
        /// `[text]`
        DaemonMessage = "daemon message",
        /// `[state]`
        Status = "status",
        /// `[utilization as JSON]`
        Stats = "stats",
        /// `[line]`
        ConsoleOutput = "console output",
        /// The install script starts.
        InstallStarted = "install started",
        /// `[line]`, only with `admin.websocket.install`.
        InstallOutput = "install output",
        /// `[true|false]` on Calagopus, `[""]` on the Go daemons.
        InstallCompleted = "install completed",
        /// `[layer, JSON]` (Calagopus)
        ImagePullProgress = "image pull progress",
        /// `[layer]` (Calagopus)
        ImagePullCompleted = "image pull completed",
        /// `[backup]` (Calagopus)
        BackupStarted = "backup started",
        /// `[backup, JSON]` (Calagopus)
        BackupProgress = "backup progress",
        /// `[JSON]` on the Go daemons, `[backup, JSON]` on Calagopus.
        BackupCompleted = "backup completed",
        /// A restore starts (Calagopus).
        BackupRestoreStarted = "backup restore started",
        /// `[JSON]` (Calagopus)
        BackupRestoreProgress = "backup restore progress",
        /// Carries no result worth trusting.
        BackupRestoreCompleted = "backup restore completed",
        /// `[line]`
        TransferLogs = "transfer logs",
        /// `[state]`
        TransferStatus = "transfer status",
        /// `[schedule]` (Calagopus)
        ScheduleStarted = "schedule started",
        /// `[schedule]` (Calagopus)
        ScheduleCompleted = "schedule completed",
        /// `[operation, JSON]` (Calagopus)
        OperationProgress = "operation progress",
        /// `[operation]` (Calagopus)
        OperationCompleted = "operation completed",
        /// `[operation, text]` (Calagopus)
        OperationError = "operation error",
        /// `[event]`: too many messages (Pelican).
        Throttled = "throttled",
        /// The server is gone; the socket closes.
        Deleted = "deleted",
        /// Answer to `ping` with its arguments.
        Pong = "pong",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn args_may_be_absent_null_or_hold_nulls() {
        for text in [
            r#"{"event":"status"}"#,
            r#"{"event":"status","args":null}"#,
            r#"{"event":"status","args":[null]}"#,
        ] {
            let message: Message = serde_json::from_str(text).unwrap();
            assert!(message.args.is_empty(), "{text}");
        }
        assert_eq!(
            serde_json::to_string(&Message::bare(ClientEvent::SendLogs)).unwrap(),
            r#"{"event":"send logs","args":[]}"#
        );
    }

    #[test]
    fn every_event_has_its_own_name() {
        for event in ServerEvent::ALL {
            assert_eq!(ServerEvent::parse(event.as_str()), Some(*event));
        }
        assert_eq!(ClientEvent::parse("file collab update"), None);
    }
}
