//! The table of layers (docs/ARCHITECTURE.md), checked against what cargo says about the workspace.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::Outcome;
use crate::shell::{self, cargo};

/// One row of the table.
struct Layer {
    package: &'static str,
    /// Our crates that it may use.
    may: &'static [&'static str],
    /// Beginnings of names of foreign crates that it must not use.
    never: &'static [&'static str],
    /// Whether `never` holds for what its dependencies use, too.
    pure: bool,
    why: &'static str,
}

const PANEL: &[&str] = &[
    "panel-domain",
    "panel-eggs",
    "panel-fetch",
    "panel-s3",
    "panel-secrets",
    "panel-storage",
    "panel-cache",
    "wings-client",
    "panel-jobs",
    "panel-service",
    "panel-api-types",
];
const ADAPTERS: &[&str] = &[
    "panel-bootstrap",
    "panel-http-api",
    "panel-job-handlers",
    "panel-web-ui",
];
/// Used by tests, and by each other, but never by the product.
const DEV_ONLY: &[&str] = &["panel-test-db", "panel-testkit", "wings-sim", "panel-rig"];

const TABLE: &[Layer] = &[
    Layer {
        package: "panel-domain",
        may: &[],
        never: &[
            "tokio",
            "diesel",
            "actix",
            "redis",
            "deadpool-redis",
            "reqwest",
        ],
        pure: true,
        why: "the domain is pure: it decides from values and does no I/O",
    },
    Layer {
        package: "panel-eggs",
        may: &["panel-domain"],
        never: &[
            "tokio",
            "diesel",
            "actix",
            "redis",
            "deadpool-redis",
            "reqwest",
        ],
        pure: true,
        why: "egg formats are translated from text to values without any I/O",
    },
    Layer {
        package: "panel-fetch",
        may: &[],
        never: &["diesel", "actix", "redis", "deadpool-redis"],
        pure: false,
        why: "fetching for people knows networks and limits, and nothing of what is fetched",
    },
    Layer {
        package: "panel-s3",
        may: &[],
        never: &["diesel", "actix", "redis", "deadpool-redis"],
        pure: false,
        why: "asking a store knows addresses and keys, and nothing of whose archives lie there",
    },
    Layer {
        package: "panel-secrets",
        may: &[],
        never: &["diesel", "actix"],
        pure: false,
        why: "sealing, hashing and tokens know neither where they are stored nor who asks",
    },
    Layer {
        package: "panel-cache",
        may: &[],
        never: &["diesel", "actix"],
        pure: false,
        why: "the cache knows no entity: typed keys come from its callers",
    },
    Layer {
        package: "panel-storage",
        may: &["panel-domain", "panel-secrets"],
        never: &["actix", "redis", "deadpool-redis"],
        pure: false,
        why: "storage is about the database alone; caching and deciding happen above it",
    },
    Layer {
        package: "wings-client",
        may: &["panel-domain"],
        never: &["diesel", "actix"],
        pure: false,
        why: "the client speaks to daemons and remembers nothing in the database",
    },
    Layer {
        package: "panel-jobs",
        may: &["panel-domain", "panel-storage"],
        never: &["actix"],
        pure: false,
        why: "the queue carries payloads; what they do is a use case, reached through panel-job-handlers",
    },
    Layer {
        package: "panel-service",
        may: &[
            "panel-domain",
            "panel-eggs",
            "panel-fetch",
            "panel-s3",
            "panel-secrets",
            "panel-storage",
            "panel-cache",
            "wings-client",
            "panel-jobs",
        ],
        never: &["actix", "diesel", "redis", "deadpool-redis"],
        pure: false,
        why: "use cases decide; how HTTP, SQL and Redis are spoken is the business of the layers beside and below",
    },
    Layer {
        package: "panel-api-types",
        may: &["panel-domain"],
        never: &["actix", "diesel"],
        pure: false,
        why: "the API's bodies are values with a schema, without a server or a database",
    },
    Layer {
        package: "panel-http-api",
        may: &["panel-domain", "panel-api-types", "panel-service"],
        never: &["diesel", "redis", "deadpool-redis"],
        pure: false,
        why: "the HTTP adapter translates requests into use cases; it reaches data through panel-service only",
    },
    Layer {
        package: "panel-job-handlers",
        may: &["panel-domain", "panel-jobs", "panel-service"],
        never: &["actix", "diesel"],
        pure: false,
        why: "the job adapter translates payloads into use cases",
    },
    Layer {
        package: "panel-web-ui",
        may: &[],
        never: &["tokio", "diesel", "redis", "deadpool-redis", "reqwest"],
        pure: false,
        why: "the web UI's crate serves embedded files and knows nothing of the panel",
    },
    Layer {
        package: "panel-bootstrap",
        may: PANEL,
        never: &[],
        pure: false,
        why: "bootstrap wires the layers for both binaries and knows no adapter",
    },
    Layer {
        package: "panel-server",
        may: ADAPTERS,
        never: &["diesel", "redis", "deadpool-redis"],
        pure: false,
        why: "a binary parses, bootstraps, mounts adapters, runs and drains; anything else belongs below",
    },
    Layer {
        package: "panel-worker",
        may: ADAPTERS,
        never: &["diesel", "redis", "deadpool-redis"],
        pure: false,
        why: "a binary parses, bootstraps, mounts adapters, runs and drains; anything else belongs below",
    },
    Layer {
        package: "xtask",
        may: &[],
        never: &["tokio", "diesel", "actix"],
        pure: false,
        why: "xtask builds in seconds",
    },
];

