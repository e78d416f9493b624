//! The parts of a file that differ most between the formats: version, pictures, images, startup commands and
//! the install script.

use indexmap::IndexMap;
use serde_json::Value;

use super::document::{Node, NodeMap};
use super::fields::{self, Notes, below};
use super::{Format, ImportError};
use crate::model::{Family, InstallScript, Source};

/// The label of a startup command from a format that knows only one.
pub(crate) const DEFAULT_LABEL: &str = "Default";

pub(super) struct Meta {
    pub(super) format: Format,
    pub(super) update_url: Option<String>,
}

/// Recognises the format. Files of Calagopus carry neither `meta` nor a version; their shape decides.
pub(super) fn meta(
    root: &mut NodeMap,
    source: &mut Source,
    notes: &mut Notes,
) -> Result<Meta, ImportError> {
    let mut meta = match root.shift_remove("meta") {
        Some(Node::Map(meta)) => meta,
        Some(node) if !node.is_vacant() => {
            return Err(ImportError::NotAnEgg {
                reason: "its `meta` is not an object".to_owned(),
            });
        }
        _ => NodeMap::new(),
    };
    let format = match fields::optional_text(&mut meta, "version", "/meta", notes) {
        Some(version) => match Format::from_version(version.trim()) {
            Some(format) => format,
            None => {
                return Err(ImportError::UnknownVersion {
                    version: version.chars().take(40).collect(),
                });
            }
        },
        None if root.contains_key("startup_commands") && root.contains_key("docker_images") => {
            Format::Native
        }
        None => {
            return Err(ImportError::NotAnEgg {
                reason:
                    "it has no `meta.version`, and not both `docker_images` and `startup_commands`"
                        .to_owned(),
            });
        }
    };
    let update_url = fields::optional_text(&mut meta, "update_url", "/meta", notes);
    fields::keep_unknown(meta, "/meta", source, notes);
    Ok(Meta { format, update_url })
}

/// The picture: `icon`, or `image` where that is a data URI. (In old files `image` is a container image.)
pub(super) fn icon(root: &mut NodeMap, format: Format, notes: &mut Notes) -> Option<String> {
    let icon = fields::optional_text(root, "icon", "", notes).filter(|icon| !icon.is_empty());
    let has_picture = match root.get("image") {
        Some(Node::Text(text)) => text.starts_with("data:"),
        Some(Node::Null) => format.family() == Family::Pelican,
        _ => false,
    };
    if !has_picture {
        return icon;
    }
    let image = fields::optional_text(root, "image", "", notes);
    if icon.is_some() && image.is_some() {
        notes.dropped("/image", "The file has two pictures; `icon` is used.");
    }
    icon.or(image)
}

/// The container images, the default one first.
pub(super) fn images(
    root: &mut NodeMap,
    format: Format,
    notes: &mut Notes,
) -> IndexMap<String, String> {
    let mut images = IndexMap::new();
    if format == Format::PterodactylV1 {
        if root.shift_remove("docker_images").is_some() {
            notes.dropped(
                "/docker_images",
                "Files of version PTDL_v1 have no such map; `images` counts.",
            );
        }
        if !old_images(root, &mut images, notes) {
            notes.dropped("/images", "The file names no container image.");
        }
        return images;
    }
    match root.shift_remove("docker_images") {
        Some(Node::Map(entries)) => {
            for (label, node) in entries {
                add_image(&mut images, Some(label), node, "/docker_images", notes);
            }
        }
        Some(Node::List(items)) => {
            if !items.is_empty() {
                notes.repaired(
                    "/docker_images",
                    "This should be a map; each image becomes its own label.",
                );
            }
            for item in items {
                add_image(&mut images, None, item, "/docker_images", notes);
            }
        }
        Some(node @ Node::Text(_)) => {
            notes.repaired(
                "/docker_images",
                "This should be a map; the single image becomes its own label.",
            );
            add_image(&mut images, None, node, "/docker_images", notes);
        }
        _ => {
            if old_images(root, &mut images, notes) {
                notes.repaired(
                    "/docker_images",
                    "The images stand under a key of the format's first version.",
                );
            }
        }
    }
    images
}

/// The keys of PTDL_v1: a list, or a single reference. Says whether there was one.
fn old_images(
    root: &mut NodeMap,
    images: &mut IndexMap<String, String>,
    notes: &mut Notes,
) -> bool {
    let node = root.shift_remove("images").filter(|node| !node.is_vacant());
    let single = root
        .get("image")
        .is_some_and(|node| matches!(node, Node::Text(_)));
    match node {
        Some(Node::List(items)) => {
            for item in items {
                add_image(images, None, item, "/images", notes);
            }
        }
        Some(Node::Map(entries)) => {
            for (label, item) in entries {
                add_image(images, Some(label), item, "/images", notes);
            }
        }
        Some(node) => add_image(images, None, node, "/images", notes),
        None if single => {
            if let Some(node) = root.shift_remove("image") {
                add_image(images, None, node, "/image", notes);
            }
        }
        None => return false,
    }
    true
}

