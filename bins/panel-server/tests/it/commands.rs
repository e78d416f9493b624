//! Commands that need no service, and what is said about a wrong environment.

use serde_json::Value;

use crate::process::{run, text};

#[test]
fn the_document_is_printed_without_any_setting() {
    let output = run(&[], &["openapi"]);
    assert!(output.status.success());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["paths"]["/api/auth/login"]["post"].is_object());
}

#[test]
fn every_problem_is_listed_at_once() {
    let environment = [
        ("DATABASE_URL", "mysql://db"),
        ("PORT", "many"),
        ("APP_TRUSTED_PROXIES", "10.0.0.0/99"),
    ];
    for arguments in [&["serve"][..], &["migrate"], &["doctor"]] {
        let output = run(&environment, arguments);
        assert!(!output.status.success());
        let error = text(&output.stderr);
        for key in [
            "DATABASE_URL",
            "REDIS_URL",
            "PORT",
            "APP_ENCRYPTION_KEY",
            "APP_TRUSTED_PROXIES",
        ] {
            assert!(
                error.contains(&format!("\n  {key} ")),
                "{key} is missing: {error}"
            );
        }
    }
}

#[test]
fn flags_override_the_environment() {
    let output = run(&[("PORT", "8000")], &["serve", "--port", "many"]);
    assert!(text(&output.stderr).contains("PORT is `many`"));
}

#[test]
fn a_file_of_settings_is_read() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(
        folder.path().join(".env"),
        "PORT=none\nAPP_URL=\"ftp://x\"\n",
    )
    .unwrap();
    let output = crate::process::command(&folder, &[("PORT", "8000")])
        .arg("serve")
        .output()
        .unwrap();
    let error = text(&output.stderr);
    assert!(error.contains("APP_URL"), "{error}");
    assert!(
        !error.contains("PORT is"),
        "the environment wins over the file: {error}"
    );
    let output = run(&[], &["--env-file", "/nonexistent", "serve"]);
    assert!(text(&output.stderr).contains("/nonexistent"));
}
