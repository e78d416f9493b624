//! A console, as a page opens it.

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::Outcome;

/// An open console.
#[derive(Debug)]
pub(super) struct Console {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What a daemon says over it.
#[derive(Debug, PartialEq, Eq)]
struct Event {
    name: String,
    argument: String,
}

impl Console {
    /// Connects from a page of the panel at `origin` and shows the token.
    pub(super) async fn open(url: &str, token: &str, origin: &str) -> Outcome<Self> {
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("origin", origin.parse()?);
        let (socket, _) = connect_async(request).await?;
        let mut console = Self { socket };
        console.say("auth", &[token]).await?;
        console.hear(|event| event.name == "auth success").await?;
        Ok(console)
    }

    /// Has the server say `word` and waits until it did.
    pub(super) async fn talk(&mut self, word: &str) -> Outcome {
        let command = format!("say {word}");
        self.say("send command", &[&command]).await?;
        self.hear(|event| {
            event.name == "console output" && is_answer(&event.argument, &command, word)
        })
        .await
    }

    async fn say(&mut self, event: &str, arguments: &[&str]) -> Outcome {
        let message = json!({ "event": event, "args": arguments });
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    async fn hear(&mut self, wanted: impl Fn(&Event) -> bool) -> Outcome {
        while let Some(message) = self.socket.next().await {
            let Message::Text(text) = message? else {
                continue;
            };
            let event = read(&text)?;
            if wanted(&event) {
                return Ok(());
            }
            if matches!(event.name.as_str(), "jwt error" | "daemon error") {
                return Err(format!("the console says: {}", event.argument).into());
            }
        }
        Err("the console was closed".into())
    }
}

fn read(text: &str) -> Outcome<Event> {
    let event: Value = serde_json::from_str(text)?;
    let name = event["event"].as_str().ok_or("an event without a name")?;
    Ok(Event {
        name: name.to_owned(),
        argument: event["args"][0].as_str().unwrap_or_default().to_owned(),
    })
}

/// A terminal shows what was typed too: that is no answer.
fn is_answer(line: &str, command: &str, word: &str) -> bool {
    line.contains(word) && !line.contains(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_no_answer() {
        assert!(!is_answer("> say hello", "say hello", "hello"));
        assert!(!is_answer("nothing", "say hello", "hello"));
        assert!(is_answer("[walk] hello\r", "say hello", "hello"));
    }

    #[test]
    fn events_are_read_with_and_without_arguments() {
        let event = |name: &str, argument: &str| Event {
            name: name.into(),
            argument: argument.into(),
        };
        assert_eq!(
            read(r#"{"event":"console output","args":["a","b"]}"#).unwrap(),
            event("console output", "a")
        );
        assert_eq!(
            read(r#"{"event":"auth success"}"#).unwrap(),
            event("auth success", "")
        );
        assert!(read("[]").is_err());
    }
}
