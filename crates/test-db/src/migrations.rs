//! The project's migrations as text: found, fingerprinted and applied without the storage layer, which tests itself with them.

use std::io::Result;
use std::path::Path;

use sha2::{Digest, Sha256};
use tokio_postgres::Client;

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");

/// The table of diesel's migration harness, so that it sees the migrations as applied.
const TRACKING_TABLE: &str = "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\
    version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

/// All migrations in the order in which they apply.
pub(crate) struct Migrations(Vec<Migration>);

struct Migration {
    version: String,
    name: String,
    up: String,
}

impl Migrations {
    /// Reads the project's `migrations` directory.
    pub(crate) fn of_the_project() -> Result<Self> {
        Self::read(Path::new(DIRECTORY))
    }

    fn read(directory: &Path) -> Result<Self> {
        let mut migrations = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let entry = entry?;
            let up = entry.path().join("up.sql");
            if !up.is_file() {
                continue;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            migrations.push(Migration {
                version: version_of(&name),
                up: std::fs::read_to_string(up)?,
                name,
            });
        }
        migrations.sort_by(|a, b| a.version.cmp(&b.version));
        Ok(Self(migrations))
    }

    /// Changes with any name, order or text; short enough for a database's name.
    pub(crate) fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for migration in &self.0 {
            for part in [&migration.name, &migration.up] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hex::encode(&hash.finalize()[..8])
    }

    /// Applies every migration to an empty database.
    pub(crate) async fn apply(&self, client: &Client) -> std::result::Result<(), String> {
        client
            .batch_execute(TRACKING_TABLE)
            .await
            .map_err(|error| describe("the tracking table", &error))?;
        for migration in &self.0 {
            client
                .batch_execute(&migration.up)
                .await
                .map_err(|error| describe(&migration.name, &error))?;
            client
                .execute(
                    "INSERT INTO __diesel_schema_migrations (version) VALUES ($1)",
                    &[&migration.version],
                )
                .await
                .map_err(|error| describe(&migration.name, &error))?;
        }
        Ok(())
    }
}

/// diesel's rule: the directory's name up to the first underscore, without dashes.
fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or(name).replace('-', "")
}

fn describe(what: &str, error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(database) => format!(
            "migration {what}: {} ({})",
            database.message(),
            database.code().code()
        ),
        None => format!("migration {what}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(directory: &Path, name: &str, up: &str) {
        std::fs::create_dir(directory.join(name)).unwrap();
        std::fs::write(directory.join(name).join("up.sql"), up).unwrap();
    }

    #[test]
    fn versions_are_those_of_diesel() {
        assert_eq!(version_of("2026-01-02-000001_users"), "20260102000001");
        assert_eq!(version_of("0001_users_and_roles"), "0001");
    }

    #[test]
    fn order_is_by_version_and_the_fingerprint_follows_the_text() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), "0002_b", "SELECT 2");
        write(directory.path(), "0001_a", "SELECT 1");
        let before = Migrations::read(directory.path()).unwrap();
        assert_eq!(
            before
                .0
                .iter()
                .map(|migration| migration.version.as_str())
                .collect::<Vec<_>>(),
            ["0001", "0002"]
        );
        std::fs::write(directory.path().join("0002_b/up.sql"), "SELECT 3").unwrap();
        assert_ne!(
            before.fingerprint(),
            Migrations::read(directory.path()).unwrap().fingerprint()
        );
    }
}
