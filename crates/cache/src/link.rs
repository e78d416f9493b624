//! The connection to Redis, and the breaker in front of it.
//!
//! One multiplexed connection serves the process. Whoever finds it gone gets an answer at once and starts a task that
//! connects; whoever waits longer than the budget starts a task that asks the connection until it answers within the budget
//! again. So an outage costs its first askers one budget, and nobody anything after that.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisConnectionInfo, RedisError, RedisResult, Role,
    ServerErrorKind,
};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use crate::options::{OptionsError, RedisTarget};
use crate::sentinel::{Sentinels, Server};
use crate::telemetry;
use crate::time::Monotonic;

/// The time a connection may take to be made, or a silent one to answer.
const CONNECT_BUDGET: Duration = Duration::from_secs(1);

/// The pause between attempts to connect.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How often the Sentinels are asked whether the server in use is still the master.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// How often the log tells that Redis refuses operations; the metrics count each.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);

/// Redis gave no answer; what went wrong has been counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Away;

enum Source {
    Single(Box<Client>),
    Sentinel(Box<Sentinels>),
}

enum State {
    /// There is no connection; from `retry_at` on the next asker starts a task to make one.
    Idle {
        retry_at: Duration,
    },
    /// A task makes or checks the connection.
    Busy,
    Ready(Live),
}

#[derive(Clone)]
struct Live {
    connection: MultiplexedConnection,
    generation: u64,
    /// When the Sentinels named it.
    epoch: u64,
}

pub(crate) struct Link {
    source: Source,
    budget: Duration,
    time: Arc<dyn Monotonic>,
    state: Mutex<State>,
    generations: AtomicU64,
    settled: Notify,
    /// The server that was connected to last.
    server: watch::Sender<Option<String>>,
    complain_at: Mutex<Duration>,
    /// Called after a connection was made and before anybody uses it.
    on_connect: Box<dyn Fn() + Send + Sync>,
}

impl Link {
    pub(crate) fn new(
        target: &RedisTarget,
        budget: Duration,
        time: Arc<dyn Monotonic>,
        on_connect: Box<dyn Fn() + Send + Sync>,
    ) -> Result<Arc<Self>, OptionsError> {
        let source = Source::new(target).map_err(OptionsError::Address)?;
        telemetry::redis_up(false);
        Ok(Arc::new(Self {
            source,
            budget,
            time,
            state: Mutex::new(State::Idle {
                retry_at: Duration::ZERO,
            }),
            generations: AtomicU64::new(0),
            settled: Notify::new(),
            server: watch::Sender::new(None),
            complain_at: Mutex::default(),
            on_connect,
        }))
    }

