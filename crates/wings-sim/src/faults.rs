//! Ways to fail a request on purpose.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// No answer ever; nothing is done.
    Timeout,
    /// This status and an error; nothing is done.
    Status(u16),
    /// The connection is closed without an answer; nothing is done.
    DropConnection,
    /// So many milliseconds pass first; then all goes on as usual.
    Delay(u64),
    /// It is done, but there is no answer ever.
    AfterEffectTimeout,
    /// It is done, but answered with this status and an error.
    AfterEffectStatus(u16),
    /// It is done, but the connection is closed without an answer.
    AfterEffectDrop,
}

/// A fault and the request it is meant for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFault {
    /// What happens.
    pub fault: Fault,
    /// Only to a request of this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only to a request whose path contains this.
    #[serde(default)]
    pub path: Option<String>,
}

impl PlannedFault {
    fn meets(&self, method: &str, path: &str) -> bool {
        self.method
            .as_deref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|part| path.contains(part))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<VecDeque<PlannedFault>>);

impl Faults {
    pub(crate) fn plan(&self, fault: PlannedFault) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(fault);
    }

    /// Forgets those that no request has met.
    pub(crate) fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// The first planned fault that is meant for this request; it is used up.
    pub(crate) fn take(&self, method: &str, path: &str) -> Option<Fault> {
        let mut planned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let position = planned.iter().position(|fault| fault.meets(method, path))?;
        planned.remove(position).map(|fault| fault.fault)
    }
}

/// A fault cut into what comes before and after the effect.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Course {
    pub(crate) delay: Option<Duration>,
    pub(crate) before: Option<End>,
    pub(crate) after: Option<End>,
}

/// How a request ends that is made to fail.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    Silence,
    Status(u16),
    Drop,
}

impl From<Fault> for Course {
    fn from(fault: Fault) -> Self {
        let none = Self::default();
        match fault {
            Fault::Timeout => Self {
                before: Some(End::Silence),
                ..none
            },
            Fault::Status(status) => Self {
                before: Some(End::Status(status)),
                ..none
            },
            Fault::DropConnection => Self {
                before: Some(End::Drop),
                ..none
            },
            Fault::Delay(milliseconds) => Self {
                delay: Some(Duration::from_millis(milliseconds)),
                ..none
            },
            Fault::AfterEffectTimeout => Self {
                after: Some(End::Silence),
                ..none
            },
            Fault::AfterEffectStatus(status) => Self {
                after: Some(End::Status(status)),
                ..none
            },
            Fault::AfterEffectDrop => Self {
                after: Some(End::Drop),
                ..none
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_waits_for_its_request_and_is_used_once() {
        let faults = Faults::default();
        faults.plan(PlannedFault {
            fault: Fault::Status(500),
            method: Some("post".into()),
            path: Some("/power".into()),
        });
        assert_eq!(faults.take("GET", "/api/servers/x/power"), None);
        assert_eq!(faults.take("POST", "/api/servers"), None);
        assert_eq!(
            faults.take("POST", "/api/servers/x/power"),
            Some(Fault::Status(500))
        );
        assert_eq!(faults.take("POST", "/api/servers/x/power"), None);
    }

    #[test]
    fn forgotten_faults_meet_nothing() {
        let faults = Faults::default();
        faults.plan(PlannedFault {
            fault: Fault::Timeout,
            method: None,
            path: None,
        });
        faults.forget();
        assert_eq!(faults.take("GET", "/api/system"), None);
    }
}
