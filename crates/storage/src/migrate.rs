//! Applying the schema's migrations, which are built into the program.
//!
//! Any number of instances may start at once: where the database has advisory locks one goes first and the others find nothing
//! left to do; where it has none, each migration's own row in diesel's table lets one through, and the others look again.

use std::time::Duration;

use diesel::migration::Migration;
use diesel::pg::Pg;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::db::Db;
use crate::error::Error;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Held by whoever migrates.
const LOCK: i64 = 0x726f_6f73_7430;

/// How often it is tried when there is no lock and another instance may have been in the way.
const ATTEMPTS: u32 = 10;

/// How long a migration waits for a table that somebody reads or writes. Whoever comes to that table meanwhile waits behind it,
/// so it must not be long; the migration is taken back then, and tried again after [`PAUSE`].
const LOCK_TIMEOUT: &str = "SET lock_timeout = '3s'";

/// How long everybody else may go on before a migration that found a table in use is tried again.
const PAUSE: Duration = Duration::from_secs(2);

/// How often a migration is tried that finds a table in use: some ten minutes.
const PATIENCE: u32 = 120;

type Connection = AsyncConnectionWrapper<AsyncPgConnection>;

/// Applies all migrations that are not applied yet; gives their names in order.
///
/// # Errors
///
/// [`Error::Unavailable`] when the primary is away, [`Error::Internal`] naming the migration that failed. Those before it stay
/// applied.
pub async fn up(db: &Db) -> Result<Vec<String>, Error> {
    let mut applied = Vec::new();
    let (mut collisions, mut waits) = (0, 0);
    loop {
        let (connection, lock) = connect(db).await?;
        let (outcome, mut done) = blocking(connection, |connection| {
            let mut done = Vec::new();
            let outcome = apply_pending(connection, &mut done);
            Ok((outcome, done))
        })
        .await?;
        applied.append(&mut done);
        let Err(error) = outcome else {
            return Ok(applied);
        };
        if found_a_table_in_use(&error) && waits < PATIENCE {
            waits += 1;
            tracing::warn!(
                %error,
                "A migration waits for a table that is in use for long; it lets others pass and is tried again"
            );
            tokio::time::sleep(PAUSE).await;
        } else if !lock && collisions < ATTEMPTS {
            collisions += 1;
            tokio::time::sleep(Duration::from_millis(100) * collisions).await;
        } else {
            return Err(error);
        }
    }
}

/// diesel hides the SQLSTATE (55P03) of the one who waited too long.
fn found_a_table_in_use(error: &Error) -> bool {
    error.to_string().contains("lock timeout")
}

/// Takes back the latest `steps` migrations; gives their names, latest first.
///
/// # Errors
///
/// As [`up`].
pub async fn down(db: &Db, steps: usize) -> Result<Vec<String>, Error> {
    let (connection, _) = connect(db).await?;
    blocking(connection, move |connection| {
        let mut reverted = Vec::new();
        for _ in 0..steps {
            let applied = connection
                .applied_migrations()
                .map_err(failed("the list of migrations"))?;
            if applied.is_empty() {
                break;
            }
            let version = connection
                .revert_last_migration(MIGRATIONS)
                .map_err(failed("down"))?;
            reverted.push(name_of(&version.to_string())?);
        }
        Ok(reverted)
    })
    .await
}

/// The names of the migrations that are not applied yet, in order. Changes nothing but that diesel's own table is made.
///
/// # Errors
///
/// [`Error::Unavailable`] when the primary is away.
pub async fn pending(db: &Db) -> Result<Vec<String>, Error> {
    let (connection, _) = connect(db).await?;
    blocking(connection, |connection| {
        let pending = pending_on(connection)?;
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_string())
            .collect())
    })
    .await
}

/// A connection of its own that waits as long as a migration takes, and whether it holds the lock (to its end).
async fn connect(db: &Db) -> Result<(AsyncPgConnection, bool), Error> {
    let mut connection = db.connect_to_primary().await?;
    connection
        .batch_execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        .await?;
    let lock = diesel::sql_query("SELECT pg_advisory_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut connection)
        .await;
    let lock = match lock.map_err(Error::from) {
        Ok(_) => true,
        Err(Error::Internal { message, .. }) => {
            tracing::info!(
                message,
                "no advisory locks here: instances that migrate may get in each other's way"
            );
            false
        }
        Err(error) => return Err(error),
    };
    connection.batch_execute(LOCK_TIMEOUT).await?;
    Ok((connection, lock))
}

/// diesel migrates synchronously; its waiting happens on a thread for that.
async fn blocking<T: Send + 'static>(
    connection: AsyncPgConnection,
    work: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let mut connection = Connection::from(connection);
    tokio::task::spawn_blocking(move || work(&mut connection))
        .await
        .map_err(|error| Error::internal(format!("migrating ended early: {error}")))?
}

fn pending_on(connection: &mut Connection) -> Result<Vec<Box<dyn Migration<Pg>>>, Error> {
    connection
        .pending_migrations(MIGRATIONS)
        .map_err(failed("the list of migrations"))
}

fn apply_pending(connection: &mut Connection, done: &mut Vec<String>) -> Result<(), Error> {
    for migration in pending_on(connection)? {
        let name = migration.name().to_string();
        connection
            .run_migration(&*migration)
            .map_err(failed(&name))?;
        tracing::info!(migration = name, "applied");
        done.push(name);
    }
    Ok(())
}

fn name_of(version: &str) -> Result<String, Error> {
    use diesel::migration::MigrationSource;
    let all: Vec<Box<dyn Migration<Pg>>> = MIGRATIONS
        .migrations()
        .map_err(failed("the list of migrations"))?;
    let names = all.iter().map(|migration| migration.name());
    let name = names
        .into_iter()
        .find(|name| name.version().to_string() == version);
    Ok(name.map_or_else(|| version.to_owned(), |name| name.to_string()))
}

fn failed(what: &str) -> impl Fn(Box<dyn std::error::Error + Send + Sync>) -> Error {
    move |error| Error::internal(format!("{what}: {error}"))
}
