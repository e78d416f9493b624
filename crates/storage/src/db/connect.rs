//! Opening connections: TLS, session settings, pools that need no database to be made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult, QueryableByName};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::Source;
use super::StorageOptions;
use super::history::History;
use super::round_trips::{CountPrepares, Counters};
use super::tls::{self, Encryption};

/// A database URL that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidUrl {
    pub(super) reason: String,
}

/// How much longer the other hosts of a primary's URL are waited for when one of them would do.
const OTHERS: Duration = Duration::from_millis(300);

/// Where and how to connect.
#[derive(Debug)]
pub(super) struct Target {
    /// One per host. Only a primary's URL may name several: wherever the primary is at the moment, it is one of them.
    hosts: Vec<Config>,
    /// Which of them was the primary the last time.
    last: AtomicUsize,
    encryption: Encryption,
    source: Source,
    statement_timeout: Duration,
    history: Arc<History>,
}

impl Target {
    /// Understands `url`; dials nothing.
    pub(super) fn parse(
        url: &str,
        source: Source,
        options: &StorageOptions,
        history: &Arc<History>,
    ) -> Result<Self, InvalidUrl> {
        let (url, encryption) = tls::take_ssl_options(url)?;
        let mut config: Config = url.parse().map_err(|error| InvalidUrl {
            reason: format!("is not a PostgreSQL URL: {error}"),
        })?;
        let invalid = |reason: &str| InvalidUrl {
            reason: reason.to_owned(),
        };
        if config.get_hosts().is_empty() {
            return Err(invalid("names no host"));
        }
        if source == Source::Replica && config.get_hosts().len() > 1 {
            return Err(invalid(
                "names several hosts for one replica: give each replica an address of its own",
            ));
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
            hosts: one_host_each(&config),
            last: AtomicUsize::new(0),
            encryption,
            source,
            statement_timeout: options.statement_timeout,
            history: Arc::clone(history),
        })
    }

    /// Host and port of each server named, for people.
    pub(super) fn name(&self) -> String {
        let names: Vec<_> = self.hosts.iter().map(name_of).collect();
        names.join(",")
    }

    /// A new connection with our session settings: to the primary, wherever among the hosts it is, or to the replica.
    pub(super) async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        let last = self.last.load(Ordering::Relaxed);
        if self.hosts.len() == 1 {
            return Ok(self.dial(0).await?.0);
        }
        // Where it was, it probably still is.
        if let Ok((connection, epoch, _)) = self.dial(last).await
            && self.history.is_latest(epoch)
        {
            return Ok(connection);
        }
        self.find_primary().await
    }

    /// Of the hosts that take writes, the one with the latest history: an old primary may have come back beside the one that
    /// replaced it.
    async fn find_primary(&self) -> ConnectionResult<AsyncPgConnection> {
        let mut dialled: FuturesUnordered<_> = (0..self.hosts.len())
            .map(|index| async move { (index, self.dial(index).await) })
            .collect();
        let mut best: Option<(usize, (AsyncPgConnection, i64, i64))> = None;
        let mut refused = None;
        loop {
            let next = dialled.next();
            let next = match &best {
                None => next.await,
                Some(_) => tokio::time::timeout(OTHERS, next).await.ok().flatten(),
            };
            match next {
                Some((index, Ok(found))) => {
                    let newer = |known: &(AsyncPgConnection, i64, i64)| {
                        (found.1, found.2) > (known.1, known.2)
                    };
                    if best.as_ref().is_none_or(|(_, known)| newer(known)) {
                        best = Some((index, found));
                    }
                }
                Some((_, Err(error))) => refused = Some(error),
                None => break,
            }
        }
        match best {
            Some((index, (connection, ..))) => {
                self.last.store(index, Ordering::Relaxed);
                Ok(connection)
            }
            None => Err(refused.unwrap_or_else(|| bad_because("no host was tried"))),
        }
    }

    /// A connection to one of the hosts, with the epoch and the timeline that it shows (0 where it shows none).
    async fn dial(&self, host: usize) -> ConnectionResult<(AsyncPgConnection, i64, i64)> {
        let config = self
            .hosts
            .get(host)
            .ok_or_else(|| bad_because("there is no such host"))?;
        let mut connection = match self.encryption.connector()? {
            None => {
                let (client, driver) = config.connect(tokio_postgres::NoTls).await.map_err(bad)?;
                AsyncPgConnection::try_from_client_and_connection(client, driver).await?
            }
            Some(tls) => {
                let (client, driver) = config.connect(tls).await.map_err(bad)?;
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
        let (epoch, timeline) = match self.source {
            Source::Primary => self.check_primary(&connection, config).await?,
            Source::Replica => (0, 0),
        };
        Ok((connection, epoch, timeline))
    }

    /// Refuses a server that takes no writes, and one that was replaced as the primary and does not know it.
    async fn check_primary(
        &self,
        connection: &AsyncPgConnection,
        config: &Config,
    ) -> ConnectionResult<(i64, i64)> {
        // Here only: it would give every other `load` of this module another meaning.
        use diesel_async::RunQueryDsl as _;
        let (mut one, mut two, mut three) = (connection, connection, connection);
        let (recovering, epoch, timeline) = futures_util::future::join3(
            diesel::sql_query("SELECT pg_is_in_recovery()::int::bigint AS number").load(&mut one),
            diesel::sql_query("SELECT epoch AS number FROM db_epoch").load(&mut two),
            diesel::sql_query(
                "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint AS number",
            )
            .load(&mut three),
        )
        .await;
        let recovering = number(recovering).map_err(ConnectionError::CouldntSetupConfiguration)?;
        if recovering != 0 {
            return Err(bad_because(&format!(
                "{} is a replica: it takes no writes",
                name_of(config)
            )));
        }
        // No table before the first migration; no timeline where the database shows no log.
        let epoch = number(epoch).unwrap_or(0);
        if epoch != 0 && self.history.has_passed(epoch) {
            return Err(bad_because(&format!(
                "{} was replaced as the primary: what is written there would be lost",
                name_of(config)
            )));
        }
        Ok((epoch, number(timeline).unwrap_or(0)))
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

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

fn number(rows: diesel::QueryResult<Vec<Number>>) -> diesel::QueryResult<i64> {
    let row = rows?.into_iter().next();
    Ok(row.ok_or(diesel::result::Error::NotFound)?.number)
}

/// The same URL once for each of its hosts.
fn one_host_each(config: &Config) -> Vec<Config> {
    let hosts = config.get_hosts();
    if hosts.len() == 1 {
        return vec![config.clone()];
    }
    let ports = config.get_ports();
    let each = hosts.iter().enumerate().map(|(index, host)| {
        // A configuration can be given more hosts but not fewer, so each is made anew.
        let mut one = Config::new();
        match host {
            Host::Tcp(name) => one.host(name),
            #[cfg(unix)]
            Host::Unix(path) => one.host_path(path),
        };
        let port = match ports {
            [only] => Some(only),
            _ => ports.get(index),
        };
        one.port(port.copied().unwrap_or(5432));
        if let Some(user) = config.get_user() {
            one.user(user);
        }
        if let Some(password) = config.get_password() {
            one.password(password);
        }
        if let Some(name) = config.get_dbname() {
            one.dbname(name);
        }
        if let Some(options) = config.get_options() {
            one.options(options);
        }
        if let Some(name) = config.get_application_name() {
            one.application_name(name);
        }
        if let Some(timeout) = config.get_connect_timeout() {
            one.connect_timeout(*timeout);
        }
        if let Some(timeout) = config.get_tcp_user_timeout() {
            one.tcp_user_timeout(*timeout);
        }
        one.ssl_mode(config.get_ssl_mode());
        one.keepalives_idle(config.get_keepalives_idle());
        one
    });
    each.collect()
}

fn name_of(config: &Config) -> String {
    let host = config.get_hosts().first().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    });
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("{}:{port}", host.unwrap_or_default())
}

fn bad_because(reason: &str) -> ConnectionError {
    ConnectionError::BadConnection(reason.to_owned())
}

fn bad(error: tokio_postgres::Error) -> ConnectionError {
    use std::error::Error as _;
    let cause = error
        .source()
        .map(|cause| format!(": {cause}"))
        .unwrap_or_default();
    ConnectionError::BadConnection(format!("{error}{cause}"))
}
