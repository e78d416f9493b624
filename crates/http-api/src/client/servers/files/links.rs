//! Links to download from a node and upload to it.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, get, web};
use panel_api_types::file::{ArchiveFormat, DownloadQuery, SignedLink};
use panel_domain::id::ServerRef;
use panel_domain::validate::Invalid;
use panel_service::files;
use serde_json::Value;
use std::future::{Ready, ready};

use crate::error::{Answer, BadRequest, Failure};
use crate::extract::{Caller, Path};
use crate::present;

/// The query of a download, in which a parameter comes once for each file.
pub(crate) struct Wanted(DownloadQuery);

impl FromRequest for Wanted {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self).map_err(Into::into))
    }
}

fn read(query: &str) -> Result<DownloadQuery, BadRequest> {
    let bad = |field: &str, message: &str| BadRequest::Malformed(Invalid::of(field, message));
    let mut wanted = DownloadQuery {
        root: "/".to_owned(),
        files: Vec::new(),
        directory: false,
        archive_format: ArchiveFormat::default(),
    };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "root" => wanted.root = value.into_owned(),
            "files" | "files[]" => wanted.files.push(value.into_owned()),
            // As the older clients ask for a single file.
            "file" if wanted.files.is_empty() => wanted.files.push(value.into_owned()),
            "directory" => {
                wanted.directory = value
                    .parse()
                    .map_err(|_| bad("directory", "must be true or false"))?;
            }
            "archive_format" => {
                wanted.archive_format = serde_json::from_value(Value::from(&*value))
                    .map_err(|_| bad("archive_format", "must be a format such as tar_gz"))?;
            }
            _ => {}
        }
    }
    Ok(wanted)
}

/// Get a link to download files by
///
/// Several files, or a directory, are packed on the way, where the node can. The link is good for a quarter of an hour at most, on some
/// nodes for a single use.
#[utoipa::path(
    params(DownloadQuery),
    responses((status = 200, description = "The link.", body = SignedLink))
)]
#[get("/servers/{server}/files/download")]
pub(crate) async fn download(
    caller: Caller,
    Path(server): Path<ServerRef>,
    Wanted(query): Wanted,
) -> Answer<web::Json<SignedLink>> {
    let input = files::DownloadFiles {
        root: query.root,
        files: query.files,
        is_directory: query.directory,
        format: present::files::format(query.archive_format),
    };
    let url = files::download(&caller, server, input).await?;
    Ok(web::Json(SignedLink { url: url.into() }))
}

/// Get a link to upload files by
///
/// Files are sent there as a form with the field `files`; the directory is added as the parameter `directory`. The link is good for a
/// quarter of an hour at most, on some nodes for a single use.
#[utoipa::path(responses((status = 200, description = "The link.", body = SignedLink)))]
#[get("/servers/{server}/files/upload")]
pub(crate) async fn upload(
    caller: Caller,
    Path(server): Path<ServerRef>,
) -> Answer<web::Json<SignedLink>> {
    let url = files::upload(&caller, server).await?;
    Ok(web::Json(SignedLink { url: url.into() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_may_come_several_times() {
        let query = read("root=%2Fworld&files=a%20b&files=c&archive_format=tar_zstd").unwrap();
        assert_eq!((&*query.root, query.directory), ("/world", false));
        assert_eq!(query.files, ["a b", "c"]);
        assert_eq!(query.archive_format, ArchiveFormat::TarZstd);
        assert_eq!(read("file=%2Fa.txt").unwrap().files, ["/a.txt"]);
        assert!(read("directory=maybe").is_err());
        assert!(read("archive_format=rar").is_err());
    }
}
