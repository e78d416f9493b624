//! Changes that are sent more than once and happen once.
//!
//! A client puts the same key on every attempt. [`begin`] claims it for this request; then the use case runs as always, but
//! its transaction waits ([`Cx::write`]) until the answer was made, and [`end`] commits both together. So whoever dies, and
//! whenever: either nothing happened and the next attempt does it, or it happened and the next attempt is given the answer.
//!
//! Only what was done is kept. A refusal changed nothing, and its reason may be gone by the next attempt.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use panel_secrets::{RowBinding, Sealed};
use panel_storage::idempotency_keys::{self, Claimed};
use panel_storage::{Freshness, ReadConn, Tx, Uncommitted};
use scoped_futures::{ScopedBoxFuture, ScopedFutureExt};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::cx::Cx;
use crate::error::Error;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// How long a key stays claimed by somebody who is not heard of again.
const LEASE: Duration = Duration::from_secs(10);

/// When somebody who met the first attempt may look again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

const TABLE: &str = "idempotency_keys";

/// A request with a key. The caller is part of its identity: nobody is given another user's answer.
#[derive(Debug, Clone, Copy)]
pub struct KeyedRequest<'a> {
    /// What the client chose.
    pub key: &'a str,
    /// The operation: its method and the pattern of its path.
    pub route: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// Body.
    pub body: &'a [u8],
}

/// An answer that can be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Status and headers.
    pub head: AnswerHead,
    /// Body.
    pub body: Vec<u8>,
}

/// The head of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerHead {
    /// HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
}

/// What a key means for a request.
#[derive(Debug)]
pub enum Begun {
    /// It is to be done, and [`end`] to be called whatever comes of it.
    First,
    /// It was done before, with this answer.
    Again(KeptAnswer),
}

/// What came of a request.
#[derive(Debug)]
pub enum Ended {
    /// It was done.
    Done(KeptAnswer),
    /// It was refused. What was written all the same (a failed sign-in) stays.
    Refused,
    /// It failed inside; nothing that it wrote stays.
    Failed,
}

/// A request's key, and what it has written so far.
pub(crate) struct Once {
    claim: idempotency_keys::Claim,
    /// A node was called, and nothing says that it did nothing.
    maybe_done: AtomicBool,
    held: Mutex<Option<Uncommitted>>,
}

/// Claims the key of a request.
///
/// # Errors
/// [`Error::KeyInUse`] while another request acts under the key, [`Error::KeyReused`] when it was used for something else,
/// [`Error::Conflict`] when an attempt called a node and was never heard of again.
pub async fn begin(cx: &Cx, request: KeyedRequest<'_>) -> Result<Begun, Error> {
    let id = identify(cx, &request);
    let asked = digest(&[request.target.as_bytes(), request.body]);
    let keys = &cx.parts().keys;
    let now = cx.now();
    let claim = idempotency_keys::Claim {
        id,
        owner: Uuid::new_v4(),
        request: keys.seal(asked, binding("request", &id)).into_bytes(),
        kept_until: now + KEPT,
    };
    let open = |column, sealed: Vec<u8>| {
        keys.open(&Sealed::from_bytes(sealed), binding(column, &id))
            .map_err(Error::internal)
    };
    let same = |sealed: Vec<u8>| match open("request", sealed)?.expose() == asked.as_slice() {
        true => Ok(()),
        false => Err(Error::KeyReused),
    };
    match idempotency_keys::claim(&cx.parts().db, &claim, LEASE, now).await? {
        Claimed::Yes => {
            cx.act_once(Once {
                claim,
                maybe_done: AtomicBool::new(false),
                held: Mutex::new(None),
            });
            Ok(Begun::First)
        }
        Claimed::InUse { request } => {
            request.map_or(Ok(()), same)?;
            Err(Error::KeyInUse {
                retry_after: LOOK_AGAIN,
            })
        }
        Claimed::Unknown { request } => {
            same(request)?;
            Err(Error::conflict(
                "idempotency_outcome_unknown",
                "an earlier attempt with this Idempotency-Key called a node, and nobody knows what came of it: \
                 look at the server, and use another key to do it again",
            ))
        }
        Claimed::Answered { request, answer } => {
            same(request)?;
            let answer = KeptAnswer::decode(open("answer", answer)?.expose())?;
            // Whoever is told that it was done must see that it was.
            cx.wrote(cx.parts().db.primary_position().await?).await;
            Ok(Begun::Again(answer))
        }
    }
}

