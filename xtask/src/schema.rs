//! The tables as diesel sees them, printed from a database that the migrations made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Outcome;
use crate::packages::{self, Need};
use crate::services::TemporaryPostgres;
use crate::shell::{self, command, root};

/// Every column of every table of ours, in the order of the file, with the table's primary key.
const COLUMNS: &str = "
    SELECT coalesce(json_agg(t ORDER BY t.name), '[]') FROM (
        SELECT c.relname AS name,
            (SELECT json_agg(json_build_object('name', a.attname, 'type', y.typname, 'null', NOT a.attnotnull) ORDER BY a.attnum)
             FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
            (SELECT json_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum))
             FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
             WHERE i.indrelid = c.oid AND i.indisprimary) AS key
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')) t";

/// Foreign keys of one column to another table's.
const JOINS: &str = "
    SELECT coalesce(json_agg(j ORDER BY j.child, j.parent, j.column), '[]') FROM (
        SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent, a.attname AS column
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND c.conrelid <> c.confrelid
            AND c.connamespace = 'public'::regnamespace) j";

/// What must be gone when every migration was reverted: tables, types, functions; not what an extension brought.
const LEFT_BEHIND: &str = "
    SELECT coalesce(json_agg(name), '[]') FROM (
        SELECT 'table or index ' || relname AS name, oid FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT 'function ' || proname, oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'type ' || typname, oid FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')) o
    WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')";

/// `cargo xtask schema`: migrates an empty database up, down and up, and writes `schema.rs` or compares it.
pub(crate) fn run(check: bool) -> Outcome {
    packages::ensure(&[Need::Postgres])?;
    let file = root().join("crates/storage/src/schema.rs");
    let database = Database(TemporaryPostgres::start()?);
    let migrations = migrations()?;
    migrations
        .iter()
        .try_for_each(|migration| database.apply(migration, "up.sql"))?;
    migrations
        .iter()
        .rev()
        .try_for_each(|migration| database.apply(migration, "down.sql"))?;
    if let Some(left) = database
        .query(LEFT_BEHIND)?
        .as_array()
        .filter(|left| !left.is_empty())
    {
        return Err(format!(
            "reverting every migration leaves behind: {}",
            Value::from(left.clone())
        )
        .into());
    }
    migrations
        .iter()
        .try_for_each(|migration| database.apply(migration, "up.sql"))?;
    let schema = print(&database.query(COLUMNS)?, &database.query(JOINS)?)?;
    if !check {
        std::fs::write(&file, schema)?;
        return Ok(());
    }
    if std::fs::read_to_string(&file)? == schema {
        println!("schema: crates/storage/src/schema.rs is what the migrations make");
        return Ok(());
    }
    Err("crates/storage/src/schema.rs differs from what the migrations make: run `cargo xtask schema` and commit".into())
}

/// An empty database on a server of its own.
struct Database(TemporaryPostgres);

impl Database {
    fn psql(&self) -> Command {
        let mut psql = command(&self.0.bin.join("psql").to_string_lossy());
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--dbname",
        ])
        .arg(self.0.url("postgres"))
        .stdin(Stdio::null());
        psql
    }

    fn apply(&self, migration: &Path, file: &str) -> Outcome {
        shell::run(
            self.psql()
                .arg("--single-transaction")
                .arg("--file")
                .arg(migration.join(file)),
        )
    }

    fn query(&self, sql: &str) -> Outcome<Value> {
        let text =
            shell::output(
                self.psql()
                    .args(["--no-align", "--tuples-only", "--command", sql]),
            )?;
        Ok(serde_json::from_str(&text)?)
    }
}

fn migrations() -> Outcome<Vec<PathBuf>> {
    let mut migrations = Vec::new();
    for entry in std::fs::read_dir(root().join("migrations"))? {
        let path = entry?.path();
        if path.is_dir() {
            migrations.push(path);
        }
    }
    migrations.sort();
    Ok(migrations)
}

