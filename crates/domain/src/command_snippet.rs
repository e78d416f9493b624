//! Rules for console commands that users keep under a name.

use std::collections::HashSet;

use uuid::Uuid;

use crate::validate::Invalid;

/// The most eggs a snippet may be for, when it is not for all.
pub const MAX_EGGS: usize = 100;

/// Notes what is wrong with the name of a snippet.
pub fn check_name(name: &str, invalid: &mut Invalid) {
    invalid.name("name", name, 1..=31);
}

/// Notes what is wrong with a command: a node sends it as one line.
pub fn check_command(command: &str, invalid: &mut Invalid) {
    invalid.require(
        (1..=1024).contains(&command.chars().count()),
        "command",
        "must have 1 to 1024 characters",
    );
    invalid.require(
        !command.contains(['\n', '\r', '\0']),
        "command",
        "must be a single line",
    );
}

/// The eggs, each once. Notes when they are too many.
pub fn check_eggs(eggs: &[Uuid], invalid: &mut Invalid) -> Vec<Uuid> {
    invalid.require(
        eggs.len() <= MAX_EGGS,
        "eggs",
        format!("must be at most {MAX_EGGS}"),
    );
    let mut seen = HashSet::new();
    eggs.iter()
        .take(MAX_EGGS)
        .copied()
        .filter(|egg| seen.insert(*egg))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line() {
        let mut invalid = Invalid::new();
        check_name("save", &mut invalid);
        check_command("say \u{a7}ahello", &mut invalid);
        assert!(invalid.is_empty());
        for bad in ["", "a\nb", "a\0", &"a".repeat(1025)] {
            let mut invalid = Invalid::new();
            check_command(bad, &mut invalid);
            assert!(!invalid.is_empty(), "{bad:?}");
        }
    }

    #[test]
    fn an_egg_counts_once() {
        let mut invalid = Invalid::new();
        let [one, other] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        assert_eq!(check_eggs(&[other, one, other], &mut invalid), [other, one]);
        check_eggs(&vec![one; 101], &mut invalid);
        assert_eq!(invalid.fields().len(), 1);
    }
}
