//! Docker for a real daemon, and the image that its servers run in. Nothing is fetched from a registry.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::guard::{Guarded, Program};
use crate::packages;
use crate::shell::{self, command};

/// Its registry is this machine, where none answers: a daemon that tries to fetch it finds out at once and takes the copy that is here.
pub(super) const IMAGE: &str = "localhost/roost-walk:1";
const START_DEADLINE: Duration = Duration::from_secs(60);
/// What a daemon counts on: it mounts a server's files there and hands over the command in the environment.
const CHANGES: [&str; 3] = [
    "WORKDIR /home/container",
    "ENV PATH=/bin",
    r#"CMD ["/bin/sh", "-c", "cd /home/container && exec sh -c \"$STARTUP\""]"#,
];

/// Starts Docker's daemon when none runs. Its data are in `folder`.
pub(super) fn provide(folder: &Path) -> Outcome<Option<Guarded>> {
    if answers() {
        return Ok(None);
    }
    let program = packages::docker_daemon().ok_or("there is no dockerd (package docker.io)")?;
    println!("starting Docker's daemon");
    let at = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let command = [
        program.to_string_lossy().into_owned(),
        "--data-root".to_owned(),
        at("data"),
        "--exec-root".to_owned(),
        at("exec"),
        "--pidfile".to_owned(),
        at("docker.pid"),
    ];
    let mut docker = Guarded::start(&Program {
        command: &command,
        environment: &[],
        stop_signal: "TERM",
        log: folder.join("dockerd.log"),
        directory: None,
        user: None,
    })?;
    let deadline = Instant::now() + START_DEADLINE;
    while Instant::now() < deadline && docker.is_running() {
        if answers() {
            return Ok(Some(docker));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Err(format!(
        "Docker's daemon does not start, which takes root and a kernel with control groups, overlays and iptables:\n{}",
        docker.log()
    )
    .into())
}

/// Makes the image of the machine's own busybox, and sees that it runs.
pub(super) fn import_image(folder: &Path) -> Outcome {
    let busybox = packages::busybox().ok_or("there is no busybox (package busybox-static)")?;
    let root = folder.join("image");
    for place in [
        "bin",
        "etc",
        "home/container",
        "mnt/server",
        "mnt/install",
        "tmp",
    ] {
        std::fs::create_dir_all(root.join(place))?;
    }
    std::fs::copy(&busybox, root.join("bin/busybox"))?;
    let tools = shell::output(command(&busybox.to_string_lossy()).arg("--list"))?;
    for tool in tools.lines().filter(|tool| is_link(tool)) {
        std::os::unix::fs::symlink("busybox", root.join("bin").join(tool))?;
    }
    std::fs::write(
        root.join("etc/passwd"),
        "root:x:0:0:root:/:/bin/sh\ncontainer:x:988:988:container:/home/container:/bin/sh\n",
    )?;
    let archive = folder.join("image.tar");
    shell::run(
        command("tar")
            .arg("-C")
            .arg(&root)
            .arg("-cf")
            .arg(&archive)
            .arg("."),
    )?;
    let mut import = command("docker");
    import.arg("import");
    for change in CHANGES {
        import.args(["--change", change]);
    }
    shell::run(import.arg(&archive).arg(IMAGE).stdout(Stdio::null()))?;
    let mut probe = command("docker");
    probe.args(["run", "--rm", "--network", "none", IMAGE, "true"]);
    shell::run(&mut probe).map_err(|error| {
        format!(
            "no container runs in the image that was made of {}; it must need no library (package busybox-static): {error}",
            busybox.display()
        )
        .into()
    })
}

/// Whether a name of busybox's list becomes a link.
fn is_link(tool: &str) -> bool {
    !tool.is_empty() && tool != "busybox" && !tool.contains('/')
}

fn answers() -> bool {
    let mut info = command("docker");
    info.arg("info").stdout(Stdio::null()).stderr(Stdio::null());
    info.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_become_links_and_busybox_stays_itself() {
        let links: Vec<&str> = ["sh", "busybox", "", "../sh"]
            .into_iter()
            .filter(|tool| is_link(tool))
            .collect();
        assert_eq!(links, ["sh"]);
    }

    #[test]
    fn the_command_of_the_image_is_a_list() {
        let command = CHANGES[2].strip_prefix("CMD ").unwrap();
        let command: Vec<String> = serde_json::from_str(command).unwrap();
        assert_eq!(command[2], "cd /home/container && exec sh -c \"$STARTUP\"");
    }
}