fn print(tables: &Value, joins: &Value) -> Outcome<String> {
    let tables = tables.as_array().ok_or("the tables are no list")?;
    let mut text =
        "//! The tables as diesel sees them. Generated by `cargo xtask schema`; do not edit.\n"
            .to_owned();
    for table in tables {
        let name = field(table, "name")?;
        let key = table["key"]
            .as_array()
            .ok_or_else(|| format!("table {name} has no primary key"))?;
        let key: Vec<&str> = key.iter().filter_map(Value::as_str).collect();
        text += &format!("\ndiesel::table! {{\n    {name} ({}) {{\n", key.join(", "));
        for column in table["columns"].as_array().into_iter().flatten() {
            let (column_name, kind) = (field(column, "name")?, sql_type(field(column, "type")?)?);
            let kind = if column["null"] == true {
                format!("Nullable<{kind}>")
            } else {
                kind
            };
            text += &format!("        {column_name} -> {kind},\n");
        }
        text += "    }\n}\n";
    }
    text.push('\n');
    for (child, parent, column) in unambiguous(joins)? {
        text += &format!("diesel::joinable!({child} -> {parent} ({column}));\n");
    }
    text += "\ndiesel::allow_tables_to_appear_in_same_query!(\n";
    for table in tables {
        text += &format!("    {},\n", field(table, "name")?);
    }
    text += ");\n";
    Ok(text)
}

/// diesel takes one join per pair of tables; where there are more, queries name their columns.
fn unambiguous(joins: &Value) -> Outcome<Vec<(&str, &str, &str)>> {
    let mut pairs: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for join in joins.as_array().into_iter().flatten() {
        pairs
            .entry((field(join, "child")?, field(join, "parent")?))
            .or_default()
            .push(field(join, "column")?);
    }
    let one = pairs.iter().filter(|((child, parent), columns)| {
        columns.len() == 1 && !pairs.contains_key(&(*parent, *child))
    });
    Ok(one
        .flat_map(|((child, parent), columns)| {
            columns.iter().map(|column| (*child, *parent, *column))
        })
        .collect())
}

fn field<'a>(value: &'a Value, name: &str) -> Outcome<&'a str> {
    value[name]
        .as_str()
        .ok_or_else(|| format!("{value} has no {name}").into())
}

/// Arrays hold no nulls by the project's convention, so their elements are not `Nullable`.
fn sql_type(name: &str) -> Outcome<String> {
    if let Some(element) = name.strip_prefix('_') {
        return Ok(format!("Array<{}>", sql_type(element)?));
    }
    let known = match name {
        "uuid" => "Uuid",
        "text" => "Text",
        "varchar" => "Varchar",
        "bool" => "Bool",
        "int2" => "Int2",
        "int4" => "Int4",
        "int8" => "Int8",
        "float4" => "Float4",
        "float8" => "Float8",
        "numeric" => "Numeric",
        "date" => "Date",
        "timestamp" => "Timestamp",
        "timestamptz" => "Timestamptz",
        "json" => "Json",
        "jsonb" => "Jsonb",
        "bytea" => "Bytea",
        "inet" => "Inet",
        "cidr" => "Cidr",
        other => {
            return Err(format!(
                "no diesel type is known for {other}: add it to xtask/src/schema.rs"
            )
            .into());
        }
    };
    Ok(known.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tables_and_joins_are_printed_in_dieses_form() {
        let tables = json!([
            { "name": "nodes", "key": ["id"], "columns": [{ "name": "id", "type": "uuid", "null": false }] },
            { "name": "servers", "key": ["id", "at"], "columns": [
                { "name": "id", "type": "uuid", "null": false },
                { "name": "at", "type": "timestamptz", "null": true },
                { "name": "tags", "type": "_text", "null": false } ] },
        ]);
        let joins = json!([{ "child": "servers", "parent": "nodes", "column": "node_id" }]);
        let text = print(&tables, &joins).unwrap();
        assert!(text.contains("    servers (id, at) {\n        id -> Uuid,\n        at -> Nullable<Timestamptz>,\n        tags -> Array<Text>,\n"), "{text}");
        assert!(
            text.contains("diesel::joinable!(servers -> nodes (node_id));\n"),
            "{text}"
        );
    }

    #[test]
    fn two_keys_between_two_tables_give_no_join() {
        let joins = json!([
            { "child": "servers", "parent": "users", "column": "owner_id" },
            { "child": "servers", "parent": "users", "column": "creator_id" },
            { "child": "servers", "parent": "eggs", "column": "egg_id" },
        ]);
        assert_eq!(
            unambiguous(&joins).unwrap(),
            [("servers", "eggs", "egg_id")]
        );
    }
}
