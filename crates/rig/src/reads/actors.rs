//! Who writes, who looks on and who is shut out.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::Outcome;
use crate::client::{Answer, CONSISTENCY_HEADER, Client, Method};
use crate::topology::{Account, Topology};

const PASSWORD: &str = "correct horse battery staple";

/// How somebody shows who they are, and what they have written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    /// A browser's page: a session, and the token in the header.
    Page,
    /// A browser that follows a link: a session, and the token in its cookie.
    Cookie,
    /// A program: a key, and the token in the header.
    Key,
}

impl Echo {
    pub(super) const ALL: [Self; 3] = [Self::Page, Self::Cookie, Self::Key];
}

/// Somebody at the panel.
#[derive(Debug)]
pub(super) struct Actor {
    client: Client,
    echo: Echo,
    /// What a program keeps of what it wrote.
    token: Mutex<Option<String>>,
}

impl Actor {
    fn new(client: Client, echo: Echo) -> Self {
        Self {
            client,
            echo,
            token: Mutex::default(),
        }
    }

    /// The body of the answer to a change, which has to succeed. It is sent through the balancer.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Outcome<Value> {
        let name = format!("{method} {path}");
        let answer = self.client.send(method, path, body, &[]).await?;
        if self.echo == Echo::Key
            && let Some(token) = answer.headers.get(CONSISTENCY_HEADER)
        {
            let token = token.to_str()?.to_owned();
            *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
        }
        answer
            .ok()
            .map_err(|error| format!("{name}: {error}").into())
    }

    /// The answer at `base`, whatever it is.
    pub(super) async fn read(&self, base: &str, path: &str) -> Outcome<Answer> {
        let token = self
            .token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let header = token.as_deref().map(|token| (CONSISTENCY_HEADER, token));
        let headers = header.as_slice();
        let client = self.client.at(base);
        let client = match self.echo {
            Echo::Page | Echo::Key => client,
            Echo::Cookie => client.navigating(),
        };
        Ok(client.send(Method::GET, path, None, headers).await?)
    }
}

/// Somebody with a share of a server, now and then.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) uuid: String,
    pub(super) email: String,
    pub(super) actor: Actor,
}

/// Those who take part in one writer's loops.
#[derive(Debug)]
pub(super) struct Pair {
    /// Begins the names of all that the writer makes, and of nothing else.
    pub(super) name: String,
    page: Actor,
    cookie: Actor,
    key: Actor,
    pub(super) bystander: Actor,
    pub(super) guest: Guest,
    /// The writer's, to be renamed.
    pub(super) location: String,
    /// Somebody's, to be shared.
    pub(super) server: String,
}

impl Pair {
    /// The writer, who shows it like this.
    pub(super) const fn writer(&self, echo: Echo) -> &Actor {
        match echo {
            Echo::Page => &self.page,
            Echo::Cookie => &self.cookie,
            Echo::Key => &self.key,
        }
    }
}

/// As many pairs as there are servers, at most `count`.
pub(super) async fn make(topology: &Topology, count: usize) -> Outcome<Vec<Pair>> {
    let world = topology.world();
    let admin = topology.client()?;
    admin
        .sign_in(&world.admin.username, &world.admin.password)
        .await?;
    let mut pairs = Vec::new();
    for (index, server) in world.servers.iter().enumerate().take(count) {
        let name = format!("w{index}w");
        // Three devices of one person, none of which knows what the others wrote.
        let page = administrator(topology, &admin, &name).await?;
        let cookie = page.stranger();
        cookie.sign_in(&name, PASSWORD).await?;
        let key = page.stranger().with_key(&key_of(&page).await?);
        let bystander = administrator(topology, &admin, &format!("by{index}by")).await?;
        let location = json!({ "name": format!("{name} home") });
        let location = admin.post("/api/admin/locations", &location).await?;
        let owner_of_another = &world.users[(index + 1) % world.users.len()];
        pairs.push(Pair {
            name,
            page: Actor::new(page, Echo::Page),
            cookie: Actor::new(cookie, Echo::Cookie),
            key: Actor::new(key, Echo::Key),
            bystander: Actor::new(bystander, Echo::Page),
            guest: guest(topology, owner_of_another).await?,
            location: text(&location["location"]["uuid"])?,
            server: server.uuid.clone(),
        });
    }
    Ok(pairs)
}

async fn administrator(topology: &Topology, admin: &Client, name: &str) -> Outcome<Client> {
    let body = json!({
        "external_id": null, "role_uuid": null, "username": name, "email": format!("{name}@example.com"),
        "name_first": "Given", "name_last": "Family", "password": PASSWORD, "admin": true, "language": "en",
    });
    admin.post("/api/admin/users", &body).await?;
    let client = topology.client()?;
    client.sign_in(name, PASSWORD).await?;
    Ok(client)
}

async fn key_of(client: &Client) -> Outcome<String> {
    let catalogues = client.get("/api/client/permissions").await?;
    let keys = |catalogue: &str| -> Vec<String> {
        let groups = catalogues[catalogue].as_object().into_iter().flatten();
        groups
            .flat_map(|(group, members)| {
                let members = members["permissions"].as_object().into_iter().flatten();
                members.map(move |(name, _)| format!("{group}.{name}"))
            })
            .collect()
    };
    let body = json!({
        "name": "Program", "allowed_ips": [], "expires": null, "user_permissions": keys("user_permissions"),
        "server_permissions": keys("server_permissions"), "admin_permissions": keys("admin_permissions"),
    });
    let made = client.post("/api/client/account/api-keys", &body).await?;
    text(&made["key"])
}

async fn guest(topology: &Topology, account: &Account) -> Outcome<Guest> {
    let client = topology.client()?;
    client.sign_in(&account.username, &account.password).await?;
    Ok(Guest {
        uuid: account.uuid.clone(),
        email: format!("{}@example.com", account.username),
        actor: Actor::new(client, Echo::Page),
    })
}

fn text(value: &Value) -> Outcome<String> {
    let text = value
        .as_str()
        .ok_or("an answer without the expected text")?;
    Ok(text.to_owned())
}
