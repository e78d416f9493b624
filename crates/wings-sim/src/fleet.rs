//! Many simulated nodes in one process: one server answers for all of them, each under an address of its own of the loopback network.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::dev::ServerHandle;
use futures_util::{StreamExt, TryStreamExt};

use crate::core::Core;
use crate::http;
use crate::options::{SimError, SimOptions};
use crate::remote::http_client;
use crate::sim::WingsSim;

/// Nodes that boot at the same time.
const AT_ONCE: usize = 32;
/// Events a node of a fleet keeps for a socket that reads slowly.
const EVENTS: usize = 64;

/// Which simulator answers under which address.
#[derive(Debug, Clone)]
pub(crate) enum Stations {
    /// One under all of them.
    One(Arc<Core>),
    /// Each under its own.
    Many(Arc<RwLock<HashMap<IpAddr, Arc<Core>>>>),
}

impl Stations {
    pub(crate) fn of(core: &Arc<Core>) -> Self {
        Self::One(Arc::clone(core))
    }

    pub(crate) fn at(&self, address: IpAddr) -> Option<Arc<Core>> {
        match self {
            Self::One(core) => Some(Arc::clone(core)),
            Self::Many(cores) => cores
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .get(&address)
                .cloned(),
        }
    }

    pub(crate) fn open(&self, address: IpAddr, core: &Arc<Core>) {
        if let Self::Many(cores) = self {
            cores
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(address, Arc::clone(core));
        }
    }

    pub(crate) fn close(&self, address: IpAddr) {
        if let Self::Many(cores) = self {
            cores
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&address);
        }
    }
}

/// Simulated nodes that share a server, a port and the connections to the panel.
#[derive(Debug)]
pub struct Fleet {
    nodes: Vec<WingsSim>,
    server: ServerHandle,
}

/// A port that is held for a fleet which is not there yet, so that its nodes can be made with their addresses.
#[derive(Debug)]
pub struct FleetPort {
    listener: TcpListener,
    port: u16,
}

/// The address of a fleet's node by its number: in 127.64.0.0/10, which is this machine on Linux.
fn address_of(number: usize) -> IpAddr {
    const FIRST: u32 = 0x7f40_0001;
    let number = u32::try_from(number).unwrap_or(u32::MAX) & 0x003f_ffff;
    IpAddr::V4(Ipv4Addr::from(FIRST + number))
}

impl Fleet {
    /// Takes a port of the whole loopback network, without answering on it yet.
    ///
    /// # Errors
    /// When it cannot be listened on.
    pub fn bind() -> Result<FleetPort, SimError> {
        // Every address of the loopback network ends here; those of other networks find no node and are closed.
        let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let failed = |source| SimError::Listen {
            address: any.to_string(),
            source,
        };
        let listener = TcpListener::bind(any).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        Ok(FleetPort { listener, port })
    }

    /// The nodes, in the order of their options.
    #[must_use]
    pub fn nodes(&self) -> &[WingsSim] {
        &self.nodes
    }

    /// Ends all of them.
    pub async fn stop(self) {
        for node in &self.nodes {
            node.kill().await;
        }
        self.server.stop(false).await;
    }
}

impl FleetPort {
    /// Where the node of this number will answer.
    #[must_use]
    pub fn url(&self, number: usize) -> url::Url {
        crate::sim::url_of(SocketAddr::new(address_of(number), self.port))
    }

    /// Boots one node for each of the options; host and port in their configuration are not looked at.
    ///
    /// # Errors
    /// When the panel does not let one of them boot.
    pub async fn start(self, options: Vec<SimOptions>) -> Result<Fleet, SimError> {
        let stations = Stations::Many(Arc::new(RwLock::new(HashMap::new())));
        let server = http::serve(stations.clone(), self.listener, 2)?;
        let http = http_client()?;
        let booting = options.into_iter().enumerate().map(|(number, options)| {
            let (stations, http) = (stations.clone(), http.clone());
            let address = SocketAddr::new(address_of(number), self.port);
            async move {
                let options = SimOptions {
                    events: options.events.min(EVENTS),
                    ..options
                };
                let core = Core::new(options, Some(http))?;
                WingsSim::join(core, address, stations).await
            }
        });
        let nodes = futures_util::stream::iter(booting)
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(Fleet { nodes, server })
    }
}