/// Ends what [`begin`] began: commits what the request wrote, with its answer.
///
/// # Errors
/// Those of COMMIT. [`Error::KeyInUse`] when the request took so long that another attempt has taken the key: nothing was
/// written then.
pub async fn end(cx: &Cx, ended: Ended) -> Result<(), Error> {
    let Some(once) = cx.once() else {
        return Ok(());
    };
    let held = once.held.lock().await.take();
    match ended {
        Ended::Done(answer) => {
            let keys = &cx.parts().keys;
            let bound = binding("answer", &once.claim.id);
            let answer = keys.seal(answer.encode()?, bound).into_bytes();
            let committed = match held {
                Some(mut held) => {
                    held.tx().keep_answer(&once.claim, answer);
                    commit(cx, held).await
                }
                None => record(cx, |tx| tx.keep_answer(&once.claim, answer.clone())).await,
            };
            match committed {
                // It may have happened all the same: the next attempt finds out.
                Err(error @ Error::Unavailable { .. }) => Err(error),
                Err(error) => {
                    let_go(cx, once).await;
                    Err(in_use_if_taken(error))
                }
                Ok(()) => Ok(()),
            }
        }
        Ended::Refused => {
            if let Some(mut held) = held {
                once.let_go(held.tx());
                commit(cx, held).await
            } else {
                let_go(cx, once).await;
                Ok(())
            }
        }
        Ended::Failed => {
            if let Some(held) = held {
                held.roll_back().await;
            }
            let_go(cx, once).await;
            Ok(())
        }
    }
}

/// Lets the key go without an answer. When that fails, the claim runs out by itself.
async fn let_go(cx: &Cx, once: &Once) {
    if let Err(error) = record(cx, |tx| once.let_go(tx)).await {
        tracing::warn!(%error, "An idempotency key stays claimed until its lease ends");
    }
}

/// Writes what becomes of a key, and nothing else.
async fn record(cx: &Cx, mark: impl Fn(&mut Tx) + Send + Sync) -> Result<(), Error> {
    let mark = &mark;
    let recorded = cx.parts().db.write(|tx| {
        async move {
            mark(tx);
            Ok::<_, panel_storage::Error>(())
        }
        .scope_boxed()
    });
    recorded.await?;
    Ok(())
}

async fn commit(cx: &Cx, held: Uncommitted) -> Result<(), Error> {
    cx.reach("write.committing").await;
    let position = held.commit().await?;
    cx.reach("write.committed").await;
    cx.wrote(position).await;
    Ok(())
}

fn in_use_if_taken(error: Error) -> Error {
    let taken = match &error {
        Error::Internal(cause) => matches!(
            cause.downcast_ref::<panel_storage::Error>(),
            Some(panel_storage::Error::Check { constraint }) if constraint == "owner"
        ),
        _ => false,
    };
    match taken {
        true => Error::KeyInUse {
            retry_after: LOOK_AGAIN,
        },
        false => error,
    }
}

