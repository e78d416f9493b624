//! The context a use case runs in: who asks, from where, in which request.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use panel_service::{Cx, Error};

use crate::drain::Drain;
use crate::error::{Answer, Failure};
use crate::state::AppState;

/// Who asks, with everything a use case needs. The scope of the route has let them in already
/// ([`crate::middleware::authenticate`]); what they may do is asked by the use case.
#[derive(Clone)]
pub(crate) struct Caller {
    cx: Arc<Cx>,
    drain: Drain,
}

impl Caller {
    /// Does a change to its end even when the client hangs up in the middle. Every handler that changes something
    /// calls its use case through this.
    ///
    /// # Errors
    ///
    /// Those of the change.
    pub(crate) async fn change<T, F>(&self, change: impl FnOnce(Arc<Cx>) -> F) -> Answer<T>
    where
        T: 'static,
        F: Future<Output = Result<T, Error>> + 'static,
    {
        self.drain.run_to_end(change(Arc::clone(&self.cx))).await
    }
}

impl Deref for Caller {
    type Target = Cx;

    fn deref(&self) -> &Cx {
        &self.cx
    }
}

impl FromRequest for Caller {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let cx = request.extensions().get::<Arc<Cx>>().cloned();
        let state = request.app_data::<Data<AppState>>();
        ready(match cx.zip(state) {
            Some((cx, state)) => Ok(Self {
                cx,
                drain: state.drain().clone(),
            }),
            None => Err(Error::Unauthenticated.into()),
        })
    }
}
