//! Rows about a server's files.

use bytes::Bytes;
use uuid::Uuid;
use wings_client::wire::files::{
    Algorithm, ArchiveFormat, ContentFilter, CopyMany, CopyRemote, ModeChange, Move, Search,
    SqliteQuery, SqliteValue,
};
use wings_client::{Content, Work};
use wings_sim::Dialect;

use super::Row;
use super::stage::{expect, lacks_route, pull, raw};

pub(super) const ROWS: &[Row] = rows! {
    "GET" "/api/servers/{}/files/contents" => |s| {
        s.write("/a.txt", "content").await?;
        assert_eq!(s.read("a.txt").await?, b"content");
        let missing = s.read("/missing").await.unwrap_err();
        let wanted = if s.sim.dialect() == Dialect::Pterodactyl { 500 } else { 404 };
        expect(missing.status() == Some(wanted))
    };
    "GET" "/api/servers/{}/files/list-directory" => |s| {
        // The one route of the two that the client asks where there is no other; raw elsewhere.
        let listed = raw(s, "GET", &format!("/api/servers/{}/files/list-directory", s.server)).await;
        assert_eq!(listed.status(), 200);
        let page = s.node.list_files(s.server, "/", 1, 100).await?;
        expect(page.entries.iter().any(|entry| entry.name == "world" && entry.directory))
    };
    "GET" "/api/servers/{}/files/list" => |s| {
        if s.sim.dialect().is_go() {
            return lacks_route(s, "GET", "files/list").await;
        }
        let page = s.node.list_files(s.server, "/", 1, 2).await?;
        expect(page.entries.len() == 2 && page.total > 2)
    };
    "PUT" "/api/servers/{}/files/rename" => |s| {
        s.write("/a.txt", "a").await?;
        s.write("/b.txt", "b").await?;
        let to = |to: &str| vec![Move { from: "a.txt".into(), to: to.into() }];
        let taken = s.node.rename_files(s.server, "/", to("b.txt")).await;
        if s.sim.dialect().is_go() {
            assert_eq!(taken.unwrap_err().status(), Some(400));
        } else {
            // Left out without a word.
            taken?;
        }
        s.node.rename_files(s.server, "/", to("c/d.txt")).await?;
        expect(s.read("/c/d.txt").await? == b"a")
    };
    "POST" "/api/servers/{}/files/copy" => |s| {
        s.write("/a.txt", "a").await?;
        s.node.copy_file(s.server, "/a.txt", None).await?;
        expect(s.read("/a copy.txt").await? == b"a")
    };
    "POST" "/api/servers/{}/files/copy-many" => |s| {
        s.write("/a.txt", "a").await?;
        let order = CopyMany {
            root: "/".into(),
            files: vec![Move { from: "a.txt".into(), to: "x/a.txt".into() }],
            overwrite: false,
            foreground: true,
        };
        assert_eq!(s.node.copy_many(s.server, &order).await?.copied, Some(1));
        expect(s.node.copy_many(s.server, &order).await?.skipped.len() == 1)
    };
    "POST" "/api/servers/{}/files/copy-remote" => |s| {
        s.write("/a.txt", "a").await?;
        let order = CopyRemote {
            url: String::new(),
            token: String::new(),
            archive_format: ArchiveFormat::TarGz,
            compression_level: None,
            root: "/".into(),
            files: vec![Move { from: "a.txt".into(), to: "b.txt".into() }],
            destination_server: s.server.uuid(),
            destination_path: "/new".into(),
            foreground: true,
        };
        assert_eq!(s.node.copy_remote(s.server, &order).await?, Work::Done(None));
        expect(s.read("/new/b.txt").await? == b"a")
    };
    "POST" "/api/servers/{}/files/create-symlink" => |s| {
        s.write("/a.txt", "a").await?;
        s.node.create_symlink(s.server, "/links", "b.txt", "../a.txt").await?;
        expect(s.read("/links/b.txt").await? == b"a")
    };
    "POST" "/api/servers/{}/files/sqlite-query" => |s| {
        s.write("/a.db", "SQLite format 3\0").await?;
        let query = SqliteQuery {
            file: "/a.db".into(),
            query: "SELECT 7;".into(),
            read_only: true,
            rows: 10,
        };
        let results = s.node.query_sqlite(s.server, &query).await?;
        expect(results[0].rows[0] == [SqliteValue::Text { value: "7".into() }])
    };
    "POST" "/api/servers/{}/files/write" => |s| {
        let pieces = ["one ", "two"].map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        let content = Content::new(Some(7), futures_util::stream::iter(pieces));
        s.node.write_file_stream(s.server, "/deep/a.txt", Some(s.user), content).await?;
        expect(s.read("/deep/a.txt").await? == b"one two")
    };
    "POST" "/api/servers/{}/files/create-directory" => |s| {
        s.node.create_directory(s.server, "/world", "new").await?;
        s.write("/world/new/x", "x").await
    };
    "POST" "/api/servers/{}/files/delete" => |s| {
        s.write("/a.txt", "a").await?;
        s.node.delete_files(s.server, "/", vec!["a.txt".into()]).await?;
        expect(s.read("/a.txt").await.is_err())
    };
    "POST" "/api/servers/{}/files/compress" => |s| {
        s.write("/in/a.txt", "a").await?;
        let files = vec!["in".into()];
        let work = s.node.compress(s.server, "/", files, None, ArchiveFormat::TarGz, false).await?;
        let Work::Done(Some(entry)) = work else { panic!("{work:?}") };
        expect(entry.name.starts_with("archive-") && entry.name.ends_with(".tar.gz"))
    };
    "POST" "/api/servers/{}/files/decompress" => |s| {
        s.write("/in/a.txt", "a").await?;
        let files = vec!["in".into()];
        let work = s.node.compress(s.server, "/", files, None, ArchiveFormat::TarGz, false).await?;
        let Work::Done(Some(entry)) = work else { panic!("{work:?}") };
        s.node.delete_files(s.server, "/", vec!["in".into()]).await?;
        s.node.decompress(s.server, "/", &entry.name, false).await?;
        assert_eq!(s.read("/in/a.txt").await?, b"a");
        let none = s.node.decompress(s.server, "/", "in/a.txt", false).await.unwrap_err();
        expect(none.status() == Some(if s.sim.dialect().is_go() { 400 } else { 417 }))
    };
    "POST" "/api/servers/{}/files/chmod" => |s| {
        s.write("/a.sh", "a").await?;
        let change = ModeChange { file: "a.sh".into(), mode: "0755".into(), recursive: false };
        s.node.change_modes(s.server, "/", vec![change]).await?;
        let page = s.node.list_files(s.server, "/", 1, 100).await?;
        expect(page.entries.iter().any(|entry| entry.name == "a.sh" && entry.mode_bits == "755"))
    };
    "POST" "/api/servers/{}/files/pull" => |s| {
        let order = pull(s.panel.file(b"fetched"), true);
        s.node.pull_file(s.server, &order).await?;
        expect(s.read("/here.bin").await? == b"fetched")
    };
    "GET" "/api/servers/{}/files/pull" => |s| expect(s.node.pulls(s.server).await?.is_empty());
    "DELETE" "/api/servers/{}/files/pull/{}" => |s| s.node.cancel_pull(s.server, Uuid::new_v4()).await;
    "POST" "/api/servers/{}/files/pull/query" => |s| {
        let preview = s.node.preview_pull(s.server, &s.panel.file(b"fetched")).await?;
        expect(preview.file_size == Some(7))
    };
    "GET" "/api/servers/{}/files/search" => |s| {
        if s.sim.dialect() != Dialect::Pelican {
            return lacks_route(s, "GET", "files/search").await;
        }
        let found = s.node.find_files(s.server, "/", "LEVEL", 10).await?;
        assert_eq!(found[0].name, "world/level.dat");
        let missing = s.node.find_files(s.server, "/nowhere", "level", 10).await;
        expect(missing.unwrap_err().is_not_found())
    };
    "POST" "/api/servers/{}/files/search" => |s| {
        let search = Search {
            root: "/".into(),
            path_filter: None,
            size_filter: None,
            content_filter: Some(ContentFilter {
                query: "MOTD".into(),
                max_search_size: 1024,
                include_unmatched: false,
                case_insensitive: true,
            }),
            per_page: 10,
        };
        let found = s.node.search_files(s.server, &search).await?;
        assert_eq!(found[0].name, "server.properties");
        expect(s.node.find_files(s.server, "/", "level", 10).await?[0].name == "world/level.dat")
    };
    "GET" "/api/servers/{}/files/fingerprints" => |s| {
        let files = ["/eula.txt".to_owned(), "/missing".to_owned()];
        let found = s.node.fingerprints(s.server, Algorithm::Sha256, &files).await?;
        expect(found.fingerprints.len() == 1 && found.fingerprints["/eula.txt"].len() == 64)
    };
    "GET" "/api/servers/{}/files/largest-directories" => |s| {
        expect(s.node.largest_directories(s.server, "/", &[]).await?[0].name == "world")
    };
    "GET" "/api/servers/{}/files/operations" => |s| {
        expect(s.node.file_operations(s.server).await?.operations.is_empty())
    };
    "DELETE" "/api/servers/{}/files/operations/{}" => |s| {
        s.node.abort_file_operation(s.server, Uuid::new_v4()).await
    };
    "GET" "/api/servers/{}/files/revisions" => |s| {
        s.write("/eula.txt", "eula=false").await?;
        expect(s.node.revisions(s.server, "/eula.txt").await?[0].size == 10)
    };
    "GET" "/api/servers/{}/files/revisions/{}" => |s| {
        s.write("/eula.txt", "eula=false").await?;
        let stream = s.node.read_revision(s.server, "/eula.txt", 1).await?;
        expect(stream.collect(100).await? == b"eula=true\n")
    };
};