impl Once {
    /// Does `work` in the transaction that waits for the answer.
    pub(crate) async fn write<'a, T, F>(&self, cx: &Cx, work: F) -> Result<T, Error>
    where
        F: for<'r> Fn(&'r mut Tx) -> ScopedBoxFuture<'a, 'r, Result<T, Error>> + Send + Sync + 'a,
        T: Send + 'a,
    {
        let mut held = self.held.lock().await;
        match held.as_mut() {
            Some(held) => held.go_on(work).await,
            None => {
                let (value, uncommitted) = cx.parts().db.hold(work).await?;
                *held = Some(uncommitted);
                Ok(value)
            }
        }
    }

    /// A connection that sees what the request has written, if it has written anything.
    pub(crate) fn reader(&self) -> Option<ReadConn> {
        // Whoever holds the lock is writing, and what is not written yet is not to be seen.
        let held = self.held.try_lock().ok()?;
        held.as_ref().map(Uncommitted::reader)
    }

    /// The request ends without an answer to keep: the next attempt may do it, unless a node may have done it already.
    fn let_go(&self, tx: &mut Tx) {
        if self.maybe_done.load(Ordering::Relaxed) {
            tx.give_key_up(&self.claim);
        } else {
            tx.release_key(&self.claim);
        }
    }
}

impl Cx {
    /// Commits what the request has written so far, because a node is called next, at most once. Under a key the next attempt
    /// is not let through from now on, until this one has an answer or [`call_was_in_vain`](Self::call_was_in_vain).
    pub(crate) async fn commit_before_call(&self) -> Result<(), Error> {
        let Some(once) = self.once() else {
            return Ok(());
        };
        let held = once.held.lock().await.take();
        let claim = &once.claim;
        let committed = match held {
            Some(mut held) => {
                held.tx().note_call(claim);
                commit(self, held).await
            }
            None => record(self, |tx| tx.note_call(claim)).await,
        };
        committed.map_err(in_use_if_taken)?;
        once.maybe_done.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The call announced by [`commit_before_call`](Self::commit_before_call) surely had no effect: it may be tried again.
    pub(crate) fn call_was_in_vain(&self) {
        if let Some(once) = self.once() {
            once.maybe_done.store(false, Ordering::Relaxed);
        }
    }

    /// A connection to the primary that sees what an unfinished transaction of this request has written.
    pub(crate) async fn read_held(&self, freshness: Freshness) -> Result<ReadConn, Error> {
        match self.once().and_then(Once::reader) {
            Some(reader) => Ok(reader),
            None => Ok(self.parts().db.read(freshness).await?),
        }
    }
}

impl KeptAnswer {
    /// The head as JSON, its length in front of it, the body behind it.
    fn encode(&self) -> Result<Vec<u8>, Error> {
        let head = serde_json::to_vec(&self.head).map_err(Error::internal)?;
        let length = u32::try_from(head.len()).map_err(Error::internal)?;
        let mut bytes = Vec::with_capacity(4 + head.len() + self.body.len());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(&self.body);
        Ok(bytes)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let malformed = || Error::internal("a kept answer cannot be read");
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(malformed)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(Error::internal)?;
        let (head, body) = rest.split_at_checked(length).ok_or_else(malformed)?;
        Ok(Self {
            head: serde_json::from_slice(head).map_err(Error::internal)?,
            body: body.to_vec(),
        })
    }
}

fn binding<'a>(column: &'a str, id: &'a [u8; 32]) -> RowBinding<'a> {
    RowBinding::new(TABLE, column, id)
}

/// Who sends which key where. Whoever is not signed in is told apart by address: two strangers may choose the same key.
fn identify(cx: &Cx, request: &KeyedRequest<'_>) -> [u8; 32] {
    let who = match cx.actor().user_id() {
        Some(user) => format!("user {user}"),
        None => format!("address {:?}", cx.request().ip),
    };
    digest(&[
        who.as_bytes(),
        request.route.as_bytes(),
        request.key.as_bytes(),
    ])
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_the_same_after_it_was_kept() {
        let answer = KeptAnswer {
            head: AnswerHead {
                status: 201,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            },
            body: b"{\"a\":\n1}".to_vec(),
        };
        assert_eq!(
            KeptAnswer::decode(&answer.encode().unwrap()).unwrap(),
            answer
        );
        assert!(KeptAnswer::decode(b"").is_err());
        assert!(KeptAnswer::decode(&[0, 0, 0, 9, b'{', b'}']).is_err());
    }

    #[test]
    fn where_one_part_ends_counts() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
