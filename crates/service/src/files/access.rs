//! What every use case of files begins with, and what they say when a node does not do it.

use panel_domain::files::{BadPath, FilePath, HiddenFiles, Kind, MAX_NAMED};
use panel_domain::id::{NodeId, ServerId, ServerRef};
use panel_domain::permission::{Permission, PermissionSet, ServerPermission};
use panel_domain::policy::Denial;
use panel_domain::server::ServerAction;
use panel_domain::validate::Invalid;
use scoped_futures::ScopedFutureExt;
use serde_json::{Value, json};
use wings_client::{Capabilities, Capability, Flavour, NodeClient};

use crate::activity::Entry;
use crate::cx::Cx;
use crate::error::Error;
use crate::node_calls;

/// The most bytes of files that an entry of the log names. A request names a long directory once, and many files in it.
const MOST_TOLD: usize = 64 * 1024;

/// The files of a server as the caller sees them.
pub(super) struct Files {
    pub(super) server: ServerId,
    pub(super) node: NodeId,
    pub(super) client: NodeClient,
    pub(super) hidden: HiddenFiles,
    permissions: PermissionSet<ServerPermission>,
}

impl Files {
    /// For something that `permission` guards.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Denied`], [`Error::Conflict`] by the server's state.
    pub(super) async fn open(
        cx: &Cx,
        server: ServerRef,
        permission: ServerPermission,
    ) -> Result<Self, Error> {
        let allowed = cx
            .authorize_server(server, permission, ServerAction::Use)
            .await?;
        let facts = allowed.resource();
        Ok(Self {
            server: facts.id,
            node: facts.node,
            client: node_calls::client(cx, facts.node).await?,
            hidden: HiddenFiles::new(&facts.ignored_files_of(cx.actor())),
            permissions: allowed.permissions(),
        })
    }

    /// That the caller holds one more permission on the server.
    pub(super) fn require(&self, permission: ServerPermission) -> Result<(), Error> {
        if self.permissions.contains(permission) {
            Ok(())
        } else {
            Err(Denial::Missing(permission.key()).into())
        }
    }

    /// What the node's daemon can do.
    pub(super) async fn capabilities(&self) -> Result<Capabilities, Error> {
        Ok(self.client.profile().await?.capabilities())
    }

    /// That the node's daemon can do this: asked before something is written into the log that would never be tried.
    pub(super) async fn needs(&self, capability: Capability) -> Result<(), Error> {
        let profile = self.client.profile().await?;
        if profile.capabilities().has(capability) {
            Ok(())
        } else {
            Err(lacks(profile.flavour, capability))
        }
    }

    /// A directory that is named by the request.
    pub(super) fn directory(&self, field: &str, text: &str) -> Result<FilePath, Error> {
        let path = FilePath::parse(text).map_err(|bad| not_a_path(field, bad))?;
        self.seen(path, Kind::Directory)
    }

    /// A file or directory that is named by the request, relative to `root`.
    pub(super) fn entry(
        &self,
        field: &str,
        root: &FilePath,
        text: &str,
    ) -> Result<FilePath, Error> {
        let path = root.entry(text).map_err(|bad| not_a_path(field, bad))?;
        self.seen(path, Kind::Unknown)
    }

