//! The operations of an OpenAPI document and what was seen of each.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::traffic::Exchange;

const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];
/// Of one body's errors; a wrong list would otherwise fill the report.
const SHOWN_ERRORS: usize = 8;

/// All operations of a document.
pub(crate) struct Operations {
    document: Value,
    operations: Vec<Operation>,
    /// Schemas that the document refers to and does not have: anything but null passes for them.
    pub(crate) undescribed: BTreeSet<String>,
}

/// One operation.
pub(crate) struct Operation {
    /// In capitals.
    pub(crate) method: String,
    /// The path with its placeholders.
    pub(crate) path: String,
    segments: Vec<Segment>,
    /// Filled when a status is first seen, as most schemas of a young server's contract never are.
    validators: BTreeMap<u16, Answer>,
    /// Whether a 2xx answer was valid.
    fulfilled: bool,
    /// How often each status was answered outside of 2xx.
    refused: BTreeMap<u16, usize>,
    broken: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Placeholder,
}

/// What the contract says of a status.
enum Answer {
    Undeclared,
    /// By content type; without one a body is not looked at.
    Declared(BTreeMap<String, Validator>),
    Unusable(String),
}

impl Operations {
    /// Reads the operations of an OpenAPI 3.1 document.
    pub(crate) fn read(mut document: Value) -> Result<Self, String> {
        let undescribed = undescribed(&document);
        for name in &undescribed {
            // Where null is allowed beside it the contract says so itself, and exactly one of the two has to fit.
            document["components"]["schemas"][name.as_str()] = json!({ "not": { "type": "null" } });
        }
        let paths = document["paths"]
            .as_object()
            .ok_or("the document has no paths")?;
        let mut operations = Vec::new();
        for (path, item) in paths {
            let item = item
                .as_object()
                .ok_or_else(|| format!("path {path} is not an object"))?;
            for method in item.keys().filter(|key| METHODS.contains(&key.as_str())) {
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    segments: segments(path),
                    validators: BTreeMap::new(),
                    fulfilled: false,
                    refused: BTreeMap::new(),
                    broken: BTreeSet::new(),
                });
            }
        }
        Ok(Self {
            document,
            operations,
            undescribed,
        })
    }

    /// All of them, in the document's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter()
    }

    /// Takes an exchange into account. One that belongs to no operation of the contract is passed over.
    pub(crate) fn see(&mut self, exchange: &Exchange) {
        let path = exchange.path.split(['?', '#']).next().unwrap_or_default();
        let asked: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let method = exchange.method.to_uppercase();
        let best = self
            .operations
            .iter_mut()
            .filter(|operation| operation.method == method && operation.matches(&asked))
            // The one with a fixed segment where the other has a placeholder, from the left.
            .max_by_key(|operation| {
                operation
                    .segments
                    .iter()
                    .map(|segment| *segment != Segment::Placeholder)
                    .collect::<Vec<_>>()
            });
        if let Some(operation) = best {
            operation.see(exchange, &self.document);
        }
    }
}

impl Operation {
    /// Whether every 2xx answer was as the contract says, and there was one.
    pub(crate) fn is_fulfilled(&self) -> bool {
        self.fulfilled && self.broken.is_empty()
    }

    /// What is wrong; empty when fulfilled.
    pub(crate) fn differences(&self) -> Vec<String> {
        if !self.broken.is_empty() {
            return self.broken.iter().cloned().collect();
        }
        if self.fulfilled {
            return Vec::new();
        }
        if self.refused.is_empty() {
            return vec!["missing: never answered in the recorded traffic".to_owned()];
        }
        let statuses: Vec<String> = self
            .refused
            .iter()
            .map(|(status, times)| format!("{status} ({times} times)"))
            .collect();
        vec![format!(
            "missing: never answered 2xx, only {}",
            statuses.join(", ")
        )]
    }

    /// The first two segments of the path after `/api`, or one where there is only one.
    pub(crate) fn group(&self) -> String {
        let path = self.path.trim_start_matches('/');
        let path = path.strip_prefix("api/").unwrap_or(path);
        path.split('/')
            .filter(|segment| !segment.starts_with('{'))
            .take(2)
            .collect::<Vec<_>>()
            .join("/")
    }

    fn matches(&self, asked: &[&str]) -> bool {
        self.segments.len() == asked.len()
            && self
                .segments
                .iter()
                .zip(asked)
                .all(|(segment, asked)| match segment {
                    Segment::Fixed(text) => text == asked,
                    Segment::Placeholder => !asked.is_empty(),
                })
    }

    fn see(&mut self, exchange: &Exchange, document: &Value) {
        let status = exchange.status;
        if !(200..300).contains(&status) {
            *self.refused.entry(status).or_default() += 1;
            return;
        }
        let declared =
            &document["paths"][self.path.as_str()][self.method.to_lowercase()]["responses"];
        let answer = self
            .validators
            .entry(status)
            .or_insert_with(|| Answer::read(&declared[status.to_string()], document));
        let problems = answer.problems(exchange);
        self.fulfilled |= problems.is_empty();
        self.broken.extend(problems);
    }
}