fn add_image(
    images: &mut IndexMap<String, String>,
    label: Option<String>,
    node: Node,
    path: &str,
    notes: &mut Notes,
) {
    let path = match &label {
        Some(label) => below(path, label),
        None => path.to_owned(),
    };
    let Some(text) = fields::text_of(node, &path, notes) else {
        notes.dropped(&path, "An image without a reference is left out.");
        return;
    };
    let image = text.trim();
    if image.is_empty() {
        notes.dropped(&path, "An image without a reference is left out.");
        return;
    }
    if image.len() != text.len() {
        notes.repaired(
            &path,
            "White space around the image's reference is removed.",
        );
    }
    if images.values().any(|known| known == image) {
        notes.dropped(
            &path,
            format!("The image `{image}` is listed twice; the first label is kept."),
        );
        return;
    }
    images.insert(label.unwrap_or_else(|| image.to_owned()), image.to_owned());
}

/// The startup commands, the default one first.
pub(super) fn startup_commands(
    root: &mut NodeMap,
    format: Format,
    source: &mut Source,
    notes: &mut Notes,
) -> IndexMap<String, String> {
    let many = root.shift_remove("startup_commands");
    let single = root.shift_remove("startup");
    let knows_many = matches!(format, Format::PelicanV3 | Format::Native);
    let mut commands = IndexMap::new();
    match (many, single) {
        (Some(many), single) if knows_many || single.is_none() => {
            if !knows_many {
                notes.repaired(
                    "/startup_commands",
                    "The commands stand under a key of a later version.",
                );
            }
            if let Some(single) = single {
                notes.ignored(
                    "/startup",
                    "`startup_commands` is used instead; this is kept for export.",
                );
                source
                    .extra
                    .insert("/startup".to_owned(), single.into_value());
            }
            add_commands(&mut commands, many, "/startup_commands", notes);
        }
        (many, Some(single)) => {
            if many.is_some() {
                notes.dropped(
                    "/startup_commands",
                    "This format has one command only, under `startup`.",
                );
            }
            if format == Format::PelicanV3 {
                notes.repaired(
                    "/startup",
                    "The command stands under a key of an earlier version.",
                );
            }
            add_commands(&mut commands, single, "/startup", notes);
        }
        _ => {}
    }
    commands
}

fn add_commands(
    commands: &mut IndexMap<String, String>,
    node: Node,
    path: &str,
    notes: &mut Notes,
) {
    let entries: Vec<(String, Node, String)> = match node {
        Node::Map(entries) => entries
            .into_iter()
            .map(|(label, node)| {
                let path = below(path, &label);
                (label, node, path)
            })
            .collect(),
        Node::List(items) => {
            if !items.is_empty() {
                notes.repaired(path, "This should be a map; the commands are numbered.");
            }
            items
                .into_iter()
                .enumerate()
                .map(|(index, node)| {
                    let label = if index == 0 {
                        DEFAULT_LABEL.to_owned()
                    } else {
                        format!("{DEFAULT_LABEL} {}", index + 1)
                    };
                    (label, node, format!("{path}/{index}"))
                })
                .collect()
        }
        node => vec![(DEFAULT_LABEL.to_owned(), node, path.to_owned())],
    };
    for (label, node, path) in entries {
        let Some(command) =
            fields::text_of(node, &path, notes).filter(|command| !command.is_empty())
        else {
            notes.dropped(&path, "A startup command without text is left out.");
            continue;
        };
        if commands.values().any(|known| *known == command) {
            notes.dropped(
                &path,
                "The same startup command is listed twice; the first label is kept.",
            );
            continue;
        }
        commands.insert(label, command);
    }
}

/// The install script. Its text is `script`, in files of Calagopus `content`.
pub(super) fn script(root: &mut NodeMap, source: &mut Source, notes: &mut Notes) -> InstallScript {
    let mut scripts = match root.shift_remove("scripts") {
        Some(Node::Map(scripts)) => scripts,
        _ => NodeMap::new(),
    };
    let path = "/scripts/installation";
    let script = match scripts.shift_remove("installation") {
        Some(Node::Map(mut installation)) => {
            if installation.get("script") == Some(&Node::Null) {
                source.extra.insert(format!("{path}/script"), Value::Null);
            }
            let content = fields::optional_text(&mut installation, "script", path, notes);
            let other = fields::optional_text(&mut installation, "content", path, notes);
            if content.is_some() && other.is_some() {
                notes.dropped(
                    "/scripts/installation/content",
                    "The script stands under two keys; `script` is used.",
                );
            }
            let script = InstallScript {
                container: fields::optional_text(&mut installation, "container", path, notes)
                    .unwrap_or_default(),
                entrypoint: fields::optional_text(&mut installation, "entrypoint", path, notes)
                    .unwrap_or_default(),
                content: content.or(other).unwrap_or_default(),
            };
            if !script.content.is_empty()
                && (script.container.is_empty() || script.entrypoint.is_empty())
            {
                notes.attention(
                    path,
                    "The install script lacks its container or entrypoint and cannot run.",
                );
            }
            fields::keep_unknown(installation, path, source, notes);
            script
        }
        _ => {
            notes.attention(
                path,
                "The egg has no install script; servers start with an empty folder.",
            );
            InstallScript::default()
        }
    };
    fields::keep_unknown(scripts, "/scripts", source, notes);
    script
}