    /// Several of them: at least one, and not too many.
    pub(super) fn entries<'a>(
        &self,
        field: &str,
        root: &FilePath,
        names: impl ExactSizeIterator<Item = &'a str>,
    ) -> Result<Vec<FilePath>, Error> {
        check_count(field, names.len())?;
        names.map(|name| self.entry(field, root, name)).collect()
    }

    fn seen(&self, path: FilePath, kind: Kind) -> Result<FilePath, Error> {
        if self.hidden.hides(&path, kind) {
            Err(Error::not_found("file"))
        } else {
            Ok(path)
        }
    }

    /// That nothing is hidden from the caller in those of `paths` that are directories: it would be moved, packed, copied or deleted
    /// with them.
    pub(super) async fn nothing_hidden_in(&self, paths: &[FilePath]) -> Result<(), Error> {
        for path in paths.iter().filter(|path| self.hidden.may_hide_below(path)) {
            if self.is_directory(path).await? {
                return Err(hidden_inside(path));
            }
        }
        Ok(())
    }

    /// As [`Self::nothing_hidden_in`], for what goes somewhere: with a directory, files are put where some may be hidden, too.
    pub(super) async fn nothing_hidden_between(
        &self,
        from: &[FilePath],
        to: &[FilePath],
    ) -> Result<(), Error> {
        for (from, to) in from.iter().zip(to) {
            let mut ends = [from, to].into_iter();
            let hiding = ends.find(|path| self.hidden.may_hide_below(path));
            if let Some(path) = hiding
                && self.is_directory(from).await?
            {
                return Err(hidden_inside(path));
            }
        }
        Ok(())
    }

    /// That nothing is hidden from the caller in a directory, which may not be there yet.
    pub(super) fn nothing_hidden_below(&self, directory: &FilePath) -> Result<(), Error> {
        if self.hidden.may_hide_below(directory) {
            Err(hidden_inside(directory))
        } else {
            Ok(())
        }
    }

    /// Whether something is a directory, or a link to one. What is not there is none. Something in front of the node that is overloaded
    /// or out of patience says nothing about that.
    async fn is_directory(&self, path: &FilePath) -> Result<bool, Error> {
        let listed = self
            .client
            .list_files(self.server, &path.absolute(), 1, 1)
            .await;
        match listed {
            Ok(_) => Ok(true),
            // Pterodactyl answers 500 for a file.
            Err(wings_client::Error::Refused {
                status: 400..=428 | 430..=500,
                ..
            }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the entry of the log, then makes the call: what was asked for is told, whatever came of it.
    pub(super) async fn act<T, F>(
        &self,
        cx: &Cx,
        entry: Entry,
        call: impl Fn() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, wings_client::Error>>,
    {
        self.record(cx, entry).await?;
        node_calls::at_most_once(cx, call).await?.map_err(told)
    }

    /// Writes an entry of the server's log.
    pub(super) async fn record(&self, cx: &Cx, entry: Entry) -> Result<(), Error> {
        let entry = entry.on(self.server);
        let entry = &entry;
        cx.write(|tx| {
            async move {
                entry.record(tx);
                Ok(())
            }
            .scope_boxed()
        })
        .await
    }

    /// As [`told`], for a call about this path. Pterodactyl answers 500 when it is not there, so its directory is looked at.
    pub(super) async fn told_about(&self, path: &FilePath, error: wings_client::Error) -> Error {
        let is_vague = error.status() == Some(500)
            && !path.is_root()
            && self
                .client
                .profile()
                .await
                .is_ok_and(|profile| profile.flavour == Flavour::Pterodactyl);
        if !is_vague {
            return told(error);
        }
        let names: Vec<&str> = path.parts().collect();
        // How many of the names are there, and how many are too many. Each look halves what lies between: a path may have thousands.
        let (mut there, mut gone) = (0, names.len());
        let mut depth = gone.saturating_sub(1);
        while there < gone {
            let directory = path.ancestor(depth).absolute();
            let listed = self
                .client
                .list_files(self.server, &directory, 1, u32::MAX)
                .await;
            match listed {
                Ok(page) => {
                    let is_there =
                        |name: &&str| page.entries.iter().any(|entry| entry.name == *name);
                    if !names.get(depth).is_some_and(is_there) {
                        return Error::not_found("file");
                    }
                    there = depth + 1;
                }
                Err(wings_client::Error::Refused { .. }) => gone = depth,
                Err(_) => break,
            }
            depth = usize::midpoint(there, gone);
        }
        told(error)
    }
}

/// Details for the log, with as many of their files as fit, and how many more there are.
pub(super) fn fitting(mut details: Value) -> Value {
    if let Some(Value::Array(files)) = details.get_mut("files") {
        let (all, mut told) = (files.len(), 0);
        files.retain(|file| {
            told += file.to_string().len();
            told <= MOST_TOLD
        });
        let left_out = all - files.len();
        if left_out > 0 {
            details["more_files"] = json!(left_out);
        }
    }
    details
}

/// That a request names at least one file, and not too many.
pub(super) fn check_count(field: &str, count: usize) -> Result<(), Error> {
    let mut invalid = Invalid::new();
    invalid.require(count > 0, field, "must name at least one file");
    let most = format!("must name {MAX_NAMED} files at most");
    invalid.require(count <= MAX_NAMED, field, most);
    Ok(invalid.finish()?)
}

fn not_a_path(field: &str, bad: BadPath) -> Error {
    Error::invalid(field, bad.to_string())
}

/// That something is hidden from the caller in a directory, perhaps.
pub(super) fn hidden_inside(path: &FilePath) -> Error {
    Error::Denied {
        code: "files_hidden",
        message: format!(
            "there may be files in {path} that are hidden from you; name the files that you mean"
        ),
    }
}

/// What the node cannot do, as the client itself says it.
pub(super) fn lacks(flavour: Flavour, capability: Capability) -> Error {
    wings_client::Error::LacksCapability {
        capability,
        flavour,
    }
    .into()
}

/// What a node says about files is about the request, not a failure of the node: that something is not there, exists already, is
/// too large, or forbidden by the egg.
pub(crate) fn told(error: wings_client::Error) -> Error {
    use wings_client::Error as Wings;
    match error {
        Wings::Refused { status: 404, .. } => Error::not_found("file"),
        Wings::Refused {
            status: 400 | 403 | 405..=428 | 430..=499,
            message,
            ..
        } => Error::conflict("node_refused", format!("the node refused: {message}")),
        Wings::Interrupted { .. } => Error::invalid("", "the content did not arrive in full"),
        other => other.into(),
    }
}
