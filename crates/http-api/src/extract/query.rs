//! The part of an address behind the question mark.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use panel_domain::validate::Invalid;
use serde::de::DeserializeOwned;

use crate::error::{BadRequest, Failure};

/// The query of a request. Parameters that the operation does not know are ignored.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = actix_web::web::Query::<T>::from_query(request.query_string());
        ready(match value {
            Ok(value) => Ok(Self(value.into_inner())),
            Err(error) => {
                let invalid = Invalid::of("query", error.to_string());
                Err(BadRequest::Malformed(invalid).into())
            }
        })
    }
}
