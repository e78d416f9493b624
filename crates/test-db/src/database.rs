//! A database per test.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};

use tokio_postgres::Client;

use crate::migrations::Migrations;
use crate::postgres::{TestPostgres, connect, shared_url};

/// Serializes the making of templates over all processes of a run.
const TEMPLATE_LOCK: i64 = 0x0526_6f6f_7374;

/// An own database on the shared server. Dropped, with whatever is still connected to it, on drop.
#[derive(Debug)]
pub struct TestDatabase {
    admin_url: String,
    name: String,
    url: String,
}

impl TestDatabase {
    /// A database with every migration of the project applied, cloned from a template that is made once per set of migrations.
    ///
    /// # Panics
    /// When the server cannot be reached or a migration fails; the message names it.
    pub async fn migrated() -> Self {
        let admin_url = shared_url().await;
        match migrated(&admin_url).await {
            Ok(name) => Self::named(admin_url, name),
            Err(error) => panic!("cannot make a migrated test database: {error}"),
        }
    }

    /// As [`migrated`](Self::migrated), on a server of the test's own.
    ///
    /// # Panics
    /// As [`migrated`](Self::migrated).
    pub async fn migrated_on(server: &TestPostgres) -> Self {
        let admin_url = server.url().to_owned();
        match migrated(&admin_url).await {
            Ok(name) => Self::named(admin_url, name),
            Err(error) => panic!("cannot make a migrated test database: {error}"),
        }
    }

    /// The URL of this database on another server: on a replica, or on what was one.
    #[must_use]
    pub fn url_on(&self, server: &TestPostgres) -> String {
        with_database(server.url(), &self.name)
    }

    /// A database without any table.
    ///
    /// # Panics
    /// When the server cannot be reached.
    pub async fn empty() -> Self {
        let admin_url = shared_url().await;
        match create(&admin_url, "template0").await {
            Ok(name) => Self::named(admin_url, name),
            Err(error) => panic!("cannot make an empty test database: {error}"),
        }
    }

    fn named(admin_url: String, name: String) -> Self {
        let url = with_database(&admin_url, &name);
        Self {
            admin_url,
            name,
            url,
        }
    }

    /// The database's URL, as a superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same database for another role of the server, for example one that a test made with few rights.
    #[must_use]
    pub fn url_as(&self, user: &str, password: &str) -> String {
        match self
            .url
            .split_once("://")
            .and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1)))
        {
            Some((scheme, rest)) => format!("{scheme}://{user}:{password}@{rest}"),
            None => self.url.clone(),
        }
    }

    /// A connection past the product's own layers, to arrange or inspect what they have no function for.
    ///
    /// # Panics
    /// When the server cannot be reached.
    pub async fn connect(&self) -> Client {
        connect(&self.url)
            .await
            .unwrap_or_else(|error| panic!("cannot connect to {}: {error}", self.url))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // Fails only when the cleaner is gone, and then so is the process.
        cleaner()
            .send((self.admin_url.clone(), self.name.clone()))
            .ok();
    }
}

async fn migrated(admin_url: &str) -> Result<String, String> {
    let migrations = Migrations::of_the_project()
        .map_err(|error| format!("the migrations cannot be read: {error}"))?;
    let template = format!("roost_template_{}", migrations.fingerprint());
    let admin = connect(admin_url).await.map_err(describe)?;
    admin
        .execute("SELECT pg_advisory_lock($1)", &[&TEMPLATE_LOCK])
        .await
        .map_err(describe)?;
    let made = ensure_template(admin_url, &admin, &template, &migrations).await;
    admin
        .execute("SELECT pg_advisory_unlock($1)", &[&TEMPLATE_LOCK])
        .await
        .map_err(describe)?;
    made?;
    create(admin_url, &template).await
}

async fn ensure_template(
    admin_url: &str,
    admin: &Client,
    template: &str,
    migrations: &Migrations,
) -> Result<(), String> {
    let exists = admin
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&template])
        .await
        .map_err(describe)?;
    if exists.is_some() {
        return Ok(());
    }
    // A half-made one never has the template's name, so a process that dies here leaves nothing that looks finished.
    let unfinished = format!("{template}_unfinished");
    admin
        .batch_execute(&format!(
            "DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)"
        ))
        .await
        .map_err(describe)?;
    admin
        .batch_execute(&format!("CREATE DATABASE {unfinished} TEMPLATE template0"))
        .await
        .map_err(describe)?;
    let (client, connection) = tokio_postgres::connect(
        &with_database(admin_url, &unfinished),
        tokio_postgres::NoTls,
    )
    .await
    .map_err(describe)?;
    let connection = tokio::spawn(connection);
    let applied = migrations.apply(&client).await;
    drop(client);
    connection
        .await
        .map_err(|error| error.to_string())?
        .map_err(describe)?;
    applied?;
    admin
        .batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {template}"))
        .await
        .map_err(describe)
}

async fn create(admin_url: &str, template: &str) -> Result<String, String> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    // Unique over the processes that share a server, and telling whose it was.
    let name = format!(
        "roost_test_{}_{}",
        std::process::id(),
        COUNTER.fetch_add(1, Ordering::Relaxed)
    );
    let admin = connect(admin_url).await.map_err(describe)?;
    // A process of the same number may have left one behind on a long-lived server.
    admin
        .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        .await
        .map_err(describe)?;
    admin
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .await
        .map_err(describe)?;
    Ok(name)
}

/// One thread drops the databases of all tests: a destructor cannot wait for a connection, and a test need not.
fn cleaner() -> &'static Sender<(String, String)> {
    static CLEANER: OnceLock<Sender<(String, String)>> = OnceLock::new();
    CLEANER.get_or_init(|| {
        let (sender, receiver) = channel::<(String, String)>();
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            else {
                return;
            };
            for (admin_url, name) in receiver {
                runtime.block_on(async {
                    // A server that is gone has taken its databases along.
                    if let Ok(admin) = connect(&admin_url).await {
                        admin
                            .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                            .await
                            .ok();
                    }
                });
            }
        });
        sender
    })
}

/// Replaces the database's name in a URL.
fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url
        .split_once('?')
        .map_or((url, None), |(address, rest)| (address, Some(rest)));
    let start = address.find("://").map_or(0, |scheme| scheme + 3);
    let server = address[start..]
        .find('/')
        .map_or(address, |slash| &address[..start + slash]);
    match parameters {
        Some(parameters) => format!("{server}/{database}?{parameters}"),
        None => format!("{server}/{database}"),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as the argument of map_err"
)]
fn describe(error: tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(database) => format!("{} ({})", database.message(), database.code().code()),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        assert_eq!(
            with_database("postgres://u@h:1/postgres", "x"),
            "postgres://u@h:1/x"
        );
        assert_eq!(with_database("postgres://u@h:1", "x"), "postgres://u@h:1/x");
        assert_eq!(
            with_database("postgres://u@h:1/a?sslmode=disable", "x"),
            "postgres://u@h:1/x?sslmode=disable"
        );
    }
}
