//! `sslmode` of a database URL, as libpq understands it.

use std::path::PathBuf;
use std::sync::Arc;

use diesel::ConnectionError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connect::InvalidUrl;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyFull,
}

/// What a URL says about encryption.
#[derive(Debug, Clone)]
pub(super) struct Encryption {
    mode: Option<Mode>,
    root_certificates: Option<PathBuf>,
}

/// Takes `sslmode` and `sslrootcert` out of `url`, since the driver knows neither `verify-full` nor files.
pub(super) fn take_ssl_options(url: &str) -> Result<(String, Encryption), InvalidUrl> {
    let mut encryption = Encryption {
        mode: None,
        root_certificates: None,
    };
    let Some((base, query)) = url.split_once('?') else {
        return Ok((url.to_owned(), encryption));
    };
    let mut kept = Vec::new();
    for parameter in query.split('&') {
        match parameter.split_once('=') {
            Some(("sslmode", mode)) => {
                encryption.mode = Some(match mode {
                    "disable" => Mode::Disable,
                    "allow" | "prefer" => Mode::Prefer,
                    "require" => Mode::Require,
                    // Checking the authority but not the name protects from nobody who can buy a certificate.
                    "verify-ca" | "verify-full" => Mode::VerifyFull,
                    other => {
                        return Err(InvalidUrl {
                            reason: format!(
                                "has sslmode={other}: give disable, prefer, require or verify-full"
                            ),
                        });
                    }
                });
            }
            Some(("sslrootcert", path)) => encryption.root_certificates = Some(path.into()),
            _ => kept.push(parameter),
        }
    }
    let url = if kept.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", kept.join("&"))
    };
    Ok((url, encryption))
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

impl Encryption {
    /// Where the URL says nothing: none on this machine, else whatever the server offers.
    pub(super) fn for_hosts(mut self, hosts: &[Host]) -> Result<Self, InvalidUrl> {
        let default = if hosts.iter().all(is_local) {
            Mode::Disable
        } else {
            Mode::Prefer
        };
        let mode = *self.mode.get_or_insert(default);
        if self.root_certificates.is_some() && mode != Mode::VerifyFull {
            return Err(InvalidUrl {
                reason: "has sslrootcert, which only sslmode=verify-full makes use of".to_owned(),
            });
        }
        Ok(self)
    }

    pub(super) fn driver_mode(&self) -> SslMode {
        match self.mode {
            None | Some(Mode::Disable) => SslMode::Disable,
            Some(Mode::Prefer) => SslMode::Prefer,
            Some(Mode::Require | Mode::VerifyFull) => SslMode::Require,
        }
    }

    /// What encrypts, or nothing where nothing is to be encrypted. Reads the certificates each time, so that replaced
    /// ones are picked up.
    pub(super) fn connector(&self) -> Result<Option<MakeRustlsConnect>, ConnectionError> {
        let bad = |reason: String| ConnectionError::BadConnection(reason);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match self.mode {
            None | Some(Mode::Disable) => return Ok(None),
            Some(Mode::Prefer | Mode::Require) => Arc::new(AnyCertificate(Arc::clone(&provider))),
            Some(Mode::VerifyFull) => {
                let roots = Arc::new(self.roots().map_err(bad)?);
                WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
                    .build()
                    .map_err(|error| bad(error.to_string()))?
            }
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Some(MakeRustlsConnect::new(config)))
    }

    fn roots(&self) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        if let Some(path) = &self.root_certificates {
            let unreadable = |error| format!("{}: {error}", path.display());
            for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                let certificate = certificate.map_err(unreadable)?;
                roots
                    .add(certificate)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
            }
        } else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        if roots.is_empty() {
            return Err("there is no root certificate to verify the database by".to_owned());
        }
        Ok(roots)
    }
}

/// `sslmode=require` encrypts and trusts whoever answers: managed databases commonly show certificates of an authority
/// of their own. `verify-full` is the mode that keeps out who sits in between.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_of(url: &str) -> Result<(String, SslMode), InvalidUrl> {
        let (url, encryption) = take_ssl_options(url)?;
        let config: tokio_postgres::Config = url.parse().expect("a URL");
        Ok((url, encryption.for_hosts(config.get_hosts())?.driver_mode()))
    }

    #[test]
    fn the_mode_comes_from_the_url_or_from_where_the_host_is() {
        let (url, mode) =
            mode_of("postgres://u@db.example/p?sslmode=verify-full&options=-cx").unwrap();
        assert_eq!(
            (url.as_str(), mode),
            ("postgres://u@db.example/p?options=-cx", SslMode::Require)
        );
        assert_eq!(
            mode_of("postgres://u@127.0.0.1/p").unwrap().1,
            SslMode::Disable
        );
        assert_eq!(
            mode_of("postgres://u@localhost/p?sslmode=require")
                .unwrap()
                .1,
            SslMode::Require
        );
        assert_eq!(
            mode_of("postgres://u@db.example/p").unwrap().1,
            SslMode::Prefer
        );
        assert!(mode_of("postgres://u@db.example/p?sslmode=sometimes").is_err());
        assert!(mode_of("postgres://u@db.example/p?sslrootcert=/x.pem").is_err());
    }
}
