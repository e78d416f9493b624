//! Which of a node's addresses a new server gets when nobody names them.

use serde::{Deserialize, Serialize};

use crate::validate::Invalid;

/// The most addresses that rules may ask for.
const MAX_ADDITIONAL: usize = 100;
/// How many primary addresses are tried.
const MAX_TRIES: usize = 100;

/// Rules by which addresses are chosen. All of a server's are of one IP address.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AddressRules {
    /// Whether no other server may have a port of the same IP address.
    pub dedicated: bool,
    /// The primary address; none without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<PrimaryRule>,
    /// More addresses.
    pub additional: Vec<AdditionalRule>,
}

/// How the primary address is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PrimaryRule {
    /// The lowest port.
    pub start_port: u16,
    /// The highest port.
    pub end_port: u16,
    /// The variable of the server that gets the port as its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assign_to_variable: Option<String>,
}

/// How one more address is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AdditionalRule {
    /// Which port.
    pub mode: PortRule,
    /// The variable of the server that gets the port as its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assign_to_variable: Option<String>,
}

/// Which port one more address has.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PortRule {
    /// Any.
    Random,
    /// One of these.
    Range {
        /// The lowest.
        start_port: u16,
        /// The highest.
        end_port: u16,
    },
    /// The primary one and so many more.
    AddPrimary {
        /// How many.
        value: u16,
    },
    /// The primary one less so many.
    SubtractPrimary {
        /// How many.
        value: u16,
    },
    /// So many times the primary one.
    MultiplyPrimary {
        /// How many.
        value: f64,
    },
    /// The primary one divided by this.
    DividePrimary {
        /// By what.
        value: f64,
    },
}

impl PortRule {
    const fn is_relative(self) -> bool {
        !matches!(self, Self::Random | Self::Range { .. })
    }

    fn takes(self, port: u16, primary: Option<u16>) -> bool {
        let rounded = |value: f64| (value.round() - f64::from(port)).abs() < 0.5;
        match (self, primary) {
            (Self::Random, _) => true,
            (
                Self::Range {
                    start_port,
                    end_port,
                },
                _,
            ) => (start_port..=end_port).contains(&port),
            (Self::AddPrimary { value }, Some(primary)) => primary.checked_add(value) == Some(port),
            (Self::SubtractPrimary { value }, Some(primary)) => {
                primary.checked_sub(value) == Some(port)
            }
            (Self::MultiplyPrimary { value }, Some(primary)) => rounded(f64::from(primary) * value),
            (Self::DividePrimary { value }, Some(primary)) => rounded(f64::from(primary) / value),
            (_, None) => false,
        }
    }
}

/// An address that no server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeAddress<T> {
    /// What it is called.
    pub id: T,
    /// Its IP address.
    pub ip: String,
    /// Its port.
    pub port: u16,
    /// Whether a server has another port of the IP address.
    pub shared: bool,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<T> {
    /// The primary address.
    pub primary: Option<T>,
    /// The others.
    pub additional: Vec<T>,
    /// Variables and their values.
    pub variables: Vec<(String, String)>,
}

impl AddressRules {
    /// One address, whichever it is.
    #[must_use]
    pub fn any() -> Self {
        Self {
            primary: Some(PrimaryRule {
                start_port: 1,
                end_port: u16::MAX,
                assign_to_variable: None,
            }),
            ..Self::default()
        }
    }

    /// Notes what is wrong with them.
    pub fn check(&self, invalid: &mut Invalid) {
        let in_order = |start: u16, end: u16| start > 0 && start <= end;
        if let Some(primary) = &self.primary {
            invalid.require(
                in_order(primary.start_port, primary.end_port),
                "primary",
                "must be ports from 1 on, the lower one first",
            );
        }
        invalid.require(
            self.additional.len() <= MAX_ADDITIONAL,
            "additional",
            format!("must be at most {MAX_ADDITIONAL} addresses"),
        );
        for (i, rule) in self.additional.iter().enumerate().take(MAX_ADDITIONAL) {
            let field = format!("additional.{i}.mode");
            let sensible = match rule.mode {
                PortRule::Range {
                    start_port,
                    end_port,
                } => in_order(start_port, end_port),
                PortRule::MultiplyPrimary { value } | PortRule::DividePrimary { value } => {
                    value.is_finite() && value > 0.0
                }
                _ => true,
            };
            invalid.require(sensible, &field, "must describe ports that there are");
            invalid.require(
                self.primary.is_some() || !rule.mode.is_relative(),
                &field,
                "must not refer to a primary address that is not asked for",
            );
        }
    }

