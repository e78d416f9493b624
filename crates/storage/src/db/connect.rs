//! Opening connections: TLS, session settings, pools that need no database to be made.

use std::sync::Arc;
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::Source;
use super::StorageOptions;
use super::round_trips::{CountPrepares, Counters};
use super::tls::{self, Encryption};

/// A database URL that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidUrl {
    pub(super) reason: String,
}

/// Where and how to connect.
#[derive(Debug, Clone)]
pub(super) struct Target {
    config: Config,
    encryption: Encryption,
    source: Source,
    statement_timeout: Duration,
}

impl Target {
    /// Understands `url`; dials nothing.
    pub(super) fn parse(
        url: &str,
        source: Source,
        options: &StorageOptions,
    ) -> Result<Self, InvalidUrl> {
        let (url, encryption) = tls::take_ssl_options(url)?;
        let mut config: Config = url.parse().map_err(|error| InvalidUrl {
            reason: format!("is not a PostgreSQL URL: {error}"),
        })?;
        if config.get_hosts().is_empty() {
            return Err(InvalidUrl {
                reason: "names no host".to_owned(),
            });
        }
        let encryption = encryption.for_hosts(config.get_hosts())?;
        config.ssl_mode(encryption.driver_mode());
        if config.get_application_name().is_none() {
            config.application_name("roost");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(options.connect_timeout);
        }
        config.keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(options.statement_timeout);
        Ok(Self {
            config,
            encryption,
            source,
            statement_timeout: options.statement_timeout,
        })
    }

    /// Host and port of each server named, for people.
    pub(super) fn name(&self) -> String {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts: Vec<_> = hosts.collect();
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        format!("{}:{port}", hosts.join(","))
    }

    /// A new connection with our session settings.
    pub(super) async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        let mut connection = match self.encryption.connector()? {
            None => {
                let (client, driver) = self
                    .config
                    .connect(tokio_postgres::NoTls)
                    .await
                    .map_err(bad)?;
                AsyncPgConnection::try_from_client_and_connection(client, driver).await?
            }
            Some(tls) => {
                let (client, driver) = self.config.connect(tls).await.map_err(bad)?;
                AsyncPgConnection::try_from_client_and_connection(client, driver).await?
            }
        };
        let read_only = match self.source {
            Source::Primary => "",
            Source::Replica => "SET default_transaction_read_only = on;",
        };
        let timeout = self.statement_timeout.as_millis();
        connection
            .batch_execute(&format!(
                "SET statement_timeout = {timeout};\
                 SET idle_in_transaction_session_timeout = {timeout};{read_only}"
            ))
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }

    /// A pool that connects when it is first asked.
    pub(super) fn pool(
        self: &Arc<Self>,
        size: usize,
        counters: &Arc<Counters>,
    ) -> Result<Pool<AsyncPgConnection>, InvalidUrl> {
        let (target, counters) = (Arc::clone(self), Arc::clone(counters));
        let mut config = ManagerConfig::default();
        // A broken connection is noticed without asking: the driver knows when its socket has closed.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(move |_| {
            let (target, counters) = (Arc::clone(&target), Arc::clone(&counters));
            async move {
                let mut connection = target.connect().await?;
                connection.set_instrumentation(CountPrepares(counters));
                Ok(connection)
            }
            .boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config(String::new(), config);
        Pool::builder(manager)
            .max_size(size.max(1))
            .build()
            .map_err(|error| InvalidUrl {
                reason: error.to_string(),
            })
    }
}

fn bad(error: tokio_postgres::Error) -> ConnectionError {
    use std::error::Error as _;
    let cause = error
        .source()
        .map(|cause| format!(": {cause}"))
        .unwrap_or_default();
    ConnectionError::BadConnection(format!("{error}{cause}"))
}
