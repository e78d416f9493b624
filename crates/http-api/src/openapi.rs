//! The OpenAPI document: made from the routes themselves, completed with what all operations have in common.
//!
//! The server does not make it: `cargo xtask generate` writes it to `docs/openapi.json`, and the server has that file in it
//! ([`embedded`]).

mod described;
pub mod embedded;

use panel_api_types::error::ApiError;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Content, OpenApi, Ref, RefOr, Required, ResponseBuilder, SecurityRequirement,
};

use crate::middleware::idempotency;
use crate::state::SESSION_COOKIE;

/// Who an operation is for, as far as its path says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, signed in or not.
    Everybody,
    /// Users, with a session or an API key.
    Users,
    /// Daemons, with their node's token.
    Nodes,
}

impl Audience {
    /// The audience of the operations at `path`.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if path.starts_with("/api/remote") {
            Self::Nodes
        } else if ["/api/client", "/api/admin", "/api/setup/"]
            .iter()
            .any(|scope| path.starts_with(scope))
        {
            Self::Users
        } else {
            Self::Everybody
        }
    }
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Roost",
        description = "The API of the Roost game server panel.",
        license(name = "MIT")
    ),
    components(schemas(ApiError))
)]
struct Base;

/// The document of everything that the code answers under `/api`. Needs no running service.
///
/// For the generator and the tests. A server that called this would have the descriptions of all operations in its program.
#[must_use]
pub fn document() -> OpenApi {
    let mut document = Base::openapi();
    described::add_to(&mut document);
    add_security_schemes(&mut document);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("delete", &mut item.delete),
            ("patch", &mut item.patch),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete(method, path, operation);
            }
        }
    }
    document
}

fn add_security_schemes(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE))),
    );
    for (name, description) in [
        ("api_key", "A key that a user made for a program."),
        ("node_token", "A node's `token_id.token`."),
    ] {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(description));
        components.add_security_scheme(name, SecurityScheme::Http(bearer.build()));
    }
}

/// Adds to an operation what follows from its method and path.
fn complete(method: &str, path: &str, operation: &mut Operation) {
    operation.operation_id = Some(operation_id(method, path));
    operation.tags = Some(vec![tag(path)]);
    let audience = Audience::of(path);
    operation.security = Some(match audience {
        Audience::Everybody => vec![SecurityRequirement::default()],
        Audience::Users => ["session", "api_key"]
            .map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new()))
            .into(),
        Audience::Nodes => vec![SecurityRequirement::new("node_token", Vec::<String>::new())],
    });
    let named: Vec<String> = path_parameters(path).collect();
    for name in &named {
        let parameters = operation.parameters.get_or_insert_default();
        if !parameters
            .iter()
            .any(|p| p.parameter_in == ParameterIn::Path && p.name == *name)
        {
            parameters.push(path_parameter(name));
        }
    }
    let changes = method != "get";
    if changes && audience != Audience::Nodes {
        let parameters = operation.parameters.get_or_insert_default();
        parameters.push(idempotency_key());
    }
    let mut errors = vec![("400", "The request is not valid.")];
    if audience != Audience::Everybody {
        errors.push(("401", "No valid credential came with the request."));
        errors.push(("403", "A permission is missing."));
    }
    if !named.is_empty() {
        errors.push((
            "404",
            "There is no such object, or not for the one who asks.",
        ));
    }
    if changes {
        errors.push(("409", "The state of things does not allow it now."));
    }
    if changes && audience != Audience::Nodes {
        errors.push(("422", "The Idempotency-Key was used for another request."));
    }
    if audience != Audience::Nodes {
        errors.push(("429", "Too many requests."));
    }
    errors.push((
        "503",
        "A part that the request needs is away for the moment.",
    ));
    for (status, description) in errors {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| {
                let body = Content::new(Some(Ref::from_schema_name("ApiError")));
                let response = ResponseBuilder::new().description(description);
                RefOr::T(response.content("application/json", body).build())
            });
    }
}

/// The contract's way of naming operations: the method and the path, joined by underscores.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.replace(['{', '}'], "").replace('/', "_");
    format!("{method}{path}")
}

/// The first two words of the path behind `/api`, which is how the operations are grouped.
fn tag(path: &str) -> String {
    let words: Vec<&str> = path
        .trim_start_matches("/api/")
        .split('/')
        .take_while(|word| !word.starts_with('{'))
        .take(2)
        .collect();
    words.join("/")
}

fn path_parameters(path: &str) -> impl Iterator<Item = String> {
    path.split('/')
        .filter_map(|part| Some(part.strip_prefix('{')?.strip_suffix('}')?.to_owned()))
}

fn path_parameter(name: &str) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String);
    // A server may also be named by its short id, and a file has a name.
    let schema = if matches!(name, "server" | "file") {
        text
    } else {
        text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .build()
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(idempotency::MAX_KEY_LENGTH))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Chosen by the client, a new one for each change. Within 24 hours the same request with the same key is not \
             done again but answered as before.",
        ))
        .schema(Some(text))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_contract() {
        assert_eq!(
            operation_id("post", "/api/client/servers/{server}/power"),
            "post_api_client_servers_server_power"
        );
        assert_eq!(tag("/api/client/servers/{server}/power"), "client/servers");
        assert_eq!(tag("/api/admin/nodes"), "admin/nodes");
        assert_eq!(tag("/api/settings"), "settings");
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let mut references = Vec::new();
        collect_references(&document, &mut references);
        assert!(!references.is_empty());
        for reference in references {
            let pointer = reference.trim_start_matches('#');
            assert!(
                document.pointer(pointer).is_some(),
                "{reference} leads nowhere"
            );
        }
    }

    fn collect_references(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(|r| r.as_str()) {
                    found.push(reference.to_owned());
                }
                map.values()
                    .for_each(|value| collect_references(value, found));
            }
            serde_json::Value::Array(list) => {
                list.iter()
                    .for_each(|value| collect_references(value, found));
            }
            _ => {}
        }
    }

    #[test]
    fn every_operation_is_complete() {
        for (path, item) in &document().paths.paths {
            let operations = [&item.get, &item.put, &item.post, &item.delete, &item.patch];
            for operation in operations.into_iter().flatten() {
                let id = operation.operation_id.as_deref().unwrap();
                assert!(operation.summary.is_some(), "{id} needs a doc comment");
                let answered = operation.responses.responses.keys();
                assert!(
                    answered.into_iter().any(|status| status.starts_with('2')),
                    "{id}"
                );
                assert!(path.starts_with("/api/"), "{path}");
            }
        }
    }
}
