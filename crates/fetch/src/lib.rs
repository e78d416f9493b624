//! Fetches what somebody names an address of, without becoming their way into networks they cannot reach.
//!
//! The panel stands where its database, its nodes and the cloud's metadata service can be reached. So an address
//! that a person gives is looked up here, every address it stands for is held against the networks the operator
//! blocks, and the connection is made to one of those very addresses: a name that means something else a moment
//! later changes nothing. Redirects are followed by hand and held to the same rules, proxies of the environment
//! are not used, and an answer that is too large or too slow ends the request.

mod blocked;
mod error;
mod resolve;

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::{Response, header, redirect};
use url::{Host, Url};

pub use blocked::Blocked;
pub use error::Error;
use resolve::Guarded;

/// How often an answer may point elsewhere.
const MOST_REDIRECTS: usize = 5;

/// What one fetch may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the answer's body.
    pub bytes: usize,
    /// From the look-up of the name to the last byte, all redirects together.
    pub time: Duration,
}

/// Fetches from addresses that people give.
#[derive(Debug, Clone)]
pub struct Fetcher {
    http: reqwest::Client,
    blocked: Arc<Blocked>,
}

impl Fetcher {
    /// A fetcher that never connects to an address in one of these networks.
    ///
    /// # Errors
    /// [`Error::Setup`] when TLS cannot be set up on this machine.
    pub fn new(blocked: &[IpNet]) -> Result<Self, Error> {
        install_tls_provider();
        let blocked = Arc::new(Blocked::new(blocked));
        let http = reqwest::Client::builder()
            .user_agent(concat!("Roost/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Guarded(Arc::clone(&blocked)))
            .redirect(redirect::Policy::none())
            // Behind a proxy it would be the proxy that looks up names, by its own rules.
            .no_proxy()
            // Nothing is asked of one host often enough to keep a connection open to it.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(Error::Setup)?;
        Ok(Self { http, blocked })
    }

    /// The body of what an `http` or `https` address answers with.
    ///
    /// # Errors
    /// [`Error`]: the address is none that may be fetched, nobody answered in time, or the answer is no success or
    /// too large.
    pub async fn get(&self, url: &Url, limits: Limits) -> Result<Vec<u8>, Error> {
        tokio::time::timeout(limits.time, self.follow(url, limits.bytes))
            .await
            .map_err(|_| Error::TooSlow { limit: limits.time })?
    }

    async fn follow(&self, url: &Url, most: usize) -> Result<Vec<u8>, Error> {
        let mut url = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            self.check(&url)?;
            let answer = self.http.get(url.clone()).send().await?;
            let status = answer.status();
            if status.is_redirection() {
                url = next(&url, &answer)?;
                continue;
            }
            if !status.is_success() {
                return Err(Error::Status(status.as_u16()));
            }
            return body(answer, most).await;
        }
        Err(Error::TooManyRedirects {
            limit: MOST_REDIRECTS,
        })
    }

    /// Whether an address may be asked at all. Names are held against the networks when they are looked up; what
    /// is an IP address already is never looked up, so it is checked here.
    fn check(&self, url: &Url) -> Result<(), Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::Credentials);
        }
        let blocked = match url.host() {
            Some(Host::Ipv4(address)) => self.blocked.contains(address.into()),
            Some(Host::Ipv6(address)) => self.blocked.contains(address.into()),
            Some(Host::Domain(_)) => false,
            None => return Err(Error::NoHost),
        };
        if blocked { Err(Error::Blocked) } else { Ok(()) }
    }
}

/// Where an answer points to.
fn next(url: &Url, answer: &Response) -> Result<Url, Error> {
    let target = answer
        .headers()
        .get(header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| url.join(text).ok())
        .ok_or(Error::BadRedirect)?;
    if url.scheme() == "https" && target.scheme() == "http" {
        return Err(Error::Downgrade);
    }
    Ok(target)
}

async fn body(mut answer: Response, most: usize) -> Result<Vec<u8>, Error> {
    let too_large = Error::TooLarge { limit: most };
    if answer
        .content_length()
        .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > most))
    {
        return Err(too_large);
    }
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if bytes.len() + piece.len() > most {
            return Err(too_large);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// ring, unless the process has chosen a provider already.
fn install_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been quicker; then its provider serves as well.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
    }
}

#[cfg(test)]
mod tests;