impl Answer {
    fn read(response: &Value, document: &Value) -> Self {
        let Some(response) = resolve(response, document).as_object() else {
            return Self::Undeclared;
        };
        let mut validators = BTreeMap::new();
        for (content_type, media) in response
            .get("content")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            // References inside the schema are written from the document's root.
            let schema = json!({
                "$ref": "#/answer",
                "answer": media.get("schema").unwrap_or(&Value::Bool(true)),
                "components": document["components"],
            });
            match jsonschema::options()
                .with_draft(Draft::Draft202012)
                .should_validate_formats(true)
                .build(&schema)
            {
                Ok(validator) => validators.insert(essence(content_type), validator),
                Err(error) => return Self::Unusable(error.to_string()),
            };
        }
        Self::Declared(validators)
    }

    fn problems(&self, exchange: &Exchange) -> Vec<String> {
        let status = exchange.status;
        let validators = match self {
            Self::Undeclared => {
                return vec![format!("{status}: the contract does not have this status")];
            }
            Self::Unusable(error) => {
                return vec![format!(
                    "{status}: the contract's schema cannot be used: {error}"
                )];
            }
            Self::Declared(validators) if validators.is_empty() => return Vec::new(),
            Self::Declared(validators) => validators,
        };
        let content_type = essence(exchange.content_type.as_deref().unwrap_or_default());
        let Some(validator) = validators.get(&content_type) else {
            let allowed: Vec<&str> = validators.keys().map(String::as_str).collect();
            return vec![format!(
                "{status}: answered `{content_type}`, the contract has `{}`",
                allowed.join("`, `")
            )];
        };
        let errors = validator.iter_errors(&exchange.response_body).map(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() {
                "the body".to_owned()
            } else {
                without_indices(&place)
            };
            format!("{status}: {place}: {}", error.masked())
        });
        let distinct: BTreeSet<String> = errors.collect();
        distinct.into_iter().take(SHOWN_ERRORS).collect()
    }
}

fn segments(path: &str) -> Vec<Segment> {
    let segment = |text: &str| match text.starts_with('{') && text.ends_with('}') {
        true => Segment::Placeholder,
        false => Segment::Fixed(text.to_owned()),
    };
    path.trim_start_matches('/')
        .split('/')
        .map(segment)
        .collect()
}

/// Follows a reference of the document to itself.
fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    let target = value["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.strip_prefix('#')?));
    target.unwrap_or(value)
}

/// Names of component schemas that are referred to and missing.
fn undescribed(document: &Value) -> BTreeSet<String> {
    fn visit<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(fields) => {
                let reference = fields.get("$ref").and_then(Value::as_str);
                found.extend(
                    reference.and_then(|reference| reference.strip_prefix("#/components/schemas/")),
                );
                fields.values().for_each(|field| visit(field, found));
            }
            Value::Array(elements) => elements.iter().for_each(|element| visit(element, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    visit(document, &mut found);
    found.retain(|name| document["components"]["schemas"].get(name).is_none());
    found.into_iter().map(str::to_owned).collect()
}

/// A content type without its parameters.
fn essence(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// The same mistake in every element of a list is one difference.
fn without_indices(pointer: &str) -> String {
    let segments = pointer.split('/').map(|segment| {
        if segment.parse::<usize>().is_ok() {
            "*"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(paths: &[&str]) -> Operations {
        let paths: serde_json::Map<String, Value> = paths
            .iter()
            .map(|path| {
                (
                    (*path).to_owned(),
                    json!({ "get": { "responses": { "200": {} } } }),
                )
            })
            .collect();
        Operations::read(json!({ "paths": paths })).unwrap()
    }

    fn get(path: &str) -> Exchange {
        serde_json::from_value(json!({ "method": "GET", "path": path, "status": 200 })).unwrap()
    }

    fn fulfilled(operations: &Operations) -> Vec<&str> {
        operations
            .iter()
            .filter(|operation| operation.is_fulfilled())
            .map(|operation| operation.path.as_str())
            .collect()
    }

    #[test]
    fn a_fixed_segment_is_preferred_to_a_placeholder() {
        let mut seen = operations(&["/api/a/{id}", "/api/a/self", "/api/{any}/self"]);
        seen.see(&get("/api/a/self?x=1"));
        assert_eq!(fulfilled(&seen), ["/api/a/self"]);
        seen.see(&get("/api/a/7"));
        assert_eq!(fulfilled(&seen), ["/api/a/{id}", "/api/a/self"]);
    }

    #[test]
    fn paths_of_another_length_do_not_match() {
        let mut seen = operations(&["/api/a/{id}"]);
        seen.see(&get("/api/a/"));
        seen.see(&get("/api/a/7/b"));
        assert!(fulfilled(&seen).is_empty());
    }

    #[test]
    fn groups_are_two_segments_or_one() {
        let seen = operations(&[
            "/api/client/servers/{server}/power",
            "/api/settings",
            "/api/languages/{language}",
        ]);
        let groups: BTreeSet<String> = seen.iter().map(Operation::group).collect();
        assert_eq!(
            groups.into_iter().collect::<Vec<_>>(),
            ["client/servers", "languages", "settings"]
        );
    }

    #[test]
    fn a_schema_that_the_document_lacks_allows_anything() {
        let schema = json!({ "type": "object", "required": ["egg"], "properties": { "egg": { "$ref": "#/components/schemas/Lost" } } });
        let response = json!({ "content": { "application/json": { "schema": schema } } });
        let mut seen = Operations::read(
            json!({ "paths": { "/a": { "get": { "responses": { "200": response } } } } }),
        )
        .unwrap();
        assert_eq!(seen.undescribed.iter().collect::<Vec<_>>(), ["Lost"]);
        let mut answer = get("/a");
        answer.content_type = Some("application/json".to_owned());
        answer.response_body = json!({ "egg": 7 });
        seen.see(&answer);
        assert_eq!(fulfilled(&seen), ["/a"]);
    }

    #[test]
    fn list_positions_are_left_out_of_differences() {
        assert_eq!(without_indices("/data/12/name"), "/data/*/name");
    }
}
