//! Rules for locations.

use crate::validate::Invalid;

/// Notes what is wrong with a location's texts; `flag` is a country's code of two letters.
pub fn check(name: &str, description: Option<&str>, flag: Option<&str>, invalid: &mut Invalid) {
    invalid.name("name", name, 1..=255);
    if let Some(description) = description {
        invalid.text("description", description, 1..=1024);
    }
    if let Some(flag) = flag {
        let ok = flag.len() == 2 && flag.bytes().all(|b| b.is_ascii_alphabetic());
        invalid.require(
            ok,
            "flag",
            "must be a country's code of two letters, like de",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_two_letters() {
        let fields = |flag| {
            let mut invalid = Invalid::new();
            check("Frankfurt", Some("by the river"), Some(flag), &mut invalid);
            invalid.fields().len()
        };
        assert_eq!(fields("de"), 0);
        assert_eq!(fields("d"), 1);
        assert_eq!(fields("d1"), 1);
        assert_eq!(fields("ü"), 1);
    }
}
