//! Ports for processes that are stopped and started again on the same address.

use std::net::TcpListener;

use crate::Outcome;

/// Below the range from which systems take the ports of outgoing connections: one of these could sit on the port of a process that is
/// down for a moment.
const RANGE: std::ops::Range<u16> = 10_000..32_000;

/// Hands out ports of the loopback address that nobody listens on, each once.
#[derive(Debug)]
pub(crate) struct Ports {
    next: u16,
}

impl Ports {
    /// Begins at a place that differs between processes, so that two topologies seldom try the same ports.
    pub(crate) fn new() -> Self {
        let places = u32::from(RANGE.end - RANGE.start);
        let place = std::process::id().wrapping_mul(61) % places;
        Self {
            next: RANGE.start + u16::try_from(place).unwrap_or_default(),
        }
    }

    pub(crate) fn take(&mut self) -> Outcome<u16> {
        for _ in RANGE {
            let port = self.next;
            self.next = if port + 1 == RANGE.end {
                RANGE.start
            } else {
                port + 1
            };
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                return Ok(port);
            }
        }
        Err("no port of the loopback address is free".into())
    }
}
