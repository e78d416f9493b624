//! A panel that knows no servers and takes every report: enough for nodes to boot.

use std::net::SocketAddr;

use actix_web::dev::ServerHandle;
use actix_web::http::Method;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use uuid::Uuid;
use wings_client::wire::config::{ApiConfig, NodeConfig, SystemConfig};
use wings_client::wire::remote::{PageMeta, ServerPage};

use crate::options::SimError;

/// A panel without servers, for crowds of nodes.
#[derive(Debug)]
pub struct EmptyPanel {
    address: SocketAddr,
    handle: ServerHandle,
}

impl EmptyPanel {
    /// Answers on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub fn start() -> Result<Self, SimError> {
        let failed = |source| SimError::Listen {
            address: "127.0.0.1:0".into(),
            source,
        };
        let server = HttpServer::new(|| App::new().default_service(web::to(answer)))
            .workers(1)
            .shutdown_timeout(0)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .map_err(failed)?;
        let address = server
            .addrs()
            .first()
            .copied()
            .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)));
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self { address, handle })
    }

    /// What a node of this panel is configured with.
    #[must_use]
    pub fn config(&self) -> NodeConfig {
        NodeConfig {
            debug: false,
            uuid: Uuid::nil(),
            token_id: "crowdcrowdcrowdc".into(),
            token: "crowd".into(),
            api: ApiConfig::default(),
            system: SystemConfig::default(),
            allowed_mounts: Vec::new(),
            remote: format!("http://{}", self.address),
            allowed_origins: Vec::new(),
        }
    }
}

impl Drop for EmptyPanel {
    fn drop(&mut self) {
        // The order to stop is given at once; nobody waits for its end.
        drop(self.handle.stop(false));
    }
}

async fn answer(request: HttpRequest) -> HttpResponse {
    if request.method() != Method::GET {
        return HttpResponse::NoContent().finish();
    }
    HttpResponse::Ok().json(ServerPage {
        data: Vec::new(),
        meta: PageMeta {
            current_page: 1,
            last_page: 1,
            total: 0,
            from: None,
            to: None,
            per_page: Some(50),
        },
    })
}
