//! Answers kept whole: serialized once, given out as bytes until something that they show has changed.
//!
//! An answer belongs to the credential it was made for and to the question; nobody else is ever given it. While it is made,
//! the use case notes the parts that it shows ([`Cx::shows`]); what notes nothing is not kept. It is given out under the rules
//! of every cached value, and only while the authority it was made under still holds.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use ipnet::IpNet;
use panel_cache::{Key, Loaded, Reader};
use panel_domain::actor::UserActor;
use panel_domain::api_key;
use panel_domain::id::{RoleId, UserId};
use panel_secrets::TokenHash;
use panel_storage::consistency::{Mark, Revocation, RevocationKind};
use panel_storage::{Part, Position, ReadLog};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use self::body::Body;
use crate::app::App;
use crate::auth::Used;
use crate::cx::{Cx, mark_of, position_of};
use crate::error::Error;
use crate::keys::Authority;

mod body;

/// How long an answer may be kept in Redis; changes end it at once.
const TTL: Duration = Duration::from_secs(30);

/// What was asked, as far as the answer depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The operation; unique in the product.
    pub operation: &'static str,
    /// The page and its size, where the answer has pages.
    pub page: Option<(i64, i64)>,
}

/// The credential of whoever asks, as it was shown.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// None; the request is counted for the address it was sent from.
    Nothing(Option<IpAddr>),
    /// The value of the session's cookie.
    Session(&'a str),
    /// An API key, and the address it was sent from.
    ApiKey(&'a str, Option<IpAddr>),
}

/// The credential that an [`Actor`](panel_domain::actor::Actor) was found by.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    /// Its hash, in hexadecimal digits.
    pub(crate) hash: String,
    /// What decides whether it still opens the door.
    pub(crate) door: Door,
}

/// Those by whose revocation a user's authority ends, and by whom a request counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    pub(crate) user: UserId,
    role: Option<RoleId>,
    used: Option<Used>,
}

impl Holder {
    pub(crate) fn of(user: &UserActor) -> Self {
        Self {
            user: user.id,
            role: user.role.as_ref().map(|role| role.id),
            used: Used::of(user),
        }
    }

    /// The revocations by which what the user may do ends.
    fn ends_with(self) -> impl Iterator<Item = Revocation> {
        let of = |kind, subject| Revocation { kind, subject };
        let credential = self.used.map(|used| match used {
            Used::Session(session) => of(RevocationKind::Session, session.uuid()),
            Used::ApiKey(key) => of(RevocationKind::ApiKey, key.uuid()),
        });
        let role = self.role.map(|role| of(RevocationKind::Role, role.uuid()));
        let user = of(RevocationKind::User, self.user.uuid());
        std::iter::once(user).chain(role).chain(credential)
    }

    /// Whether it is a program that asks, with an API key.
    pub(crate) const fn is_program(&self) -> bool {
        matches!(self.used, Some(Used::ApiKey(_)))
    }
}

/// A credential that was let in, as far as it has to be looked at again at the next request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Door {
    holder: Holder,
    allowed_ips: Vec<IpNet>,
    expires_at: Option<DateTime<Utc>>,
    /// The moment in the revocations that what it allows was looked up in sight of.
    since: Mark,
}

impl Door {
    pub(crate) fn of(authority: &Authority) -> Self {
        Self {
            holder: Holder::of(&authority.user),
            allowed_ips: authority.allowed_ips.clone(),
            expires_at: authority.expires_at,
            since: authority.mark,
        }
    }

    /// Whether an API key may be used now, from this address.
    pub(crate) fn is_open(&self, app: &App, ip: Option<IpAddr>) -> bool {
        self.expires_at.is_none_or(|at| at > app.now())
            && (self.allowed_ips.is_empty()
                || ip.is_some_and(|ip| api_key::allows_ip(&self.allowed_ips, ip)))
    }
}

/// Whose answer to what.
struct AnswerKey<'a> {
    /// The hash of the credential; nothing where the answer is the same for all.
    of: Option<&'a str>,
    question: Question,
}

/// A kept answer. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Answer(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    about: About,
    body: Body,
    /// The body as clients take it compressed, once somebody wanted it so.
    compressed: OnceLock<Bytes>,
}

impl Answer {
    fn new(about: About, body: Body) -> Self {
        Self(Arc::new(Kept {
            about,
            body,
            compressed: OnceLock::new(),
        }))
    }

    /// The length of the body, in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.body.length()
    }

    /// The body, as it was made.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.0.body.bytes()
    }

    /// The body as `compress` makes it, which is asked once for each kept answer.
    pub fn compressed(&self, compress: impl FnOnce(&[u8]) -> Vec<u8>) -> Bytes {
        let compressed = &self.0.compressed;
        compressed
            .get_or_init(|| body::tight(compress(&self.body())))
            .clone()
    }
}

/// The JSON form that every cached value has. Redis gets another one, which spares it the quoting of JSON in JSON.
impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = self.body();
        (&self.0.about, String::from_utf8_lossy(&body)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (about, body) = <(About, String)>::deserialize(deserializer)?;
        Ok(Self::new(about, Body::of(body.into())))
    }
}