/// `cargo xtask layers`.
pub(crate) fn run() -> Outcome {
    // Without a platform cargo would fetch what only others use.
    let host = shell::output(shell::command("rustc").args(["--print", "host-tuple"]))?;
    let text = shell::output(
        cargo()
            .args(["metadata", "--format-version=1", "--filter-platform"])
            .arg(host.trim()),
    )?;
    let problems = check(&serde_json::from_str(&text)?)?;
    if problems.is_empty() {
        println!("layers: every dependency is one the table lists");
        return Ok(());
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    Err(format!(
        "{} dependencies break the table of layers in docs/ARCHITECTURE.md",
        problems.len()
    )
    .into())
}

/// One sentence per broken rule.
fn check(metadata: &Value) -> Outcome<Vec<String>> {
    let workspace = Workspace::read(metadata).ok_or("cargo metadata has an unknown form")?;
    let mut problems = Vec::new();
    for (package, dependencies) in &workspace.members {
        if DEV_ONLY.contains(&package.as_str()) {
            continue;
        }
        let Some(layer) = TABLE.iter().find(|layer| layer.package == package) else {
            problems.push(format!("{package} has no row in the table of layers: add it to xtask/src/layers.rs and the document"));
            continue;
        };
        for dependency in dependencies {
            problems.extend(layer.forbids(dependency, &workspace));
        }
        if layer.pure {
            problems.extend(
                workspace
                    .reached_from(package)
                    .iter()
                    .filter(|name| layer.never(name))
                    .map(|name| {
                        format!(
                            "{package} uses {name} through one of its dependencies, but {}",
                            layer.why
                        )
                    }),
            );
        }
    }
    Ok(problems)
}

impl Layer {
    fn forbids(&self, dependency: &Dependency, workspace: &Workspace) -> Option<String> {
        let Dependency { name, dev } = dependency;
        let Self { package, why, .. } = self;
        if !workspace.members.contains_key(name) {
            return (!dev && self.never(name))
                .then(|| format!("{package} must not use {name}: {why}"));
        }
        match (dev, DEV_ONLY.contains(&name.as_str())) {
            (false, true) => Some(format!(
                "{package} uses {name}, which only tests may use: it never becomes part of the product"
            )),
            (false, false) if !self.may.contains(&name.as_str()) => {
                Some(format!("{package} must not use {name}: {why}"))
            }
            // Tests arrange what they need with the layers below the one they test, and never with those above it.
            (true, false) if !self.below().contains(name.as_str()) => Some(format!(
                "the tests of {package} must not use {name}, which is not a layer below it: {why}"
            )),
            _ => None,
        }
    }

    fn never(&self, name: &str) -> bool {
        self.never
            .iter()
            .any(|prefix| name == *prefix || name.starts_with(&format!("{prefix}-")))
    }

    /// All of ours that can be reached by rows of the table, and itself.
    fn below(&self) -> BTreeSet<&'static str> {
        let mut below = BTreeSet::from([self.package]);
        let mut open: Vec<&str> = self.may.to_vec();
        while let Some(name) = open.pop() {
            if let Some(layer) = TABLE.iter().find(|layer| layer.package == name)
                && below.insert(layer.package)
            {
                open.extend(layer.may);
            }
        }
        below
    }
}

struct Dependency {
    name: String,
    dev: bool,
}

struct Workspace {
    members: BTreeMap<String, Vec<Dependency>>,
    /// Package id to the ids that it uses in the product.
    uses: BTreeMap<String, Vec<String>>,
    names: BTreeMap<String, String>,
}

