//! The machine of a Go daemon.

use reqwest::Method;

use super::{ByteStream, Call, NodeClient};
use crate::capability::Capability;
use crate::error::{Effect, Error};
use crate::wire::machine::{
    DetailedInformation, Diagnostics, DockerDisk, IpAddresses, MachineUtilization, PruneReport,
};

impl NodeClient {
    /// Docker and machine in detail. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on Calagopus, and as for every call.
    pub async fn detailed_information(&self) -> Result<DetailedInformation, Error> {
        self.require(Capability::DetailedInformation).await?;
        let request = self
            .request(Method::GET, &["api", "system"])
            .query(&[("v", "2")]);
        self.fetch(Call::read("detailed information"), request)
            .await
    }

    /// A report for people who help, as plain text. Repeatable.
    ///
    /// # Errors
    /// [`Error::LacksCapability`] on every daemon but Pelican, and as for every call.
    pub async fn diagnostics(&self, wanted: Diagnostics) -> Result<ByteStream, Error> {
        self.require(Capability::Diagnostics).await?;
        let request = self
            .request(Method::GET, &["api", "diagnostics"])
            .query(&wanted);
        self.stream(Call::stream("diagnostics"), request).await
    }

    /// Addresses of the machine. Repeatable.
    ///
    /// # Errors
    /// As for [`Self::diagnostics`].
    pub async fn ip_addresses(&self) -> Result<Vec<String>, Error> {
        self.require(Capability::IpAddresses).await?;
        let answer: IpAddresses = self
            .fetch(
                Call::probe("list addresses"),
                self.request(Method::GET, &["api", "system", "ips"]),
            )
            .await?;
        Ok(answer.ip_addresses.unwrap_or_default())
    }

    /// Load of the machine and its disks. Repeatable.
    ///
    /// # Errors
    /// As for [`Self::diagnostics`].
    pub async fn machine_utilization(&self) -> Result<MachineUtilization, Error> {
        self.require(Capability::MachineUtilization).await?;
        self.fetch(
            Call::probe("machine utilization"),
            self.request(Method::GET, &["api", "system", "utilization"]),
        )
        .await
    }

    /// What Docker keeps on the disk. Repeatable.
    ///
    /// # Errors
    /// As for [`Self::diagnostics`].
    pub async fn docker_disk(&self) -> Result<DockerDisk, Error> {
        self.require(Capability::DockerMaintenance).await?;
        self.fetch(
            Call::read("docker disk usage"),
            self.request(Method::GET, &["api", "system", "docker", "disk"]),
        )
        .await
    }

    /// Deletes images that no server uses. Repeatable.
    ///
    /// # Errors
    /// As for [`Self::diagnostics`].
    pub async fn prune_images(&self) -> Result<PruneReport, Error> {
        self.require(Capability::DockerMaintenance).await?;
        let path = ["api", "system", "docker", "image", "prune"];
        self.fetch(
            Call::long("prune images", Effect::Repeatable),
            self.request(Method::DELETE, &path),
        )
        .await
    }
}