    /// Chooses among addresses; the choice begins at `from` of them, whatever that is. `None`: there are none that fit.
    #[must_use]
    pub fn choose<T: Copy + PartialEq>(
        &self,
        free: &[FreeAddress<T>],
        from: usize,
    ) -> Option<Chosen<T>> {
        let dedicated = self.dedicated;
        let around = || {
            let (before, after) = free.split_at(from.checked_rem(free.len()).unwrap_or(0));
            after
                .iter()
                .chain(before)
                .filter(move |address| !(dedicated && address.shared))
        };
        let Some(rule) = &self.primary else {
            if self.additional.is_empty() {
                return self.complete("", None, around);
            }
            return around()
                .take(MAX_TRIES)
                .find_map(|address| self.complete(&address.ip, None, around));
        };
        around()
            .filter(|address| (rule.start_port..=rule.end_port).contains(&address.port))
            .take(MAX_TRIES)
            .find_map(|primary| self.complete(&primary.ip, Some(primary), around))
    }

    /// The other addresses beside this primary one.
    fn complete<'a, T, I>(
        &self,
        ip: &str,
        primary: Option<&'a FreeAddress<T>>,
        around: impl Fn() -> I,
    ) -> Option<Chosen<T>>
    where
        T: Copy + PartialEq + 'a,
        I: Iterator<Item = &'a FreeAddress<T>>,
    {
        let mut variables = Vec::new();
        let mut note = |variable: Option<&String>, port: u16| {
            if let Some(variable) = variable {
                variables.push((variable.clone(), port.to_string()));
            }
        };
        if let (Some(rule), Some(primary)) = (&self.primary, primary) {
            note(rule.assign_to_variable.as_ref(), primary.port);
        }
        let mut additional: Vec<T> = Vec::with_capacity(self.additional.len());
        for rule in &self.additional {
            let fitting = around().find(|address| {
                address.ip == ip
                    && primary.is_none_or(|primary| primary.id != address.id)
                    && !additional.contains(&address.id)
                    && rule
                        .mode
                        .takes(address.port, primary.map(|primary| primary.port))
            })?;
            note(rule.assign_to_variable.as_ref(), fitting.port);
            additional.push(fitting.id);
        }
        Some(Chosen {
            primary: primary.map(|primary| primary.id),
            additional,
            variables,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(addresses: &[(&str, u16, bool)]) -> Vec<FreeAddress<usize>> {
        addresses
            .iter()
            .enumerate()
            .map(|(id, (ip, port, shared))| FreeAddress {
                id,
                ip: (*ip).to_owned(),
                port: *port,
                shared: *shared,
            })
            .collect()
    }

    #[test]
    fn any_address_will_do() {
        let free = free(&[("a", 1, false), ("a", 2, false)]);
        let chosen = AddressRules::any().choose(&free, 3).unwrap();
        assert_eq!((chosen.primary, chosen.additional), (Some(1), vec![]));
        assert_eq!(AddressRules::any().choose::<usize>(&[], 3), None);
    }

    #[test]
    fn rules_find_what_lies_together() {
        let rules: AddressRules = serde_json::from_value(serde_json::json!({
            "dedicated": true,
            "primary": { "start_port": 25_000, "end_port": 26_000, "assign_to_variable": "PORT" },
            "additional": [
                { "mode": { "type": "add_primary", "value": 1 }, "assign_to_variable": "QUERY" },
                { "mode": { "type": "random" } },
            ],
        }))
        .unwrap();
        let mut invalid = Invalid::new();
        rules.check(&mut invalid);
        invalid.finish().unwrap();
        let addresses = free(&[
            ("shared", 25_000, true),
            ("shared", 25_001, true),
            ("shared", 25_002, true),
            ("own", 25_000, false),
            ("own", 25_002, false),
            ("own", 25_003, false),
            ("own", 30_000, false),
        ]);
        let chosen = rules.choose(&addresses, 0).unwrap();
        assert_eq!(chosen.primary, Some(4));
        assert_eq!(chosen.additional, [5, 3]);
        let value = |name: &str, port: &str| (name.to_owned(), port.to_owned());
        assert_eq!(
            chosen.variables,
            [value("PORT", "25002"), value("QUERY", "25003")]
        );
    }

    #[test]
    fn what_cannot_be_is_told() {
        let rules = AddressRules {
            additional: vec![AdditionalRule {
                mode: PortRule::AddPrimary { value: 1 },
                assign_to_variable: None,
            }],
            ..AddressRules::default()
        };
        let mut invalid = Invalid::new();
        rules.check(&mut invalid);
        assert_eq!(invalid.fields().len(), 1);
    }
}
