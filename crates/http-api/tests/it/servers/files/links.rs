//! Links for browsers.

use std::time::Duration;

use panel_testkit::Answer;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use wings_sim::Dialect;

use super::super::Stage;
use super::ALL;

impl Stage {
    /// The address of a link.
    pub(crate) async fn link(&self, query: &str) -> String {
        link_of(self.owner.get(&self.path(&format!("/files/{query}"))).await)
    }
}

fn link_of(answer: Answer) -> String {
    answer.ok()["url"].as_str().unwrap().to_owned()
}

/// Somebody who opens links.
pub(crate) fn browser() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30));
    client.build().unwrap()
}

pub(crate) fn form(files: &[(&str, &str)]) -> Form {
    files.iter().fold(Form::new(), |form, (name, content)| {
        let part = Part::text((*content).to_owned()).file_name((*name).to_owned());
        form.part("files", part)
    })
}

async fn fetch(url: &str) -> (u16, String) {
    let answer = browser().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_file_is_downloaded_by_a_link() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        stage.write("/a b/c.txt", "content").await;
        let url = stage.link("download?root=/a%20b&files=c.txt").await;
        assert!(url.starts_with(stage.sim.url().as_str()), "{url}");
        assert_eq!(
            fetch(&url).await,
            (200, "content".to_owned()),
            "{dialect:?}"
        );
        assert_eq!(stage.log().await[0], "server:file.download");
        let several = stage.path("/files/download?root=/a%20b&files=c.txt&files=d.txt");
        let directory = stage.path("/files/download?root=/&files=a%20b&directory=true");
        for packed in [several, directory] {
            let answer = stage.owner.get(&packed).await;
            if dialect.is_go() {
                answer.expect_error(409, "node_lacks_capability");
            } else {
                let url = link_of(answer);
                assert!(url.contains("archive_format=tar_gz"), "{url}");
                assert_eq!(fetch(&url).await.0, 200, "{dialect:?}");
            }
        }
    }
}

#[tokio::test]
async fn files_are_uploaded_by_a_link() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        let url = stage.link("upload").await;
        let sent = browser()
            .post(format!("{url}&directory=/new"))
            .multipart(form(&[("a.txt", "a"), ("b.txt", "b")]))
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), 200, "{dialect:?}");
        assert_eq!(stage.on_node("/new/a.txt").as_deref(), Some("a"));
        assert_eq!(stage.on_node("/new/b.txt").as_deref(), Some("b"));
    }
}

#[tokio::test]
async fn a_link_says_who_and_what_and_nothing_more() {
    let stage = Stage::of(Dialect::Calagopus).await;
    let friend = stage.friend(&["files.create"], &["*.key"]).await;
    let upload = link_of(friend.get(&stage.path("/files/upload")).await);
    let claims = super::super::console::claims(token_of(&upload));
    assert_eq!(claims["scope"], "file-upload");
    assert_eq!(claims["ignored_files"], json!(["*.key"]));
    assert_eq!(claims["user_uuid"], friend.user_id().to_string());
    assert_eq!(claims["server_uuid"], stage.server.id.to_string());
    let download = stage.path("/files/download?files=a.txt");
    friend
        .get(&download)
        .await
        .expect_error(403, "permission_denied");
}

fn token_of(url: &str) -> &str {
    let (_, token) = url.split_once("token=").unwrap();
    token.split('&').next().unwrap()
}
