//! Rules for accounts.

use crate::validate::Invalid;

/// Characters a password must have where somebody chooses their own.
pub const MIN_PASSWORD: usize = 8;

/// Characters a password may have; more would only be work for the hash.
pub const MAX_PASSWORD: usize = 512;

/// Notes what is wrong with a user name: 3 to 15 of `A-Z a-z 0-9 _`.
pub fn check_username(field: &str, username: &str, invalid: &mut Invalid) {
    let ok = (3..=15).contains(&username.len())
        && username
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    invalid.require(
        ok,
        field,
        "must be 3 to 15 letters (a to z), digits or underscores",
    );
}

/// Notes what is wrong with an e-mail address: only what no mail server would take. Whether it exists shows when mail is sent.
pub fn check_email(field: &str, email: &str, invalid: &mut Invalid) {
    invalid.require(
        email.chars().count() <= 255,
        field,
        "must be at most 255 characters long",
    );
    invalid.require(
        is_email(email),
        field,
        "must be an e-mail address like name@example.com",
    );
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let odd = |c: char| {
        c.is_control() || c.is_whitespace() || matches!(c, '@' | '<' | '>' | '"' | ',' | ';' | '\\')
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    (1..=64).contains(&local.len()) && !local.contains(odd) && domain.split('.').all(label)
}

/// Notes what is wrong with a password that somebody chooses for themselves: 8 to 512 characters, of any kind.
pub fn check_password(field: &str, password: &str, invalid: &mut Invalid) {
    let ok = (MIN_PASSWORD..=MAX_PASSWORD).contains(&password.chars().count());
    invalid.require(
        ok,
        field,
        format!("must be {MIN_PASSWORD} to {MAX_PASSWORD} characters long"),
    );
}

/// Notes what is wrong with a password that an administrator sets: 1 to 512 characters, as the contract has it.
pub fn check_password_set_by_admin(field: &str, password: &str, invalid: &mut Invalid) {
    let ok = (1..=MAX_PASSWORD).contains(&password.chars().count());
    invalid.require(
        ok,
        field,
        format!("must be 1 to {MAX_PASSWORD} characters long"),
    );
}

/// The texts of an account. A `None` is not looked at: absent, or not to be changed.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserTexts<'a> {
    /// What the user signs in with; unique without regard to case.
    pub username: Option<&'a str>,
    /// Unique without regard to case.
    pub email: Option<&'a str>,
    /// First name.
    pub name_first: Option<&'a str>,
    /// Last name.
    pub name_last: Option<&'a str>,
    /// How another system calls the user; unique.
    pub external_id: Option<&'a str>,
    /// Language of the interface, like `en` or `pt-BR`.
    pub language: Option<&'a str>,
}

impl UserTexts<'_> {
    /// Notes everything that is wrong.
    pub fn check(&self, invalid: &mut Invalid) {
        if let Some(username) = self.username {
            check_username("username", username, invalid);
        }
        if let Some(email) = self.email {
            check_email("email", email, invalid);
        }
        if let Some(name) = self.name_first {
            invalid.name("name_first", name, 1..=255);
        }
        if let Some(name) = self.name_last {
            invalid.name("name_last", name, 1..=255);
        }
        if let Some(id) = self.external_id {
            invalid.name("external_id", id, 1..=255);
        }
        if let Some(language) = self.language {
            let ok = (2..=15).contains(&language.len())
                && language
                    .split(['-', '_'])
                    .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric()));
            invalid.require(ok, "language", "must be a language like en or pt-BR");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(check: impl FnOnce(&mut Invalid)) -> usize {
        let mut invalid = Invalid::new();
        check(&mut invalid);
        invalid.fields().len()
    }

    #[test]
    fn usernames() {
        for good in ["abc", "Player_1", "a23456789012345"] {
            assert_eq!(wrong(|i| check_username("username", good, i)), 0, "{good}");
        }
        for bad in [
            "",
            "ab",
            "a234567890123456",
            "a b c",
            "müller",
            "a.b",
            "abc\n",
        ] {
            assert_eq!(wrong(|i| check_username("username", bad, i)), 1, "{bad:?}");
        }
    }

    #[test]
    fn emails() {
        for good in [
            "a@b",
            "name+tag@example.com",
            "name@sub.example.co.uk",
            "o'neil@example.com",
            "jörg@münchen.de",
        ] {
            assert_eq!(wrong(|i| check_email("email", good, i)), 0, "{good}");
        }
        for bad in [
            "",
            "@",
            "a@",
            "@b",
            "a b@example.com",
            "a@b@c",
            "a@-b.com",
            "a@b..com",
            "a@b.com\nBcc: c@d.com",
            "<a@b.com>",
        ] {
            assert_eq!(wrong(|i| check_email("email", bad, i)), 1, "{bad:?}");
        }
        assert_eq!(
            wrong(|i| check_email("email", &format!("a@{}", "b.".repeat(150)), i)),
            2
        );
    }

    #[test]
    fn passwords() {
        assert_eq!(wrong(|i| check_password("password", "12345678", i)), 0);
        assert_eq!(wrong(|i| check_password("password", "1234567", i)), 1);
        assert_eq!(
            wrong(|i| check_password("password", &"ü".repeat(512), i)),
            0
        );
        assert_eq!(
            wrong(|i| check_password("password", &"ü".repeat(513), i)),
            1
        );
        assert_eq!(
            wrong(|i| check_password_set_by_admin("password", "1", i)),
            0
        );
        assert_eq!(wrong(|i| check_password_set_by_admin("password", "", i)), 1);
    }

    #[test]
    fn texts() {
        let good = UserTexts {
            username: Some("player"),
            email: Some("player@example.com"),
            name_first: Some("Ada"),
            name_last: Some("Example"),
            external_id: Some("7"),
            language: Some("pt-BR"),
        };
        assert_eq!(wrong(|i| good.check(i)), 0);
        let bad = UserTexts {
            username: Some("p"),
            email: Some("p"),
            name_first: Some(""),
            name_last: Some(" "),
            external_id: Some(""),
            language: Some("-"),
        };
        assert_eq!(wrong(|i| bad.check(i)), 6);
    }
}
