//! The limit: a handler of actix-web that answers the same bytes and headers and does nothing else.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use serde::{Deserialize, Serialize};

use super::Outcome;
use super::http::Answer;

/// What is answered at one path.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fixed {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Fixed {
    /// What the panel answered at `path`. What actix-web writes of its own accord is left to it.
    pub(crate) fn like(path: &str, answer: &Answer) -> Self {
        let own = ["content-length", "date", "connection"];
        let headers = answer.headers.iter();
        Self {
            path: path.to_owned(),
            headers: headers
                .filter(|(name, _)| !own.contains(&name.as_str()))
                .cloned()
                .collect(),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }
}

/// The answers by path, as a handler finds them.
struct Ready {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Ready {
    fn new(fixed: &Fixed) -> Outcome<Self> {
        let headers = fixed.headers.iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes())?;
            Ok::<_, Box<dyn std::error::Error>>((name, HeaderValue::from_str(value)?))
        });
        Ok(Self {
            headers: headers.collect::<Result<_, _>>()?,
            body: Bytes::from(fixed.body.clone().into_bytes()),
        })
    }
}

async fn answer(ready: Data<Ready>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for (name, value) in &ready.headers {
        response.insert_header((name.clone(), value.clone()));
    }
    response.body(ready.body.clone())
}

/// Writes what [`serve`] is to answer.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(answers: &[Fixed], file: &Path) -> Outcome {
    Ok(std::fs::write(file, serde_json::to_vec(answers)?)?)
}

/// Serves the answers of a file, as `panel-server` serves: the same timeouts, one worker per core it may use.
///
/// # Errors
/// The file makes no sense, or the address is taken.
pub(crate) fn serve(address: SocketAddr, file: &PathBuf) -> Outcome {
    let answers: Vec<Fixed> = serde_json::from_slice(&std::fs::read(file)?)?;
    let ready = answers
        .iter()
        .map(|fixed| Ok((fixed.path.clone(), Data::new(Ready::new(fixed)?))))
        .collect::<Outcome<Vec<_>>>()?;
    actix_web::rt::System::new().block_on(async move {
        HttpServer::new(move || {
            let mut app = App::new();
            for (path, ready) in &ready {
                let resource = web::resource(path.as_str()).app_data(ready.clone());
                app = app.service(resource.route(web::get().to(answer)));
            }
            app
        })
        .client_request_timeout(std::time::Duration::from_secs(5))
        .keep_alive(std::time::Duration::from_secs(60))
        .bind(address)?
        .run()
        .await
    })?;
    Ok(())
}