/// What decides whether the answer may still be given.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    /// The credential that it was made for; nothing where the answer is the same for all.
    door: Option<Door>,
    /// The servers it shows, which somebody may have been shut out of.
    servers: Vec<Uuid>,
    /// The names of its parts.
    parts: Vec<String>,
}

impl Key for AnswerKey<'_> {
    type Value = Answer;
    const KIND: &'static str = "answer";

    fn made_of(value: &Answer) -> &[String] {
        &value.0.about.parts
    }

    // The body goes to Redis as it is kept, behind a line that tells about it.
    fn encode(value: &Answer) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(&value.0.about)?;
        bytes.push(b'\n');
        value.0.body.write(&mut bytes);
        Ok(bytes)
    }

    fn decode(bytes: Vec<u8>) -> Option<Answer> {
        let line = bytes.iter().position(|byte| *byte == b'\n')?;
        let about = serde_json::from_slice(bytes.get(..line)?).ok()?;
        let body = Body::read(body::tight(bytes).slice(line + 1..))?;
        Some(Answer::new(about, body))
    }

    fn id(&self) -> String {
        let Question { operation, page } = self.question;
        let of = self.of.unwrap_or("all");
        match page {
            Some((page, size)) => format!("{of}:{operation}:{page}:{size}"),
            None => [of, ":", operation].concat(),
        }
    }

    // Without the detour over the id where that is easy: every request asks for one.
    fn name(&self) -> String {
        match (self.of, self.question) {
            (
                Some(of),
                Question {
                    operation,
                    page: None,
                },
            ) => [Self::KIND, ":", of, ":", operation].concat(),
            _ => [Self::KIND, ":", &self.id()].concat(),
        }
    }
}

/// What a use case has noted of the answer that is being made.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    parts: Vec<Part>,
    /// What the answer vouches for when it is kept.
    pub(crate) position: Option<Position>,
    /// Something was read that may be older than what the caches hold.
    pub(crate) unfit: bool,
}

impl Cx {
    /// Notes that the answer shows this part.
    pub(crate) fn shows(&self, part: Part) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(noted) = noted.as_mut()
            && !noted.parts.contains(&part)
        {
            noted.parts.push(part);
        }
    }

    /// The answer to `question`: the kept one if this reader may be given it, else what `make` makes of a use case's value.
    ///
    /// # Errors
    /// What `make` gives; that is not kept.
    pub async fn kept(
        &self,
        question: Question,
        make: impl AsyncFn() -> Result<Vec<u8>, Error>,
    ) -> Result<Bytes, Error> {
        let of = self.proof.as_ref().map(|proof| proof.hash.as_str());
        if of.is_none() && self.actor().user_id().is_some() {
            return Ok(make().await?.into());
        }
        let key = AnswerKey { of, question };
        let makes = AtomicBool::new(false);
        let reader = self.reader();
        if let Some(position) = self.position() {
            self.parts().db.await_caches(position);
        }
        let kept = self
            .parts()
            .cache
            .get_or_load(&key, TTL, reader, || async {
                makes.store(true, Ordering::Relaxed);
                // Taken first: whatever database is chosen afterwards has come at least this far.
                let position = self.parts().db.watermark();
                self.start_noting(position);
                let made = make().await;
                let noted = self.stop_noting();
                let about = About {
                    door: self.proof.as_ref().map(|proof| proof.door.clone()),
                    servers: noted.servers(),
                    parts: noted.parts.iter().map(|part| part.name()).collect(),
                };
                let answer = Answer::new(about, Body::of(made?));
                Ok::<_, Error>(match position {
                    Some(position) if !noted.unfit && !noted.parts.is_empty() => {
                        Loaded::at(mark_of(position), answer)
                    }
                    _ => Loaded::uncacheable(answer),
                })
            })
            .await?;
        if self.actor().user().is_some() && !kept.0.about.holds(self.app()) {
            return Ok(make().await?.into());
        }
        if !makes.into_inner() {
            ReadLog::add("cache=answer");
        }
        Ok(kept.body())
    }

    fn start_noting(&self, position: Option<Position>) {
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Noted {
            position,
            ..Noted::default()
        });
    }

    fn stop_noting(&self) -> Noted {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.take().unwrap_or_default()
    }
}

impl Noted {
    fn servers(&self) -> Vec<Uuid> {
        let servers = self.parts.iter().filter_map(|part| match part {
            Part::Server(id) => Some(id.uuid()),
            _ => None,
        });
        servers.collect()
    }
}

impl About {
    /// Whether nothing of the authority that the answer was made under was taken back since.
    fn holds(&self, app: &App) -> bool {
        let Some(Door { holder, since, .. }) = &self.door else {
            return false;
        };
        let servers = self.servers.iter().map(|subject| Revocation {
            kind: RevocationKind::Server,
            subject: *subject,
        });
        let all = holder.ends_with().chain(servers);
        !app.0.revocations.any_revoked_since(all, *since)
    }
}

