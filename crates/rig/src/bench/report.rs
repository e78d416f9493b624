//! Everything that was measured, and which bounds it misses.

use panel_rig::growth::Growth;
use serde::Serialize;

use super::memory::Memory;
use super::pairs::{Compared, Endpoint};
use super::rates::Rates;

/// The result, as it is written.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// The panel's share of the bare handler's rate: the lower of the medians at each number of connections.
    ratio_to_limit: Ratios,
    /// The same without the cache inside the process. No bound.
    ratio_without_local_tier: Ratios,
    /// All that was compared.
    compared: Vec<Compared>,
    /// How answers slow down as an installation grows.
    pub(crate) growth: Option<Growth>,
    /// What is never cached.
    pub(crate) per_second: Option<Rates>,
    /// The memory of a server.
    pub(crate) memory_mib: Option<Memory>,
}

#[derive(Debug, Default, Serialize)]
struct Ratios {
    settings: Option<f64>,
    account: Option<f64>,
    server_list: Option<f64>,
}

impl Ratios {
    fn of(&mut self, endpoint: Endpoint) -> &mut Option<f64> {
        match endpoint {
            Endpoint::Settings => &mut self.settings,
            Endpoint::Account => &mut self.account,
            Endpoint::ServerList => &mut self.server_list,
        }
    }
}

/// The least share of the limit that is accepted.
const RATIOS: [(Endpoint, f64); 3] = [
    (Endpoint::Settings, 0.85),
    (Endpoint::Account, 0.65),
    (Endpoint::ServerList, 0.45),
];

impl Report {
    /// Takes in what was compared.
    pub(crate) fn add(&mut self, endpoint: Endpoint, local_tier: bool, compared: Compared) {
        let ratios = if local_tier {
            &mut self.ratio_to_limit
        } else {
            &mut self.ratio_without_local_tier
        };
        let ratio = ratios.of(endpoint);
        *ratio = Some(ratio.map_or(compared.ratio, |known| known.min(compared.ratio)));
        self.compared.push(compared);
    }

    /// The bounds that are missed, each with what was measured. What was not measured misses none.
    pub(crate) fn missed(&self) -> Vec<String> {
        let mut missed = Vec::new();
        for (endpoint, least) in RATIOS {
            let ratio = match endpoint {
                Endpoint::Settings => self.ratio_to_limit.settings,
                Endpoint::Account => self.ratio_to_limit.account,
                Endpoint::ServerList => self.ratio_to_limit.server_list,
            };
            if let Some(ratio) = ratio.filter(|ratio| *ratio < least) {
                missed.push(format!(
                    "{}: {ratio:.3} of the limit, wanted {least}",
                    endpoint.name()
                ));
            }
        }
        for compared in &self.compared {
            if compared.failed() > 0 {
                missed.push(format!("{} requests failed", compared.failed()));
            }
        }
        if let Some(rates) = self.per_second.as_ref().filter(|rates| rates.failed() > 0) {
            missed.push(format!("{} requests failed", rates.failed()));
        }
        if let Some(memory) = &self.memory_mib {
            for (name, found, most) in [
                ("at rest", memory.idle, 32.0),
                ("under load", memory.loaded, 64.0),
                ("after it", memory.after, 40.0),
            ] {
                if found > most {
                    missed.push(format!("memory {name}: {found:.1} MiB, wanted {most}"));
                }
            }
        }
        if let Some(growth) = &self.growth {
            missed.extend(growth.missed());
        }
        missed
    }
}
