//! Archives in S3 buckets: signed addresses for those who move the bytes, and what the panel itself does there. No archive passes
//! through the panel.
//!
//! Everything is asked with the time that the caller gives, since a signature holds for a while from then on.

mod error;

use std::time::Duration;

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use reqwest::{Method, Response, StatusCode, header, redirect};
use rusty_s3::actions::{
    CompleteMultipartUploadResponse, CreateMultipartUpload, ListParts, S3Action,
};
use rusty_s3::{Bucket, Credentials, UrlStyle};
use url::Url;

pub use error::Error;

/// How long a request of the panel's own may take. Putting the parts of a large archive together takes a store minutes.
const PATIENCE: Duration = Duration::from_secs(180);

/// How long the signature of a request of the panel's own holds.
const AT_ONCE: Duration = Duration::from_secs(300);

/// What the daemons in Go want an archive to be called when they fetch it.
const CONTENT_TYPE: &str = "application/x-gzip";

/// How stores are called. Cheap to clone; one for each process.
#[derive(Debug, Clone)]
pub struct Stores {
    http: reqwest::Client,
}

/// A bucket and the key to it.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Where the store answers, `https://..`.
    pub endpoint: &'a str,
    /// The bucket.
    pub bucket: &'a str,
    /// Its region.
    pub region: &'a str,
    /// Whether the bucket stands in the path instead of the host.
    pub path_style: bool,
    /// Public half of the key.
    pub access_key: &'a str,
    /// Secret half of the key.
    pub secret_key: &'a str,
}

/// A bucket that can be asked.
pub struct Store {
    http: reqwest::Client,
    bucket: Bucket,
    credentials: Credentials,
}

/// An upload in parts that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// Name of the object.
    pub key: &'a str,
    /// The store's name of the upload.
    pub id: &'a str,
}

/// A part that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u16,
    /// What the store called it, with its quotes.
    pub etag: String,
    /// Bytes.
    pub size: u64,
}

impl Stores {
    /// A client for stores.
    ///
    /// # Errors
    /// [`Error::Setup`] when TLS cannot be set up on this machine.
    pub fn new() -> Result<Self, Error> {
        // Whoever was first in this process has installed the same one.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            drop(rustls::crypto::ring::default_provider().install_default());
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")))
            // A signature is made for one address.
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(PATIENCE)
            .build()
            .map_err(Error::Setup)?;
        Ok(Self { http })
    }

    /// The bucket at this place. Nothing is asked yet.
    ///
    /// # Errors
    /// [`Error::Place`] when the address is none.
    pub fn open(&self, place: Place<'_>) -> Result<Store, Error> {
        let endpoint = Url::parse(place.endpoint).map_err(|e| Error::Place(e.to_string()))?;
        let style = if place.path_style {
            UrlStyle::Path
        } else {
            UrlStyle::VirtualHost
        };
        let bucket = Bucket::new(
            endpoint,
            style,
            place.bucket.to_owned(),
            place.region.to_owned(),
        )
        .map_err(|e| Error::Place(e.to_string()))?;
        Ok(Store {
            http: self.http.clone(),
            bucket,
            credentials: Credentials::new(place.access_key, place.secret_key),
        })
    }
}

/// As the signer has it. A time that it does not know is one at which nothing holds.
fn time(now: DateTime<Utc>) -> Timestamp {
    Timestamp::new(now.timestamp(), 0).unwrap_or_default()
}

