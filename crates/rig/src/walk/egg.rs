//! The egg of the walk: all it needs of its image is a shell.

use serde_json::{Value, json};

/// The line that means that the server is up.
const READY: &str = "The walk can begin";

/// Written as lines that each stand for themselves: an installer's shell may be the smallest there is.
const SCRIPT: &str = r#"#!/bin/sh
set -eu
cd /mnt/server
echo "Preparing the walk"
cat > walk.sh <<'END'
echo "The walk can begin"
while IFS= read -r line; do
    line=${line%$(printf '\r')}
    case "$line" in
        stop) exit 0 ;;
        say\ *) echo "[walk] ${line#say }" ;;
    esac
done
END
echo "The walk is prepared"
"#;

/// The egg as a file to import.
pub(super) fn egg(image: &str) -> Value {
    json!({
        "meta": { "version": "PTDL_v2", "update_url": null },
        "exported_at": "2026-11-01T00:00:00+00:00",
        "name": "Walk",
        "author": "walk@roost.invalid",
        "description": "A shell that answers.",
        "features": null,
        "docker_images": { "Shell": image },
        "file_denylist": [],
        "startup": "sh walk.sh",
        "config": {
            "files": "{}",
            "startup": json!({ "done": READY }).to_string(),
            "logs": "{}",
            "stop": "stop",
        },
        "scripts": { "installation": { "script": SCRIPT, "container": image, "entrypoint": "sh" } },
        "variables": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_prints_what_the_egg_waits_for() {
        let startup: Value =
            serde_json::from_str(egg("image")["config"]["startup"].as_str().unwrap()).unwrap();
        assert!(SCRIPT.contains(&format!("echo \"{}\"\n", startup["done"].as_str().unwrap())));
    }
}
