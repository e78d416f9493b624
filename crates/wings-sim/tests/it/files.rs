//! The file area, by the API and by signed links.

use chrono::{DateTime, TimeDelta, Utc};
use panel_domain::clock::{Clock, SystemClock};
use panel_domain::id::{ServerId, UserId};
use url::Url;
use uuid::Uuid;
use wings_client::tokens::{Signer, link_url};
use wings_client::wire::files::{ModeChange, Move};
use wings_sim::WingsSim;

use crate::panel::{Panel, client, installed, target};

fn now() -> DateTime<Utc> {
    SystemClock.now()
}

#[tokio::test]
async fn files_are_listed_read_written_moved_and_deleted() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let node = client(&sim);
    let server = installed(&panel, &sim).await;
    node.write_file(server, "/plugins/a.yml", "x: 1\n".into())
        .await
        .unwrap();
    let mut stream = node.read_file(server, "plugins/a.yml", None).await.unwrap();
    assert_eq!(stream.length(), Some(5));
    assert_eq!(stream.next().await.unwrap().unwrap(), "x: 1\n");
    assert!(stream.next().await.unwrap().is_none());
    let too_long = node.read_file(server, "plugins/a.yml", Some(2)).await;
    assert_eq!(too_long.unwrap_err().status(), Some(413));

    node.create_directory(server, "/", "empty").await.unwrap();
    let first = node.list_files(server, "/", 1, 2).await.unwrap();
    let second = node.list_files(server, "/", 2, 2).await.unwrap();
    let names = |page: &wings_client::wire::files::EntryPage| {
        let names = page.entries.iter().map(|entry| entry.name.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(first.total, 6);
    assert_eq!(names(&first), ["empty", "logs"]);
    assert_eq!(names(&second), ["plugins", "world"]);

    node.rename_files(
        server,
        "/",
        vec![Move {
            from: "plugins".into(),
            to: "mods".into(),
        }],
    )
    .await
    .unwrap();
    node.copy_file(server, "/mods/a.yml", None).await.unwrap();
    node.change_modes(
        server,
        "/mods",
        vec![ModeChange {
            file: "a.yml".into(),
            recursive: false,
            mode: "0600".into(),
        }],
    )
    .await
    .unwrap();
    let mods = node.list_files(server, "/mods", 1, 10).await.unwrap();
    assert_eq!(names(&mods), ["a copy.yml", "a.yml"]);
    assert_eq!(mods.entries[1].mode, "-rw-------");
    node.delete_files(server, "/", vec!["mods".into(), "nothing".into()])
        .await
        .unwrap();
    let gone = node
        .read_file(server, "mods/a.yml", None)
        .await
        .unwrap_err();
    assert!(gone.is_not_found());
    let outside = node.list_files(server, "/../../etc", 1, 10).await;
    assert!(outside.unwrap_err().is_not_found());
}

struct Links<'a> {
    sim: &'a WingsSim,
    server: ServerId,
    user: UserId,
}

impl Links<'_> {
    fn sign(&self, kind: &str, now: DateTime<Utc>) -> Url {
        let node = target(self.sim);
        let issuer: Url = "https://panel.example.com".parse().unwrap();
        let signer = Signer {
            node: &node,
            issuer: &issuer,
            user: self.user,
            server: self.server,
        };
        let unique = Uuid::new_v4();
        let token = match kind {
            "download/file" => signer.file_download("eula.txt", now, unique),
            _ => signer.file_upload(Vec::new(), now, unique),
        };
        link_url(&node.url, kind, &token.unwrap())
    }
}

#[tokio::test]
async fn signed_links_work_a_few_times() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    let links = Links {
        sim: &sim,
        server,
        user: UserId::new_v4(),
    };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let link = links.sign("download/file", now());
    for _ in 0..5 {
        let file = http.get(link.clone()).send().await.unwrap();
        assert_eq!(file.status(), 200);
        assert_eq!(
            file.headers()["content-disposition"],
            "attachment; filename=\"eula.txt\""
        );
        assert_eq!(file.text().await.unwrap(), "eula=true\n");
    }
    assert_eq!(http.get(link).send().await.unwrap().status(), 401);
    let over = links.sign("download/file", now() - TimeDelta::hours(1));
    assert_eq!(http.get(over).send().await.unwrap().status(), 401);
    let wrong = links.sign("upload/file", now());
    let wrong = link_url(
        &sim.url(),
        "download/file",
        &wrong.query_pairs().next().unwrap().1,
    );
    // This daemon does not look at what a token is for; one for uploads names no file.
    assert_eq!(http.get(wrong).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn uploads_land_in_the_directory_and_are_told() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    let links = Links {
        sim: &sim,
        server,
        user: UserId::new_v4(),
    };
    let mut link = links.sign("upload/file", now());
    link.query_pairs_mut().append_pair("directory", "/plugins");
    let part = reqwest::multipart::Part::text("hello").file_name("a.txt");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let uploaded = http
        .post(link)
        .multipart(reqwest::multipart::Form::new().part("files", part))
        .send()
        .await
        .unwrap();
    assert_eq!(uploaded.status(), 200);
    assert_eq!(
        sim.file(server.uuid(), "plugins/a.txt").as_deref(),
        Some(b"hello".as_slice())
    );
    sim.flush_activity().await.unwrap();
    let told = &panel.calls_of("POST", "/activity")[0].body["data"][0];
    assert_eq!(told["event"], "server:file.uploaded");
    assert_eq!(told["user"], serde_json::json!(links.user));
}

#[tokio::test]
async fn pages_of_the_panel_may_upload_and_others_may_not() {
    let panel = Panel::start();
    let sim = panel.node().await;
    let server = installed(&panel, &sim).await;
    let links = Links {
        sim: &sim,
        server,
        user: UserId::new_v4(),
    };
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let link = links.sign("upload/file", now());
    let preflight = http
        .request(reqwest::Method::OPTIONS, link.clone())
        .header("Origin", panel.config().remote)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 204);
    let allowed = |answer: &reqwest::Response, name: &str| {
        answer.headers()[format!("access-control-allow-{name}")]
            .to_str()
            .unwrap()
            .to_lowercase()
    };
    assert_eq!(allowed(&preflight, "origin"), panel.config().remote);
    assert!(allowed(&preflight, "methods").contains("post"));
    assert!(allowed(&preflight, "headers").contains("content-type"));
    // What was answered can be read by the page, a refusal as well.
    for expected in [200, 401] {
        let part = reqwest::multipart::Part::text("hello").file_name("a.txt");
        let form = reqwest::multipart::Form::new().part("files", part);
        let used = match expected {
            200 => link.clone(),
            _ => links.sign("upload/file", now() - TimeDelta::hours(1)),
        };
        let uploaded = http
            .post(used)
            .header("Origin", panel.config().remote)
            .multipart(form)
            .send()
            .await
            .unwrap();
        assert_eq!(uploaded.status(), expected);
        assert_eq!(allowed(&uploaded, "origin"), panel.config().remote);
    }
    // A browser compares: a page of another origin is told the panel's, not its own.
    let other = http
        .request(reqwest::Method::OPTIONS, link)
        .header("Origin", "https://elsewhere.example.net")
        .send()
        .await
        .unwrap();
    assert_eq!(allowed(&other, "origin"), panel.config().remote);
}
