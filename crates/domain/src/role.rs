//! Rules for roles.

use crate::validate::Invalid;

/// Notes what is wrong with a role's texts.
pub fn check(name: &str, description: Option<&str>, invalid: &mut Invalid) {
    invalid.name("name", name, 1..=255);
    if let Some(description) = description {
        invalid.text("description", description, 1..=1024);
    }
}
