//! Writing only what one has read.

use panel_testkit::{Answer, Method};

use super::super::Stage;
use super::ALL;

impl Stage {
    async fn replace(&self, file: &str, content: &str, tag: &str) -> Answer {
        let path = self.path(&format!("/files/write?file={file}"));
        let request = self.owner.request(Method::POST, &path);
        let request = request.header("if-match", tag);
        request.body(content, "text/plain").send().await
    }

    async fn create(&self, file: &str, content: &str) -> Answer {
        let path = self.path(&format!("/files/write?file={file}&create_only=true"));
        let request = self.owner.request(Method::POST, &path);
        request.body(content, "text/plain").send().await
    }

    async fn tag_of(&self, file: &str) -> String {
        let read = self.read_as(&self.owner, file).await;
        read.header("etag").unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_file_that_was_changed_meanwhile_is_not_overwritten() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        stage.write("a.txt", "one").await;
        let tag = stage.tag_of("a.txt").await;
        assert_eq!(stage.tag_of("a.txt").await, tag, "{dialect:?}");
        stage.replace("a.txt", "two", &tag).await.ok();
        assert_ne!(stage.tag_of("a.txt").await, tag);
        let late = stage.replace("a.txt", "three", &tag).await;
        late.expect_error(412, "file_changed");
        assert_eq!(stage.on_node("a.txt").as_deref(), Some("two"));
        let gone = stage.replace("gone.txt", "three", &tag).await;
        gone.expect_error(412, "file_changed");
        let unreadable = stage.replace("a.txt", "three", "*").await;
        unreadable.expect_error(400, "invalid_input");
    }
}

#[tokio::test]
async fn a_new_file_does_not_replace_another() {
    for dialect in ALL {
        let stage = Stage::of(dialect).await;
        stage.create("new.txt", "one").await.ok();
        let again = stage.create("new.txt", "two").await;
        again.expect_error(412, "file_exists");
        assert_eq!(stage.on_node("new.txt").as_deref(), Some("one"));
    }
}

#[tokio::test]
async fn a_long_file_is_read_without_a_tag() {
    let stage = Stage::of(ALL[3]).await;
    let long = "x".repeat(1024 * 1024 + 1);
    stage.write("long.txt", &long).await;
    let read = stage.read_as(&stage.owner, "long.txt").await;
    assert_eq!(read.header("etag"), None);
    assert_eq!(read.text(), long);
}
