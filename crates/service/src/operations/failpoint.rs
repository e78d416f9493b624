//! Places at which a test may stop a process for good, and rules that it may switch off to see that it would notice. Release builds
//! have neither.

use std::str::FromStr;

/// A rule of the panel that a test can switch off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// A change is committed before it is acknowledged.
    CommitFirst,
    /// Nobody is shown less than he has written.
    OwnWrites,
    /// Power and commands are sent to a node once at most.
    AtMostOnce,
    /// A credential that was taken back is not honoured.
    Revocations,
}

impl FromStr for Rule {
    type Err = ();

    /// By the name of what happens without it.
    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "lost-write" => Ok(Self::CommitFirst),
            "stale-read" => Ok(Self::OwnWrites),
            "double-effect" => Ok(Self::AtMostOnce),
            "late-revocation" => Ok(Self::Revocations),
            _ => Err(()),
        }
    }
}

/// The place at which this process stops, and the rule that it does not follow, if any.
#[derive(Debug, Clone, Default)]
pub struct Failpoints {
    #[cfg(debug_assertions)]
    stop_at: Option<String>,
    #[cfg(debug_assertions)]
    switched_off: Option<Rule>,
}

impl Failpoints {
    /// Stops at `place`, such as `install.called`, and does not follow the rule without which `sabotage` happens, such as `lost-write`.
    /// A release build ignores both.
    #[must_use]
    pub fn new(place: Option<String>, sabotage: Option<&str>) -> Self {
        #[cfg(debug_assertions)]
        return Self {
            stop_at: place,
            switched_off: sabotage.and_then(|name| {
                tracing::warn!(sabotage = name, "A rule is switched off");
                name.parse().ok()
            }),
        };
        #[cfg(not(debug_assertions))]
        {
            drop((place, sabotage));
            Self {}
        }
    }

    /// Whether this process does without the rule.
    #[cfg_attr(
        not(debug_assertions),
        expect(
            unused_variables,
            clippy::unused_self,
            reason = "release builds follow every rule"
        )
    )]
    pub(crate) fn without(&self, rule: Rule) -> bool {
        #[cfg(debug_assertions)]
        return self.switched_off == Some(rule);
        #[cfg(not(debug_assertions))]
        false
    }

    /// Says in the log that `place` was reached and never returns, if this is where the process is to stop: whoever asked for
    /// that kills it now.
    #[cfg_attr(
        not(debug_assertions),
        expect(
            unused_variables,
            clippy::unused_async,
            reason = "release builds have no failpoints"
        )
    )]
    pub(crate) async fn reach(&self, place: &str) {
        #[cfg(debug_assertions)]
        if self.stop_at.as_deref() == Some(place) {
            tracing::warn!(failpoint = place, "Stopped at a failpoint");
            std::future::pending::<()>().await;
        }
    }
}
