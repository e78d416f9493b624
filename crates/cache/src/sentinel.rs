//! Which server the Sentinels hold for the master.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{
    Client, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisConnectionInfo, RedisError,
    RedisResult,
};
use tokio::time::timeout;

/// The time a Sentinel may take to answer. One that hangs holds up the question for so long.
const PATIENCE: Duration = Duration::from_millis(300);

/// The server to use.
pub(crate) struct Server {
    pub(crate) client: Client,
    /// Tells it from others.
    pub(crate) name: String,
    /// Counts the fail-overs that the Sentinels agreed on; 0 without Sentinels.
    pub(crate) epoch: u64,
}

/// The Sentinels of a master.
pub(crate) struct Sentinels {
    sentinels: Vec<Sentinel>,
    master: String,
    servers: RedisConnectionInfo,
}

struct Sentinel {
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
}

/// What a Sentinel says about the master.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    host: String,
    port: u16,
    epoch: u64,
}

impl Sentinels {
    /// `servers` is how to sign in to the servers that the Sentinels name.
    pub(crate) fn new(
        urls: &[String],
        master: &str,
        servers: RedisConnectionInfo,
    ) -> RedisResult<Self> {
        let sentinels = urls
            .iter()
            .map(|url| {
                Ok(Sentinel {
                    client: Client::open(url.as_str())?,
                    connection: Mutex::default(),
                })
            })
            .collect::<RedisResult<_>>()?;
        Ok(Self {
            sentinels,
            master: master.to_owned(),
            servers,
        })
    }

    /// The master. All Sentinels are asked: one that was cut off may still name a server that was replaced, and the
    /// higher epoch is the later agreement.
    pub(crate) async fn master(&self) -> RedisResult<Server> {
        let answers = self.sentinels.iter().map(|sentinel| async move {
            match timeout(PATIENCE, sentinel.ask(&self.master)).await {
                Ok(answer) => answer,
                Err(_) => {
                    sentinel.forget();
                    Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into())
                }
            }
        });
        let said = latest(join_all(answers).await)?;
        let name = format!("{}:{}", said.host, said.port);
        let server = ConnectionAddr::Tcp(said.host, said.port)
            .into_connection_info()?
            .set_redis_settings(self.servers.clone());
        Ok(Server {
            client: Client::open(server)?,
            name,
            epoch: said.epoch,
        })
    }
}

impl Sentinel {
    async fn ask(&self, master: &str) -> RedisResult<Said> {
        let known = self.connection().clone();
        let mut connection = match known {
            Some(connection) => connection,
            None => {
                let connection = self.client.get_multiplexed_async_connection().await?;
                *self.connection() = Some(connection.clone());
                connection
            }
        };
        let said = redis::cmd("SENTINEL")
            .arg("MASTER")
            .arg(master)
            .query_async::<HashMap<String, String>>(&mut connection)
            .await;
        if said.is_err() {
            self.forget();
        }
        Said::read(&said?)
    }

    fn forget(&self) {
        *self.connection() = None;
    }

    fn connection(&self) -> MutexGuard<'_, Option<MultiplexedConnection>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Said {
    fn read(fields: &HashMap<String, String>) -> RedisResult<Self> {
        let said = || {
            Some(Self {
                host: fields.get("ip")?.clone(),
                port: fields.get("port")?.parse().ok()?,
                epoch: fields.get("config-epoch")?.parse().ok()?,
            })
        };
        said().ok_or_else(|| {
            RedisError::from((
                ErrorKind::UnexpectedReturnType,
                "a Sentinel does not say where the master is",
            ))
        })
    }
}

/// The latest of what was said; an error when nothing was.
fn latest(answers: Vec<RedisResult<Said>>) -> RedisResult<Said> {
    let mut best: Option<Said> = None;
    let mut failed = None;
    for answer in answers {
        match answer {
            Ok(said) if best.as_ref().is_none_or(|best| said.epoch > best.epoch) => {
                best = Some(said);
            }
            Ok(_) => {}
            Err(error) => failed = Some(error),
        }
    }
    best.ok_or_else(|| {
        failed.unwrap_or_else(|| {
            RedisError::from((ErrorKind::EmptySentinelList, "there are no Sentinels"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(port: u16, epoch: u64) -> RedisResult<Said> {
        Ok(Said {
            host: "127.0.0.1".to_owned(),
            port,
            epoch,
        })
    }

    fn silent() -> RedisResult<Said> {
        Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into())
    }

    #[test]
    fn the_latest_agreement_counts() {
        let best = latest(vec![said(1, 3), silent(), said(2, 4), said(1, 3)]).unwrap();
        assert_eq!(best.port, 2);
        assert!(latest(vec![silent(), silent()]).is_err());
        assert!(latest(Vec::new()).is_err());
    }

    #[test]
    fn an_answer_without_an_address_is_none() {
        let fields = |text: &[(&str, &str)]| {
            text.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let whole = fields(&[("ip", "h"), ("port", "7"), ("config-epoch", "2")]);
        assert_eq!(Said::read(&whole).unwrap().epoch, 2);
        assert!(Said::read(&fields(&[("ip", "h"), ("port", "7")])).is_err());
    }
}
