//! Finding, hashing and former versions by the daemon's API.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use uuid::Uuid;
use wings_client::wire::files::{
    Entry, Fingerprints, PathFilter, Revision, Revisions, Search, SearchResults,
};

use super::Shared;
use super::answers::{Answer, known_server, refuse};
use super::files::{order, refused};
use crate::archive;
use crate::files::{PathError, glob};
use crate::world::SimServer;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    const FILES: &str = "/api/servers/{server}/files";
    config
        .route(&format!("{FILES}/search"), web::get().to(search_by_name))
        .route(&format!("{FILES}/search"), web::post().to(search))
        .route(
            &format!("{FILES}/fingerprints"),
            web::get().to(fingerprints),
        )
        .route(
            &format!("{FILES}/largest-directories"),
            web::get().to(largest_directories),
        )
        .route(&format!("{FILES}/revisions"), web::get().to(revisions))
        .route(
            &format!("{FILES}/revisions/{{id}}"),
            web::get().to(read_revision),
        );
}

#[derive(Deserialize)]
struct NameQuery {
    #[serde(default)]
    directory: String,
    #[serde(default)]
    pattern: String,
}

/// Pelican's: by name only, in a directory that it does not look for carefully.
async fn search_by_name(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<NameQuery>,
) -> Answer {
    let server = known_server(&core, &path)?;
    if query.pattern.len() < 3 {
        return Err(refuse(
            StatusCode::BAD_REQUEST,
            "Pattern must be at least 3 characters long",
        ));
    }
    let pattern = query.pattern.to_lowercase();
    let found = core.read_server(server, |server| server.files.walk(&query.directory));
    let Some(Ok(found)) = found else {
        return Ok(HttpResponse::Ok()
            .content_type("application/json")
            .body("{\"message\":\"Directory not found\"}[]"));
    };
    let matches = |entry: &Entry| {
        let name = entry
            .name
            .rsplit('/')
            .next()
            .unwrap_or(&entry.name)
            .to_lowercase();
        if pattern.contains(['*', '?']) {
            glob(&pattern, &name)
        } else {
            name.contains(&pattern)
        }
    };
    let found: Vec<Entry> = found.into_iter().filter(matches).collect();
    Ok(HttpResponse::Ok().json(found))
}

fn meets(filter: &PathFilter, path: &str) -> bool {
    let fold = |text: &str| {
        if filter.case_insensitive {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let path = fold(path);
    let any = |patterns: &[String]| patterns.iter().any(|pattern| glob(&fold(pattern), &path));
    (filter.include.is_empty() || any(&filter.include)) && !any(&filter.exclude)
}

fn contains(server: &SimServer, root: &str, entry: &Entry, search: &Search) -> bool {
    let Some(filter) = &search.content_filter else {
        return true;
    };
    let path = format!("{root}/{}", entry.name);
    let Ok(content) = server.files.read(&path) else {
        return false;
    };
    if content.len() as u64 > filter.max_search_size {
        return filter.include_unmatched;
    }
    let text = String::from_utf8_lossy(content);
    if filter.case_insensitive {
        text.to_lowercase().contains(&filter.query.to_lowercase())
    } else {
        text.contains(&filter.query)
    }
}

async fn search(
    core: Shared,
    path: web::Path<String>,
    request: HttpRequest,
    body: web::Bytes,
) -> Answer {
    let (server, search): (Uuid, Search) = order(&core, &path, &request, &body)?;
    let found = core
        .read_server(server, |server| {
            let all = server.files.walk(&search.root)?;
            let found = all.into_iter().filter(|entry| {
                entry.file
                    && search
                        .path_filter
                        .as_ref()
                        .is_none_or(|filter| meets(filter, &entry.name))
                    && search
                        .size_filter
                        .is_none_or(|filter| (filter.min..=filter.max).contains(&entry.size))
                    && contains(server, &search.root, entry, &search)
            });
            Ok(found.take(search.per_page as usize).collect::<Vec<_>>())
        })
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "path"))?;
    Ok(HttpResponse::Ok().json(SearchResults { results: found }))
}

/// Every algorithm gives a part of the SHA-256, as long as its own.
async fn fingerprints(core: Shared, path: web::Path<String>, request: HttpRequest) -> Answer {
    let server = known_server(&core, &path)?;
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.query_string().as_bytes())
            .into_owned()
            .collect();
    let value = |name: &str| {
        let pair = query.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.as_str())
    };
    let length = match value("algorithm") {
        Some("md5") => 32,
        Some("crc32" | "curseforge") => 8,
        Some("sha1") => 40,
        Some("sha224") => 56,
        Some("sha256" | "sha384" | "sha512") => 64,
        _ => return Err(refuse(StatusCode::BAD_REQUEST, "unknown algorithm")),
    };
    let mut answer = Fingerprints::default();
    for (_, file) in query.iter().filter(|(key, _)| key == "files") {
        let hash = core.read_server(server, |server| {
            server.files.read(file).map(archive::sha256).ok()
        });
        if let Some(hash) = hash.flatten() {
            let short = hash.get(..length).unwrap_or(&hash).to_owned();
            answer.fingerprints.insert(file.clone(), short);
        }
    }
    Ok(HttpResponse::Ok().json(answer))
}

async fn largest_directories(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<NameQuery>,
) -> Answer {
    let server = known_server(&core, &path)?;
    let mut found = core
        .read_server(server, |server| server.files.walk(&query.directory))
        .unwrap_or(Err(PathError::Missing))
        .map_err(|error| refused(&core, error, "path"))?;
    found.retain(|entry| entry.directory);
    found.sort_by_key(|entry| std::cmp::Reverse(entry.size));
    Ok(HttpResponse::Ok().json(found))
}

#[derive(Deserialize)]
struct RevisionQuery {
    file: String,
}

async fn revisions(
    core: Shared,
    path: web::Path<String>,
    query: web::Query<RevisionQuery>,
) -> Answer {
    let server = known_server(&core, &path)?;
    let kept = core.read_server(server, |server| {
        let kept = server.revisions.get(query.file.trim_matches('/'));
        kept.into_iter()
            .flatten()
            .map(|revision| Revision {
                id: revision.id,
                size: revision.content.len() as u64,
                stored_size: revision.content.len() as u64,
                user: revision.user,
                is_snapshot: true,
                created: revision.created.fixed_offset(),
            })
            .collect()
    });
    Ok(HttpResponse::Ok().json(Revisions {
        revisions: kept.unwrap_or_default(),
    }))
}

async fn read_revision(
    core: Shared,
    path: web::Path<(String, i64)>,
    query: web::Query<RevisionQuery>,
) -> Answer {
    let server = known_server(&core, &path.0)?;
    let content = core.read_server(server, |server| {
        let kept = server.revisions.get(query.file.trim_matches('/'))?;
        let revision = kept.iter().find(|revision| revision.id == path.1)?;
        Some(revision.content.clone())
    });
    content
        .flatten()
        .map(|content| HttpResponse::Ok().body(content))
        .ok_or_else(|| refuse(StatusCode::NOT_FOUND, "revision not found"))
}
