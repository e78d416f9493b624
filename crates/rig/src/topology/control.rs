//! A running topology is told what to do over a socket in its folder: a line of words in, a line of JSON out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::Outcome;
use crate::relay::Condition;

use super::Topology;

const SOCKET: &str = "control";

fn socket(folder: &Path) -> PathBuf {
    folder.join(SOCKET)
}

/// Answers until it is told `down`.
///
/// # Errors
/// The socket cannot be made in the topology's folder.
pub async fn serve(topology: &Topology) -> Outcome {
    let path = socket(topology.folder());
    if path.symlink_metadata().is_ok() {
        std::fs::remove_file(&path)?;
    }
    let listener = UnixListener::bind(&path)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let (read, mut write) = stream.into_split();
        let mut line = String::new();
        // Who leaves in the middle gets no answer.
        if BufReader::new(read).read_line(&mut line).await.is_err() {
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match obey(topology, &words).await {
            Ok(done) => json!({ "done": done }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        write.write_all(format!("{answer}\n").as_bytes()).await.ok();
        if words == ["down"] {
            std::fs::remove_file(&path)?;
            return Ok(());
        }
    }
}

/// Tells the topology in `folder` something and gives its answer.
///
/// # Errors
/// None runs there, or it could not do it.
pub async fn tell(folder: &Path, words: &[String]) -> Outcome<Value> {
    let mut stream = UnixStream::connect(socket(folder))
        .await
        .map_err(|_| format!("no topology runs in {}", folder.display()))?;
    stream
        .write_all(format!("{}\n", words.join(" ")).as_bytes())
        .await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    let mut answer: Value = serde_json::from_str(&line)?;
    match answer["error"].as_str() {
        Some(error) => Err(error.to_owned().into()),
        None => Ok(answer["done"].take()),
    }
}

async fn obey(topology: &Topology, words: &[&str]) -> Outcome<Value> {
    match *words {
        ["status"] => return Ok(serde_json::to_value(topology.status().await?)?),
        ["down"] => {}
        ["heal"] => topology.heal().await?,
        ["kill", name] => topology.kill(name).await?,
        ["terminate", name] => topology.terminate(name).await?,
        ["hang", name] => topology.hang(name).await?,
        ["resume", name] => topology.resume(name).await?,
        ["start", name] => topology.start_again(name).await?,
        ["relay", name, "open"] => topology.relay(name)?.set(Condition::Open),
        ["relay", name, "cut"] => topology.relay(name)?.set(Condition::Cut),
        ["relay", name, "black-hole"] => topology.relay(name)?.set(Condition::BlackHole),
        ["relay", name, "trickle"] => topology.relay(name)?.set(Condition::Trickle),
        ["relay", name, "delay", milliseconds] => {
            let delay = Duration::from_millis(milliseconds.parse()?);
            topology.relay(name)?.set_delay(delay);
        }
        _ => {
            return Err(
                "known are: status, down, heal, kill|terminate|hang|resume|start PROCESS, \
                 relay NAME open|cut|black-hole|trickle, relay NAME delay MILLISECONDS"
                    .into(),
            );
        }
    }
    Ok(Value::Null)
}
