//! Promise 1: you read your own writes, through lagging replicas and caches.
//!
//! Two writers change the value behind one cache key, each once; the value is the set of writes that it includes. A replica
//! applies the primary's log when it likes. Processes follow the log of invalidations, one on the primary, one on the
//! replica, load the value from anywhere they may, and keep it in a cache of their own or in one they share. Commits are in the log
//! before they are visible, may be answered late and commit out of order; once, the primary may be replaced by a standby that
//! has not got its last record, or crash and come back without what was not on disk. Messages of pub/sub are all lost: one that arrived could only drop a value, and a load may
//! replace it at any time anyhow.
//!
//! Sets of transactions are bit masks, and the second writer never begins first: both keep the number of states low.

mod panel;
mod state;

use stateright::{Checker, HasDiscoveries, Model};

use panel::Panel;
use state::{Rule, Source};

const PROMISE: &str = "you read your own writes";
const USE: &str = "a cache answers a reader with a token";

/// Every state that can be reached.
fn explore(panel: Panel) -> impl Checker<Panel> {
    panel.checker().threads(2).spawn_bfs().join()
}

/// States until one breaks the promise.
fn search(panel: Panel) -> impl Checker<Panel> {
    let failures = HasDiscoveries::AnyFailures;
    panel.checker().finish_when(failures).spawn_dfs().join()
}

fn process(follows: Source, without: Option<Rule>) -> Panel {
    Panel {
        without,
        follows: vec![follows],
        writers: 2,
        replica: true,
        shared_cache: false,
        fail_over: false,
        crash: false,
        nudge: false,
        others: 0,
    }
}

#[test]
fn own_writes_are_read_through_a_cache() {
    for follows in [Source::Primary, Source::Replica] {
        let explored = explore(process(follows, None));
        println!("{follows:?}: {} states", explored.unique_state_count());
        explored.assert_properties();
    }
}

#[test]
fn own_writes_are_read_after_a_fail_over() {
    for follows in [Source::Primary, Source::Replica] {
        let explored = explore(Panel {
            fail_over: true,
            replica: follows == Source::Replica,
            ..process(follows, None)
        });
        println!(
            "{follows:?}, fail-over: {} states",
            explored.unique_state_count()
        );
        explored.assert_properties();
    }
}

fn crashing(without: Option<Rule>) -> Panel {
    Panel {
        writers: 1,
        replica: false,
        crash: true,
        nudge: true,
        // One to be counted although it is lost, and one less is counted anyhow.
        others: 2,
        ..process(Source::Primary, without)
    }
}

#[test]
fn own_writes_are_read_after_a_crash() {
    let explored = explore(crashing(None));
    println!("crash: {} states", explored.unique_state_count());
    explored.assert_properties();
}

#[test]
fn the_last_writer_gets_to_use_the_caches_again() {
    let quiet = |nudge| {
        explore(Panel {
            writers: 1,
            replica: false,
            nudge,
            ..process(Source::Primary, None)
        })
    };
    quiet(true).assert_properties();
    assert!(
        quiet(false).discovery(USE).is_none(),
        "the nudge is not needed"
    );
}

fn sharing(without: Option<Rule>) -> Panel {
    Panel {
        follows: vec![Source::Primary, Source::Replica],
        writers: 1,
        shared_cache: true,
        ..process(Source::Primary, without)
    }
}

#[test]
fn own_writes_are_read_through_a_shared_cache() {
    let explored = explore(sharing(None));
    println!("shared: {} states", explored.unique_state_count());
    explored.assert_properties();
}

#[test]
fn no_rule_can_be_left_out() {
    use Rule as R;
    use Source::{Primary, Replica};
    for (rule, follows) in [
        (R::TokenGuardsCaches, Primary),
        (R::TokenGuardsReplicas, Primary),
        (R::JoinersCheckTheLoad, Primary),
        (R::TokenAfterCommit, Replica),
        (R::InvalidationWithTheChange, Replica),
        (R::SampleBeforeSnapshot, Replica),
        (R::PrimaryCountsLess, Primary),
        (R::FollowByXmin, Primary),
        (R::DropBeforeWatermark, Replica),
        (R::LoadAtOrPastFloor, Primary),
        (R::KeysHaveFloors, Replica),
        (R::EpochsDiffer, Primary),
        (R::EmptyOnNewEpoch, Primary),
    ] {
        let searched = search(Panel {
            fail_over: matches!(rule, R::EpochsDiffer | R::EmptyOnNewEpoch),
            nudge: true,
            // Where none is needed to break the promise, there are fewer states to go through.
            replica: !matches!(rule, R::FollowByXmin | R::EmptyOnNewEpoch),
            others: 1,
            ..process(follows, Some(rule))
        });
        println!("{rule:?}: {} states", searched.unique_state_count());
        assert!(
            searched.discovery(PROMISE).is_some(),
            "{rule:?} could be left out"
        );
    }
    let forgetful = search(crashing(Some(R::OnlyDurableCounts)));
    assert!(
        forgetful.discovery(PROMISE).is_some(),
        "what is lost in a crash could be counted"
    );
    let floorless = search(sharing(Some(R::KeysHaveFloors)));
    assert!(
        floorless.discovery(PROMISE).is_some(),
        "the shared cache's floors could be left out"
    );
}
