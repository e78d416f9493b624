//! Rules for mounts.

use crate::validate::Invalid;

/// Where a server's own files are in its container.
const OWN_FILES: &str = "/home/container";

/// Folders of a node that hold what no server may have: the daemons' configuration and the files of all servers.
const KEPT_BACK: [&str; 7] = [
    "/etc/pterodactyl",
    "/etc/pelican",
    "/var/lib/pterodactyl",
    "/var/lib/pelican",
    "/srv/daemon-data",
    // The one path is a link to the other on today's systems.
    "/run/docker.sock",
    "/var/run/docker.sock",
];

/// Notes what is wrong with a mount.
pub fn check(
    name: &str,
    description: Option<&str>,
    source: &str,
    target: &str,
    invalid: &mut Invalid,
) {
    invalid.name("name", name, 1..=255);
    if let Some(description) = description {
        invalid.text("description", description, 1..=1024);
    }
    folder("source", source, invalid);
    folder("target", target, invalid);
    let kept_back = KEPT_BACK
        .iter()
        .any(|kept| is_in(source, kept) || is_in(kept, source));
    invalid.require(
        !kept_back,
        "source",
        "must not be, hold or be in a folder of the daemon's own",
    );
    invalid.require(
        !is_in(target, OWN_FILES) && !is_in(OWN_FILES, target),
        "target",
        "must not be, hold or be in /home/container, where the server's own files are",
    );
}

/// An absolute path in its only form.
fn folder(field: &str, path: &str, invalid: &mut Invalid) {
    invalid.name(field, path, 1..=255);
    let parts = path.strip_prefix('/').map(|rest| rest.split('/'));
    let is_plain = parts.is_some_and(|mut parts| {
        parts.all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains(':'))
    });
    invalid.require(
        is_plain,
        field,
        "must be a path such as /srv/maps: from the root on, without . and .. and colons",
    );
}

/// Whether `path` is `folder` or in it.
fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(source: &str, target: &str) -> Vec<String> {
        let mut invalid = Invalid::new();
        check("Maps", Some("for all"), source, target, &mut invalid);
        invalid
            .fields()
            .iter()
            .map(|wrong| wrong.field.clone())
            .collect()
    }

    #[test]
    fn folders_are_plain_and_nobodys_secret() {
        assert!(wrong("/srv/maps", "/mnt/maps").is_empty());
        assert!(wrong("/etc/pterodactyl-maps", "/home/container2").is_empty());
        for source in [
            "maps",
            "/",
            "/srv/../etc",
            "/srv//maps",
            "/srv/maps/",
            "/a:b",
            "/a\nb",
        ] {
            assert!(
                wrong(source, "/mnt").contains(&"source".to_owned()),
                "{source}"
            );
        }
        for source in [
            "/etc/pterodactyl",
            "/etc",
            "/var/lib/pelican/volumes/x",
            "/var/run/docker.sock",
            "/run/docker.sock",
            "/run",
        ] {
            assert_eq!(wrong(source, "/mnt"), ["source"], "{source}");
        }
        for target in ["/home/container", "/home", "/home/container/plugins"] {
            assert_eq!(wrong("/srv/maps", target), ["target"], "{target}");
        }
    }
}
