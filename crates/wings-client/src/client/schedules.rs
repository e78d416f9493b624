//! Schedules that the node runs itself.

use panel_domain::id::{ScheduleId, ServerId};
use reqwest::{Method, RequestBuilder};

use super::{Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::wire::schedules::{ScheduleStatus, ScheduleStatusAnswer, TriggerSchedule};

impl NodeClient {
    fn schedule_request(
        &self,
        method: Method,
        server: ServerId,
        schedule: ScheduleId,
        rest: &[&str],
    ) -> RequestBuilder {
        let schedule = schedule.to_string();
        let mut path = vec!["schedules", schedule.as_str()];
        path.extend_from_slice(rest);
        self.server_request(method, server, &path)
    }

    /// How a schedule stands. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on the Go daemons; [`Error::Refused`] with 404 when the node was not told of it; and as for every call.
    pub async fn schedule(
        &self,
        server: ServerId,
        schedule: ScheduleId,
    ) -> Result<ScheduleStatus, Error> {
        self.require(Capability::Schedules).await?;
        let answer: ScheduleStatusAnswer = self
            .fetch(
                Call::read("get schedule"),
                self.schedule_request(Method::GET, server, schedule, &[]),
            )
            .await?;
        Ok(answer.status)
    }

    /// Runs a schedule now. **At most once.**
    ///
    /// # Errors
    /// As for [`Self::schedule`].
    pub async fn trigger_schedule(
        &self,
        server: ServerId,
        schedule: ScheduleId,
        skip_condition: bool,
    ) -> Result<(), Error> {
        self.require(Capability::Schedules).await?;
        self.act_json(
            Call::with("trigger schedule", Effect::AtMostOnce),
            self.schedule_request(Method::POST, server, schedule, &["trigger"]),
            &TriggerSchedule { skip_condition },
        )
        .await
    }

    /// Ends a run of a schedule. Repeatable.
    ///
    /// # Errors
    /// As for [`Self::schedule`].
    pub async fn abort_schedule(
        &self,
        server: ServerId,
        schedule: ScheduleId,
    ) -> Result<(), Error> {
        self.require(Capability::Schedules).await?;
        self.act(
            Call::with("abort schedule", Effect::Repeatable),
            self.schedule_request(Method::POST, server, schedule, &["abort"]),
        )
        .await
    }
}