    /// Asks Redis, within the budget.
    pub(crate) async fn call<T, F, Fut>(
        self: &Arc<Self>,
        operation: &'static str,
        ask: F,
    ) -> Result<T, Away>
    where
        F: FnOnce(MultiplexedConnection) -> Fut,
        Fut: Future<Output = RedisResult<T>>,
    {
        let Some(live) = self.live() else {
            telemetry::redis_error(operation, "breaker");
            return Err(Away);
        };
        match timeout(self.budget, ask(live.connection.clone())).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                telemetry::redis_error(operation, "error");
                if is_wrong_server(&error) {
                    tracing::warn!(operation, %error, "this Redis cannot be used at the moment");
                    self.lose(live.generation, RETRY_AFTER);
                } else if is_broken(&error) {
                    tracing::warn!(operation, %error, "the connection to Redis is lost");
                    self.lose(live.generation, Duration::ZERO);
                } else if self.may_complain() {
                    // One that is full refuses every write.
                    tracing::warn!(operation, %error, "Redis refused an operation");
                }
                Err(Away)
            }
            Err(_) => {
                telemetry::redis_error(operation, "timeout");
                self.suspect(live);
                Err(Away)
            }
        }
    }

    /// Tries to connect now, unless that is done already; whether there is a connection afterwards.
    pub(crate) async fn connect(self: &Arc<Self>) -> bool {
        loop {
            let settled = self.settled.notified();
            let mut settled = std::pin::pin!(settled);
            settled.as_mut().enable();
            {
                let mut state = self.state();
                match &*state {
                    State::Ready(_) => return true,
                    State::Busy => {}
                    State::Idle { retry_at } if *retry_at > self.time.now() => return false,
                    State::Idle { .. } => self.start_connecting(&mut state),
                }
            }
            settled.await;
        }
    }

    /// Where to connect to at this moment.
    pub(crate) async fn find_server(&self) -> RedisResult<Server> {
        match &self.source {
            Source::Single(client) => Ok(Server {
                client: Client::clone(client),
                name: String::new(),
                epoch: 0,
            }),
            Source::Sentinel(sentinels) => sentinels.master().await,
        }
    }

    /// Tells the name of the server, each time that one was connected to.
    pub(crate) fn servers(&self) -> watch::Receiver<Option<String>> {
        self.server.subscribe()
    }

    /// Leaves a server that the Sentinels have replaced, for ever. It may be cut off from them and not know it, and then
    /// answers as before.
    pub(crate) async fn follow_sentinels(self: &Arc<Self>) -> Infallible {
        let Source::Sentinel(sentinels) = &self.source else {
            return std::future::pending().await;
        };
        let mut checks = tokio::time::interval(CHECK_EVERY);
        checks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            checks.tick().await;
            let used = match &*self.state() {
                State::Ready(live) => live.clone(),
                State::Idle { .. } | State::Busy => continue,
            };
            let Ok(master) = sentinels.master().await else {
                continue;
            };
            let replaced = self.server.borrow().as_ref() != Some(&master.name);
            if replaced && master.epoch >= used.epoch {
                tracing::warn!(
                    master = master.name,
                    "the Sentinels have chosen another Redis"
                );
                self.lose(used.generation, Duration::ZERO);
                self.connect().await;
            }
        }
    }

    fn live(self: &Arc<Self>) -> Option<Live> {
        let mut state = self.state();
        match &*state {
            State::Ready(live) => return Some(live.clone()),
            State::Busy => {}
            State::Idle { retry_at } => {
                if *retry_at <= self.time.now() {
                    self.start_connecting(&mut state);
                }
            }
        }
        None
    }

    fn start_connecting(self: &Arc<Self>, state: &mut State) {
        *state = State::Busy;
        let link = Arc::clone(self);
        tokio::spawn(async move {
            let attempt = timeout(CONNECT_BUDGET, link.open()).await;
            let next = match attempt {
                Ok(Ok((connection, server))) => {
                    (link.on_connect)();
                    tracing::info!(server = server.name, "connected to Redis");
                    link.server.send_replace(Some(server.name));
                    let generation = link.generations.fetch_add(1, Ordering::Relaxed);
                    Ok(Live {
                        connection,
                        generation,
                        epoch: server.epoch,
                    })
                }
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("no answer".to_owned()),
            };
            if let Err(error) = &next {
                telemetry::redis_error("connect", "error");
                tracing::warn!(error, "cannot connect to Redis");
            }
            link.settle(next.ok());
        });
    }

    async fn open(&self) -> RedisResult<(MultiplexedConnection, Server)> {
        // `call` and `start_connecting` bound the time themselves.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let server = self.find_server().await?;
        let mut connection = server
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        if matches!(self.source, Source::Sentinel(_)) {
            let role: Role = redis::cmd("ROLE").query_async(&mut connection).await?;
            if !matches!(role, Role::Primary { .. }) {
                return Err(RedisError::from((
                    ErrorKind::Io,
                    "the server that the Sentinels name is no master",
                )));
            }
        }
        // One that is too slow to be used is not connected.
        let ping = redis::cmd("PING");
        match timeout(self.quick(), ping.exec_async(&mut connection)).await {
            Ok(answer) => answer?,
            Err(_) => return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        }
        Ok((connection, server))
    }

    fn suspect(self: &Arc<Self>, live: Live) {
        {
            let mut state = self.state();
            if !matches!(&*state, State::Ready(known) if known.generation == live.generation) {
                return;
            }
            *state = State::Busy;
        }
        telemetry::redis_up(false);
        tracing::warn!("Redis did not answer in time");
        let link = Arc::clone(self);
        tokio::spawn(async move {
            let answers = link.answers_again(live.connection.clone()).await;
            link.settle(answers.then_some(live));
        });
    }

    /// Waits until the connection answers within the budget; `false` when it gives no answer at all.
    async fn answers_again(&self, mut connection: MultiplexedConnection) -> bool {
        loop {
            let ping = redis::cmd("PING");
            let mut answer = std::pin::pin!(ping.exec_async(&mut connection));
            match timeout(self.quick(), &mut answer).await {
                Ok(answer) => return answer.is_ok(),
                // It lives and is slow: giving up the connection would only make it slower.
                Err(_) => match timeout(CONNECT_BUDGET, &mut answer).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return false,
                },
            }
        }
    }

    /// The time in which a server that is used has to answer.
    fn quick(&self) -> Duration {
        self.budget.min(CONNECT_BUDGET)
    }

    fn may_complain(&self) -> bool {
        let now = self.time.now();
        let mut at = self
            .complain_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let due = *at <= now;
        if due {
            *at = now + COMPLAIN_EVERY;
        }
        due
    }

    fn settle(&self, live: Option<Live>) {
        telemetry::redis_up(live.is_some());
        *self.state() = match live {
            Some(live) => State::Ready(live),
            None => State::Idle {
                retry_at: self.time.now() + RETRY_AFTER,
            },
        };
        self.settled.notify_waiters();
    }

    fn lose(&self, generation: u64, retry_after: Duration) {
        let mut state = self.state();
        if matches!(&*state, State::Ready(known) if known.generation == generation) {
            telemetry::redis_up(false);
            *state = State::Idle {
                retry_at: self.time.now() + retry_after,
            };
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    fn new(target: &RedisTarget) -> RedisResult<Self> {
        match target {
            RedisTarget::Single { url } => {
                Client::open(url.as_str()).map(|client| Self::Single(Box::new(client)))
            }
            RedisTarget::Sentinel {
                master,
                sentinels,
                username,
                password,
            } => {
                let mut info = RedisConnectionInfo::default();
                if let Some(username) = username {
                    info = info.set_username(username);
                }
                if let Some(password) = password {
                    info = info.set_password(password);
                }
                let sentinels = Sentinels::new(sentinels, master, info)?;
                Ok(Self::Sentinel(Box::new(sentinels)))
            }
        }
    }
}

/// Whether it is not (or not yet, or no longer) the server to ask.
fn is_wrong_server(error: &RedisError) -> bool {
    // The password was changed, or a server without ours took the place.
    let is_stranger = matches!(error.code(), Some("NOAUTH" | "WRONGPASS"))
        || error.kind() == ErrorKind::AuthenticationFailed;
    is_stranger
        || matches!(
            error.kind(),
            ErrorKind::Server(
                ServerErrorKind::ReadOnly
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::BusyLoading
            )
        )
}

/// Whether nothing more can be asked over this connection.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error()
}
