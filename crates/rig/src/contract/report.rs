//! The result, for people and as JSON.

use std::fmt::{Display, Formatter};

use serde::Serialize;

use super::operations::Operations;

/// All groups, in the contract's order.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    groups: Vec<Group>,
}

/// What begins with the same two segments after `/api`.
#[derive(Debug, Serialize)]
struct Group {
    group: String,
    /// How many operations the contract has.
    operations: usize,
    /// How many of them are fulfilled.
    matching: usize,
    differences: Vec<Difference>,
}

#[derive(Debug, Serialize)]
struct Difference {
    /// Method and path with placeholders.
    operation: String,
    difference: String,
}

impl Report {
    pub(crate) fn of(operations: &Operations) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for operation in operations.iter() {
            let name = operation.group();
            let position = groups
                .iter()
                .position(|group| group.group == name)
                .unwrap_or_else(|| {
                    groups.push(Group {
                        group: name,
                        operations: 0,
                        matching: 0,
                        differences: Vec::new(),
                    });
                    groups.len() - 1
                });
            let group = &mut groups[position];
            group.operations += 1;
            group.matching += usize::from(operation.is_fulfilled());
            group
                .differences
                .extend(
                    operation
                        .differences()
                        .into_iter()
                        .map(|difference| Difference {
                            operation: format!("{} {}", operation.method, operation.path),
                            difference,
                        }),
                );
        }
        Self { groups }
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for group in &self.groups {
            for Difference {
                operation,
                difference,
            } in &group.differences
            {
                writeln!(formatter, "{operation}: {difference}")?;
            }
        }
        let width = self
            .groups
            .iter()
            .map(|group| group.group.len())
            .max()
            .unwrap_or_default();
        writeln!(formatter, "\n{:width$}  operations  matching", "group")?;
        for group in &self.groups {
            writeln!(
                formatter,
                "{:width$}  {:>10}  {:>8}",
                group.group, group.operations, group.matching
            )?;
        }
        let (operations, matching) = self.groups.iter().fold((0, 0), |sums, group| {
            (sums.0 + group.operations, sums.1 + group.matching)
        });
        writeln!(
            formatter,
            "{:width$}  {operations:>10}  {matching:>8}",
            "all"
        )
    }
}