impl App {
    /// The kept answer to `question` for whoever shows this credential `now`, if it can be given without waiting for anything. The
    /// request counts as any other; where that needs a round trip, or in any doubt, there is none.
    #[must_use]
    pub fn kept_at_once(
        &self,
        shown: Shown<'_>,
        question: Question,
        token: Option<&str>,
        now: Instant,
    ) -> Option<Answer> {
        let cache = &self.0.cache;
        let hash = shown.hash();
        if hash.is_some() && !self.0.revocations.is_current(now) {
            return None;
        }
        // Sampled before the look at the answer: what changed up to there is gone from the cache by then.
        let reached = self.0.db.watermark();
        let key = AnswerKey {
            of: hash.as_deref(),
            question,
        };
        let answer = cache.peek(&key, Reader::Any, Answer::clone)?;
        self.give(shown, token, now, reached, answer)
    }

    /// As [`kept_at_once`](Self::kept_at_once), for the price of one round trip to Redis, where there is no cache inside the
    /// process; elsewhere there is none.
    pub async fn kept_in_redis(
        &self,
        shown: Shown<'_>,
        question: Question,
        token: Option<&str>,
    ) -> Option<Answer> {
        let hash = shown.hash();
        let now = Instant::now();
        if hash.is_some() && !self.0.revocations.is_current(now) {
            return None;
        }
        let reached = self.0.db.watermark();
        let key = AnswerKey {
            of: hash.as_deref(),
            question,
        };
        let answer = self.0.cache.fetch(&key, Reader::Any).await?;
        self.give(shown, token, now, reached, answer)
    }

    /// Whether answers have to be asked of Redis.
    #[must_use]
    pub fn keeps_answers_in_redis_only(&self) -> bool {
        !self.0.cache.has_local_tier()
    }

    /// The answer, if the credential it was made for still opens the door and it shows what this reader has to be shown, who may use the
    /// caches as far as they had `reached` before it was found.
    fn give(
        &self,
        shown: Shown<'_>,
        token: Option<&str>,
        now: Instant,
        reached: Option<Position>,
        answer: Answer,
    ) -> Option<Answer> {
        let Some(door) = &answer.0.about.door else {
            let for_all =
                matches!(shown, Shown::Nothing(_)) && self.admits_at_once(None, shown.ip());
            return for_all.then_some(answer);
        };
        if let Some(wanted) = position_of(self, door.holder, token, now)
            && !reached.is_some_and(|reached| reached.reaches(wanted))
        {
            return None;
        }
        if let Shown::ApiKey(_, ip) = shown
            && !door.is_open(self, ip)
        {
            return None;
        }
        if !answer.0.about.holds(self) {
            return None;
        }
        // A use that is to be written down, or told to the browser, goes the long way, once a minute.
        let now = self.now();
        if !door
            .holder
            .used
            .is_some_and(|used| self.0.uses.knows(used, now))
        {
            return None;
        }
        self.admits_at_once(Some(door.holder.user), None)
            .then_some(answer)
    }

    /// Whether authority of this user that was looked up in sight of `since` has to be looked up again.
    pub(crate) fn is_revoked(&self, holder: Holder, since: Mark) -> bool {
        let revocations = &self.0.revocations;
        revocations.any_revoked_since(holder.ends_with(), since)
    }
}

impl Shown<'_> {
    fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Nothing(ip) | Self::ApiKey(_, ip) => ip,
            Self::Session(_) => None,
        }
    }

    fn hash(self) -> Option<String> {
        match self {
            Self::Nothing(_) => None,
            Self::Session(text) | Self::ApiKey(text, _) => Some(TokenHash::of(text).to_hex()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_survives_redis_byte_by_byte() {
        let about = About {
            door: None,
            servers: vec![Uuid::nil()],
            parts: vec!["part:user:1".to_owned()],
        };
        let body = b"{\"name\":\"two\\nlines\"}\n";
        let answer = Answer::new(about, Body::of(body.to_vec()));
        let found = AnswerKey::decode(AnswerKey::encode(&answer).unwrap()).unwrap();
        assert_eq!(found.body(), &body[..]);
        assert_eq!(AnswerKey::made_of(&found), AnswerKey::made_of(&answer));
        assert_eq!(found.0.about.servers, answer.0.about.servers);
        assert!(AnswerKey::decode(b"{}".to_vec()).is_none());
    }

    #[test]
    fn questions_and_credentials_tell_answers_apart() {
        let question = |page| Question {
            operation: "servers",
            page,
        };
        let names: std::collections::BTreeSet<String> = [
            (None, None),
            (Some("a"), None),
            (Some("b"), None),
            (Some("a"), Some((1, 50))),
            (Some("a"), Some((15, 0))),
        ]
        .map(|(of, page)| {
            AnswerKey {
                of,
                question: question(page),
            }
            .name()
        })
        .into();
        assert_eq!(names.len(), 5);
    }
}