impl Store {
    /// Begins an upload in parts and gives the store's name of it.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn begin(&self, key: &str, now: DateTime<Utc>) -> Result<String, Error> {
        let mut action = CreateMultipartUpload::new(&self.bucket, Some(&self.credentials), key);
        action.headers_mut().insert("content-type", CONTENT_TYPE);
        let url = action.sign_with_time(AT_ONCE, &time(now));
        let request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, CONTENT_TYPE);
        let text = succeeded(request.send().await?).await?;
        let begun = CreateMultipartUpload::parse_response(&text)
            .map_err(|e| Error::Answer(e.to_string()))?;
        Ok(begun.upload_id().to_owned())
    }

    /// Where a part of an upload is to be PUT, for so long. What kind of content it is called is not signed: daemons differ in it.
    #[must_use]
    pub fn part_url(
        &self,
        upload: Upload<'_>,
        number: u16,
        now: DateTime<Utc>,
        lifetime: Duration,
    ) -> Url {
        self.bucket
            .upload_part(Some(&self.credentials), upload.key, number, upload.id)
            .sign_with_time(lifetime, &time(now))
    }

    /// From where an object can be fetched, for so long; a browser saves it under `name`.
    #[must_use]
    pub fn download_url(
        &self,
        key: &str,
        name: Option<&str>,
        now: DateTime<Utc>,
        lifetime: Duration,
    ) -> Url {
        let mut action = self.bucket.get_object(Some(&self.credentials), key);
        if let Some(name) = name {
            let disposition = format!("attachment; filename=\"{name}\"");
            action
                .query_mut()
                .insert("response-content-disposition", disposition);
        }
        action.sign_with_time(lifetime, &time(now))
    }

    /// The parts of an upload that have arrived, in their order. `None`: there is no such upload (any more).
    ///
    /// # Errors
    /// [`Error`].
    pub async fn parts(
        &self,
        upload: Upload<'_>,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<Part>>, Error> {
        let mut parts = Vec::new();
        let mut after = None;
        loop {
            let mut action =
                ListParts::new(&self.bucket, Some(&self.credentials), upload.key, upload.id);
            if let Some(after) = after {
                action.set_part_number_marker(after);
            }
            let url = action.sign_with_time(AT_ONCE, &time(now));
            let answer = self.http.get(url).send().await?;
            if answer.status() == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            let text = succeeded(answer).await?;
            let page =
                ListParts::parse_response(&text).map_err(|e| Error::Answer(e.to_string()))?;
            parts.extend(page.parts.into_iter().map(|part| Part {
                number: part.number,
                etag: part.etag,
                size: part.size,
            }));
            match page.next_part_number_marker {
                // A store that repeats itself would be asked for ever.
                Some(next) if next > 0 && Some(next) > after => after = Some(next),
                _ => break,
            }
        }
        parts.sort_by_key(|part| part.number);
        Ok(Some(parts))
    }

    /// Puts the parts of an upload together; `etags` are those of the parts 1, 2, and so on. `false`: there is no such upload (any more), maybe
    /// because this was done before.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn complete(
        &self,
        upload: Upload<'_>,
        etags: &[String],
        now: DateTime<Utc>,
    ) -> Result<bool, Error> {
        let action = self.bucket.complete_multipart_upload(
            Some(&self.credentials),
            upload.key,
            upload.id,
            etags.iter().map(String::as_str),
        );
        let url = action.sign_with_time(AT_ONCE, &time(now));
        let answer = self.http.post(url).body(action.body()).send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        // A store may answer 200 before it knows, and say in the body that it failed.
        let text = succeeded(answer).await?;
        put_together(&text)?;
        Ok(true)
    }

    /// Forgets an upload and what has arrived of it. That it is not there is fine.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn abort(&self, upload: Upload<'_>, now: DateTime<Utc>) -> Result<(), Error> {
        let action =
            self.bucket
                .abort_multipart_upload(Some(&self.credentials), upload.key, upload.id);
        let url = action.sign_with_time(AT_ONCE, &time(now));
        self.end(url).await
    }

    /// Bytes of an object; `None`: there is none.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn size(&self, key: &str, now: DateTime<Utc>) -> Result<Option<u64>, Error> {
        let url = self
            .bucket
            .head_object(Some(&self.credentials), key)
            .sign_with_time(AT_ONCE, &time(now));
        let answer = self.http.head(url).send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let size = answer
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|size| size.to_str().ok()?.parse().ok());
        succeeded(answer).await?;
        size.map(Some)
            .ok_or_else(|| Error::Answer("the store does not say how large an object is".into()))
    }

    /// Deletes an object. That it is not there is fine.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn delete(&self, key: &str, now: DateTime<Utc>) -> Result<(), Error> {
        let action = self.bucket.delete_object(Some(&self.credentials), key);
        let url = action.sign_with_time(AT_ONCE, &time(now));
        self.end(url).await
    }

    async fn end(&self, url: Url) -> Result<(), Error> {
        let answer = self.http.request(Method::DELETE, url).send().await?;
        if answer.status() != StatusCode::NOT_FOUND {
            succeeded(answer).await?;
        }
        Ok(())
    }
}

/// The body of an answer that is a success.
async fn succeeded(answer: Response) -> Result<String, Error> {
    let status = answer.status();
    let text = answer.text().await?;
    if status.is_success() {
        return Ok(text);
    }
    Err(Error::Refused {
        status: status.as_u16(),
        detail: detail_of(&text),
    })
}

/// Whether the body of an answer that began as a success says that the parts were put together.
fn put_together(text: &str) -> Result<(), Error> {
    match CompleteMultipartUploadResponse::parse(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::Unfinished {
            code: element(text, "Code").unwrap_or_default().to_owned(),
            detail: detail_of(text),
        }),
    }
}

/// What a store says is wrong, as far as that fits a line.
fn detail_of(text: &str) -> String {
    let said = element(text, "Message").or_else(|| element(text, "Code"));
    said.unwrap_or_default().chars().take(200).collect()
}

/// The text in the first element of this name.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let from = text.split_once(&format!("<{name}>"))?.1;
    Some(from.split_once(&format!("</{name}>"))?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: &str) -> Error {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>Because of {code}.</Message></Error>"
        );
        put_together(&text).unwrap_err()
    }

    /// A store answers 200 before it has put the parts together: what it says then decides, and what passes is asked for again.
    #[test]
    fn a_failure_inside_a_success_is_one_and_may_pass() {
        let done = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CompleteMultipartUploadResult \
                    xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><ETag>&quot;3858f62230ac3c915f300c664312c11f-9&quot;</ETag>\
                    </CompleteMultipartUploadResult>";
        assert!(put_together(done).is_ok());
        for code in ["InternalError", "SlowDown", "ServiceUnavailable"] {
            assert!(failed(code).is_passing(), "{code}");
        }
        for code in ["InvalidPart", "EntityTooSmall", "NoSuchUpload", ""] {
            assert!(!failed(code).is_passing(), "{code}");
        }
        assert_eq!(
            failed("InvalidPart").to_string(),
            "the store could not end what it had begun: Because of InvalidPart."
        );
        assert!(!put_together("").unwrap_err().is_passing());
    }
}
