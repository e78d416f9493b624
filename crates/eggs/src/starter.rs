//! The eggs this product ships.

use thiserror::Error;

use crate::import::{ImportError, import};
use crate::model::Egg;

/// An egg of the starter set.
#[derive(Debug, Clone, PartialEq)]
pub struct StarterEgg {
    /// Stable name, for choosing eggs in setup.
    pub slug: &'static str,
    /// The nest it belongs to.
    pub nest: &'static str,
    /// The egg.
    pub egg: Egg,
}

/// A file of the starter set does not read as an egg.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the starter egg `{slug}` cannot be read")]
pub struct StarterError {
    /// Which file.
    pub slug: &'static str,
    /// What is wrong with it.
    #[source]
    pub source: ImportError,
}

/// Slug, nest and file of each egg. The files are ours, install scripts included.
const FILES: [(&str, &str, &str); 5] = [
    (
        "minecraft-paper",
        "Minecraft",
        include_str!("../starter/minecraft-paper.json"),
    ),
    (
        "minecraft-vanilla",
        "Minecraft",
        include_str!("../starter/minecraft-vanilla.json"),
    ),
    (
        "minecraft-velocity",
        "Minecraft",
        include_str!("../starter/minecraft-velocity.json"),
    ),
    (
        "minecraft-bedrock",
        "Minecraft",
        include_str!("../starter/minecraft-bedrock.json"),
    ),
    (
        "generic-process",
        "Generic",
        include_str!("../starter/generic-process.json"),
    ),
];

/// The eggs setup offers, in the order it offers them.
///
/// # Errors
///
/// When an embedded file does not read as an egg, which the tests of this crate rule out.
pub fn starter() -> Result<Vec<StarterEgg>, StarterError> {
    FILES
        .into_iter()
        .map(|(slug, nest, text)| match import(text.as_bytes()) {
            Ok(import) => Ok(StarterEgg {
                slug,
                nest,
                egg: import.egg,
            }),
            Err(source) => Err(StarterError { slug, source }),
        })
        .collect()
}
