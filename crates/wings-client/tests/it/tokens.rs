//! What a browser is handed.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use panel_domain::id::{BackupId, ServerId, UserId};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{self, Signer};

use crate::nodes::target;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_766_000_000, 0).unwrap()
}

fn decode(token: &str, key: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode(
        token,
        &DecodingKey::from_secret(key.as_bytes()),
        &validation,
    )
    .map(|data| data.claims)
}

#[test]
fn a_websocket_token_has_every_claim_a_flavour_wants() {
    let node = target(&"https://node1.example.com:8080/".parse().unwrap());
    let issuer: Url = "https://panel.example.com".parse().unwrap();
    let (user, server, unique) = (UserId::new_v4(), ServerId::new_v4(), Uuid::new_v4());
    let signer = Signer {
        node: &node,
        issuer: &issuer,
        user,
        server,
    };
    let (token, ends) = signer
        .websocket(vec!["websocket.connect".into()], None, now(), unique)
        .unwrap();
    assert_eq!(ends, now() + TimeDelta::minutes(10));
    let claims = decode(&token, "secret").unwrap();
    assert_eq!(
        claims,
        json!({
            "iss": "https://panel.example.com", "aud": ["https://node1.example.com:8080"],
            "jti": tokens::token_id(user, server),
            "iat": 1_765_999_995, "nbf": 1_765_999_700, "exp": 1_766_000_600,
            "scope": "websocket", "unique_id": unique.simple().to_string(),
            "user_uuid": user, "server_uuid": server,
            "permissions": ["websocket.connect"], "use_console_read_permission": true,
        })
    );
    assert!(decode(&token, "another").is_err());
    let hidden = Some(vec!["*.key".to_owned()]);
    let (token, _) = signer.websocket(Vec::new(), hidden, now(), unique).unwrap();
    let claims = decode(&token, "secret").unwrap();
    assert_eq!(claims["ignored_files"], json!(["*.key"]));
}

#[test]
fn links_name_what_they_are_for() {
    let node = target(&"https://node1.example.com:8080".parse().unwrap());
    let issuer: Url = "https://panel.example.com".parse().unwrap();
    let backup = BackupId::new_v4();
    let signer = Signer {
        node: &node,
        issuer: &issuer,
        user: UserId::new_v4(),
        server: ServerId::new_v4(),
    };
    let unique = Uuid::new_v4();
    let claims = |token: String| decode(&token, "secret").unwrap();
    let download = claims(signer.file_download("/a b.txt", now(), unique).unwrap());
    assert_eq!(
        (&download["scope"], &download["file_path"]),
        (&json!("file-download"), &json!("/a b.txt"))
    );
    let upload = claims(signer.file_upload(vec!["x".into()], now(), unique).unwrap());
    assert_eq!(
        (&upload["scope"], &upload["ignored_files"]),
        (&json!("file-upload"), &json!(["x"]))
    );
    let backup_download = claims(signer.backup_download(backup, now(), unique).unwrap());
    assert_eq!(
        (&backup_download["scope"], &backup_download["backup_uuid"]),
        (&json!("backup-download"), &json!(backup))
    );
    assert_eq!(
        download["exp"].as_i64().unwrap() - now().timestamp(),
        15 * 60
    );
}

#[test]
fn addresses_for_the_browser() {
    let server = ServerId::new_v4();
    let public: Url = "https://node1.example.com:8443/prefix".parse().unwrap();
    assert_eq!(
        tokens::websocket_url(&public, server).as_str(),
        format!("wss://node1.example.com:8443/prefix/api/servers/{server}/ws")
    );
    assert_eq!(
        tokens::link_url(&public, "download/file", "a.b").as_str(),
        "https://node1.example.com:8443/prefix/download/file?token=a.b"
    );
}
