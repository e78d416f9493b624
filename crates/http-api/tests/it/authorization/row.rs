//! What an operation needs, and how a valid request for it looks.

use serde_json::{Value, json};

use super::objects::Objects;

/// What somebody needs for an operation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// Nothing, in a panel that nobody has set up.
    FirstRun,
    /// To be signed in.
    SignIn,
    /// This permission on the own account, which only an API key can lack.
    Account(&'static str),
    /// These permissions in the administration, all of them.
    Admin(&'static [&'static str]),
    /// To see the server, or one of those on the node.
    SeeServer,
    /// This permission on the server.
    Server(&'static str),
    /// These permissions on the server, all of them.
    ServerAll(&'static [&'static str]),
    /// To be the daemon of the node that the server is on, or of any where the path names no server.
    Node,
}

/// What the server of a row's request must be in for the request to be possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Whatever it is in when it is made: installed, and its node has not heard of it.
    AsMade,
    /// Known to a daemon that answers.
    OnNode,
    /// There, with a few files: a text, the same packed, a database.
    WithFiles,
    /// Running there.
    Running,
    /// Installed there once more, so that there is a log of it.
    Reinstalled,
    /// Known to a daemon of the newest kind, which has its backup.
    NewestNode,
    /// With its backup being made, for a bucket.
    InBucket,
    /// With its backup kept in a restic repository.
    InRestic,
    /// With its backup kept on a Proxmox Backup Server.
    InPbs,
    /// With its backup kept in a Kopia repository.
    InKopia,
    /// With its backup being deleted.
    Deleting,
    /// On a node with the same daemon as the node without servers.
    Movable,
    /// On its way to that node.
    Moving,
    /// On its way from that node to its own, which has been sent it.
    Arriving,
    /// In this status.
    Status(&'static str),
    /// As it is made; the person was told the secret of an authenticator.
    AuthenticatorKnown,
    /// As it is made; the person has a second factor, and a sign-in that waits for it.
    SecondFactor,
    /// With a schedule whose only step, written by its owner, does this.
    Scheduled(&'static str),
}

type Fill = fn(&Objects) -> String;

/// An operation.
pub(crate) struct Row {
    /// Its method and path, as in the document.
    pub(crate) operation: &'static str,
    /// What it needs.
    pub(crate) needs: Needs,
    /// What the server must be in.
    pub(crate) state: State,
    query: &'static str,
    body: fn(&Objects) -> Value,
    fills: Vec<(&'static str, Fill)>,
}

/// A row without a query and with an empty body.
pub(crate) fn row(operation: &'static str, needs: Needs) -> Row {
    Row {
        operation,
        needs,
        state: State::AsMade,
        query: "",
        body: |_| json!({}),
        fills: Vec::new(),
    }
}

impl Row {
    /// With this body.
    pub(crate) fn body(mut self, body: fn(&Objects) -> Value) -> Self {
        self.body = body;
        self
    }

    /// With this query.
    pub(crate) fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    /// With this for a parameter of the path, instead of the usual object of its name.
    pub(crate) fn fill(mut self, name: &'static str, fill: Fill) -> Self {
        self.fills.push((name, fill));
        self
    }

    /// With the server in this state.
    pub(crate) fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    pub(crate) fn method(&self) -> &'static str {
        self.operation.split_once(' ').unwrap().0
    }

    pub(crate) fn template(&self) -> &'static str {
        self.operation.split_once(' ').unwrap().1
    }

    /// Whether the path names an object that belongs to somebody. An egg belongs to nobody.
    pub(crate) fn names_an_object(&self) -> bool {
        self.template().replace("/eggs/{egg}", "").contains('{')
    }

    /// Whether the path names a server or a backup, which belong to one node.
    pub(crate) fn names_something_of_a_node(&self) -> bool {
        self.template().contains("{server}") || self.template().contains("{backup}")
    }

    /// Whether it is a change that may be sent again under the same key. What a daemon sends names no key.
    pub(crate) fn takes_keys(&self) -> bool {
        self.method() != "GET" && !matches!(self.needs, Needs::Node)
    }

    /// Whether nobody is signed in any more when it was done.
    pub(crate) fn ends_the_session(&self) -> bool {
        self.template().ends_with("/logout")
    }

    /// The body of a request about these objects.
    pub(crate) fn body_for(&self, objects: &Objects) -> Value {
        (self.body)(objects)
    }

    /// The path and query of a request about these objects.
    pub(crate) fn path_to(&self, objects: &Objects) -> String {
        self.path(|name| {
            let fill = self.fills.iter().find(|(known, _)| *known == name);
            fill.map_or_else(
                || objects.named(name, self.template()),
                |(_, fill)| fill(objects),
            )
        })
    }

    /// The path and query of a request about objects that there are not.
    pub(crate) fn path_to_nothing(&self) -> String {
        self.path(|_| panel_domain::id::ServerId::new_v4().to_string())
    }

    fn path(&self, value: impl Fn(&str) -> String) -> String {
        let filled: Vec<String> = self
            .template()
            .split('/')
            .map(|part| {
                let name = part
                    .strip_prefix('{')
                    .and_then(|part| part.strip_suffix('}'));
                name.map_or_else(|| part.to_owned(), &value)
            })
            .collect();
        let path = filled.join("/");
        if self.query.is_empty() {
            path
        } else {
            format!("{path}?{}", self.query)
        }
    }
}
