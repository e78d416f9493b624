//! What the processes of a region tell each other through Redis. It is the quick path only: everything said here arrives
//! by the invalidation log or the reader's own token as well.

use std::time::Duration;

use futures_util::StreamExt;
use redis::RedisResult;
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use crate::change::Change;
use crate::link::Link;
use crate::mark::Mark;

/// The time a subscription may take to be made or to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a silent subscription is asked whether it lives.
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// A message between processes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wire {
    Dropped {
        keys: Vec<String>,
        at: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<Uuid>,
    },
    Wrote {
        principal: String,
        at: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer_to: Option<(String, u64)>,
    },
    Heard {
        number: u64,
    },
    Echo {
        moment: u64,
    },
}

/// A message between processes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// This made these keys invalid.
    Dropped { keys: Vec<String>, change: Change },
    /// This principal's writes reach up to this position.
    Wrote {
        principal: String,
        at: Mark,
        /// The channel and the number by which the writer wants to be told that this was heard.
        answer_to: Option<(String, u64)>,
    },
    /// Somebody has heard what was sent under this number.
    Heard { number: u64 },
    /// A process says to itself when it said this: what was said before it has been heard then.
    Echo { moment: u64 },
}

impl Message {
    pub(crate) fn encode(self) -> Option<String> {
        let wire = match self {
            Self::Dropped { keys, change } => Wire::Dropped {
                keys,
                at: change.at.encode(),
                change: change.id,
            },
            Self::Wrote {
                principal,
                at,
                answer_to,
            } => Wire::Wrote {
                principal,
                at: at.encode(),
                answer_to,
            },
            Self::Heard { number } => Wire::Heard { number },
            Self::Echo { moment } => Wire::Echo { moment },
        };
        serde_json::to_string(&wire).ok()
    }

    /// `None` for what another version may have said.
    pub(crate) fn decode(text: &[u8]) -> Option<Self> {
        Some(match serde_json::from_slice(text).ok()? {
            Wire::Dropped { keys, at, change } => Self::Dropped {
                keys,
                change: Change {
                    at: Mark::decode(&at)?,
                    id: change,
                },
            },
            Wire::Wrote {
                principal,
                at,
                answer_to,
            } => Self::Wrote {
                principal,
                at: Mark::decode(&at)?,
                answer_to,
            },
            Wire::Heard { number } => Self::Heard { number },
            Wire::Echo { moment } => Self::Echo { moment },
        })
    }
}

/// Listens until the subscription breaks. `on_subscribed` is called when it stands, before the first message.
pub(crate) async fn listen(
    link: &Link,
    channels: &[String],
    on_subscribed: impl FnOnce(),
    on_message: impl Fn(Message),
) -> RedisResult<()> {
    let mut used = link.servers();
    let subscribe = async {
        let server = link.find_server().await?;
        let mut subscription = server.client.get_async_pubsub().await?;
        subscription.subscribe(channels).await?;
        Ok::<_, redis::RedisError>((subscription, server.name))
    };
    let (subscription, server) = timeout(PATIENCE, subscribe).await.map_err(no_answer)??;
    on_subscribed();
    // The others publish where they store.
    let moved = async {
        loop {
            // It fails when the link is gone, and this with it.
            if used.changed().await.is_err() {
                return;
            }
            if used.borrow_and_update().as_ref() != Some(&server) {
                return;
            }
        }
    };
    let mut moved = std::pin::pin!(moved);

    let (mut sink, mut messages) = subscription.split();
    let mut check = interval(CHECK_EVERY);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            message = messages.next() => match message {
                Some(message) => match Message::decode(message.get_payload_bytes()) {
                    Some(message) => on_message(message),
                    None => tracing::debug!("a message of another version was ignored"),
                },
                None => return Ok(()),
            },
            () = &mut moved => return Ok(()),
            _ = check.tick() => {
                timeout(PATIENCE, sink.ping::<redis::Value>()).await.map_err(no_answer)??;
            }
        }
    }
}

fn no_answer(_: tokio::time::error::Elapsed) -> redis::RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_the_wire() {
        let at = Mark::new(3, 77);
        let dropped = || Message::Dropped {
            keys: vec!["server:1".to_owned()],
            change: Change {
                at,
                id: Some(Uuid::nil()),
            },
        };
        let unnamed = || Message::Dropped {
            keys: Vec::new(),
            change: at.into(),
        };
        let wrote = || Message::Wrote {
            principal: "user:1".to_owned(),
            at,
            answer_to: None,
        };
        let asked = || Message::Wrote {
            principal: "user:1".to_owned(),
            at,
            answer_to: Some(("here".to_owned(), 7)),
        };
        let heard = || Message::Heard { number: 7 };
        let echo = || Message::Echo { moment: 7 };
        for make in [
            &dropped as &dyn Fn() -> Message,
            &unnamed,
            &wrote,
            &asked,
            &heard,
            &echo,
        ] {
            let text = make().encode().unwrap();
            assert_eq!(Message::decode(text.as_bytes()), Some(make()));
        }
        assert_eq!(Message::decode(b"{\"renamed\":{}}"), None);
        assert_eq!(
            Message::decode(b"{\"dropped\":{\"keys\":[],\"at\":\"\"}}"),
            None
        );
    }
}
