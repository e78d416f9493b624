//! The variable parts of a path.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::error::{BadRequest, Failure};

/// The variable parts of a path, read as identifiers. What is no identifier names nothing, which is 404.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T> Path<T> {
    /// The value.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Path<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read =
            actix_web::web::Path::<T>::from_request(request, &mut Payload::None).into_inner();
        ready(match read {
            Ok(value) => Ok(Self(value.into_inner())),
            Err(_) => Err(BadRequest::NoRoute.into()),
        })
    }
}