impl Workspace {
    fn read(metadata: &Value) -> Option<Self> {
        let ids: BTreeSet<&str> = metadata["workspace_members"]
            .as_array()?
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut members = BTreeMap::new();
        let mut names = BTreeMap::new();
        for package in metadata["packages"].as_array()? {
            let (id, name) = (package["id"].as_str()?, package["name"].as_str()?);
            names.insert(id.to_owned(), name.to_owned());
            if !ids.contains(id) {
                continue;
            }
            let dependencies = package["dependencies"].as_array()?.iter();
            let dependencies = dependencies
                .filter_map(|dependency| {
                    Some(Dependency {
                        name: dependency["name"].as_str()?.to_owned(),
                        dev: dependency["kind"].as_str() == Some("dev"),
                    })
                })
                .collect();
            members.insert(name.to_owned(), dependencies);
        }
        let mut uses = BTreeMap::new();
        for node in metadata["resolve"]["nodes"].as_array()? {
            let used = node["deps"].as_array()?.iter().filter(|used| {
                used["dep_kinds"]
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
            });
            let used = used
                .filter_map(|used| Some(used["pkg"].as_str()?.to_owned()))
                .collect();
            uses.insert(node["id"].as_str()?.to_owned(), used);
        }
        Some(Self {
            members,
            uses,
            names,
        })
    }

    /// The foreign crates in the product's dependency tree of a package, without its direct ones.
    fn reached_from(&self, package: &str) -> BTreeSet<&str> {
        let Some((root, _)) = self.names.iter().find(|(_, name)| *name == package) else {
            return BTreeSet::new();
        };
        let direct = self.uses.get(root).cloned().unwrap_or_default();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = direct
            .iter()
            .filter_map(|id| self.uses.get_key_value(id))
            .map(|(id, _)| id.as_str())
            .collect();
        while let Some(id) = open.pop() {
            for used in self.uses.get(id).into_iter().flatten() {
                if seen.insert(used) {
                    open.push(used);
                }
            }
        }
        seen.into_iter()
            .filter_map(|id| self.names.get(id))
            .map(String::as_str)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<Value> = dependencies
            .iter()
            .map(|(name, kind)| json!({ "name": name, "kind": kind }))
            .collect();
        json!({ "id": name, "name": name, "dependencies": dependencies })
    }

    fn workspace(members: &[Value], others: &[Value], edges: &[(&str, &str)]) -> Value {
        let packages: Vec<&Value> = members.iter().chain(others).collect();
        let nodes: Vec<Value> = packages
            .iter()
            .map(|package| {
                let deps: Vec<Value> = edges
                    .iter()
                    .filter(|(from, _)| package["name"] == *from)
                    .map(|(_, to)| json!({ "pkg": to, "dep_kinds": [{ "kind": null }] }))
                    .collect();
                json!({ "id": package["id"], "deps": deps })
            })
            .collect();
        let ids: Vec<&Value> = members.iter().map(|member| &member["id"]).collect();
        json!({ "packages": packages, "workspace_members": ids, "resolve": { "nodes": nodes } })
    }

    #[test]
    fn a_listed_edge_passes() {
        let members = [
            package("panel-domain", &[]),
            package("panel-eggs", &[("panel-domain", None), ("serde", None)]),
        ];
        assert!(check(&workspace(&members, &[], &[])).unwrap().is_empty());
    }

    #[test]
    fn an_edge_upwards_fails_with_its_reason() {
        let members = [
            package("panel-storage", &[("panel-service", None)]),
            package("panel-service", &[]),
        ];
        let problems = check(&workspace(&members, &[], &[])).unwrap();
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].starts_with(
                "panel-storage must not use panel-service: storage is about the database"
            ),
            "{problems:?}"
        );
    }

    #[test]
    fn a_forbidden_foreign_crate_fails_directly_and_for_pure_layers_through_others() {
        let members = [
            package("panel-domain", &[("helper", None)]),
            package("panel-cache", &[("actix-web", None)]),
        ];
        let others = [package("helper", &[]), package("tokio", &[])];
        let problems = check(&workspace(
            &members,
            &others,
            &[("panel-domain", "helper"), ("helper", "tokio")],
        ))
        .unwrap();
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn tests_may_use_what_only_tests_use_and_layers_below() {
        let members = [
            package(
                "panel-service",
                &[
                    ("panel-test-db", Some("dev")),
                    ("panel-storage", Some("dev")),
                    ("diesel", Some("dev")),
                ],
            ),
            package("panel-test-db", &[]),
            package(
                "panel-storage",
                &[("panel-test-db", None), ("panel-service", Some("dev"))],
            ),
        ];
        let problems = check(&workspace(&members, &[], &[])).unwrap();
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(
            problems
                .iter()
                .all(|problem| problem.contains("panel-storage")),
            "{problems:?}"
        );
    }

    #[test]
    fn a_new_crate_needs_a_row() {
        assert_eq!(
            check(&workspace(&[package("panel-new", &[])], &[], &[]))
                .unwrap()
                .len(),
            1
        );
    }
}
