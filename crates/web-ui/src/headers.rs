//! Headers of pages and their files.

use actix_web::HttpRequest;

/// Files with a hash in their name never change.
pub(crate) const FOREVER: &str = "public, max-age=31536000, immutable";
/// Everything else is asked for again, and answered with 304 while it is the same.
pub(crate) const REVALIDATE: &str = "no-cache";

/// The content security policy of a page. Scripts come from the panel alone. Styles may be inline: the component kit
/// and the terminal write style elements. The console talks to nodes, whose addresses are data, so any host may be
/// connected to by WebSocket, without encryption only where the panel itself has none.
pub(crate) fn content_security_policy(request: &HttpRequest) -> String {
    let nodes = if request.connection_info().scheme() == "https" {
        "https: wss:"
    } else {
        "http: https: ws: wss:"
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; \
         img-src 'self' data:; connect-src 'self' {nodes}; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}
