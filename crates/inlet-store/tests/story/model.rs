//! The store against a model in memory: random steps, the same answers after each, and the same state in between, on both
//! engines. It prints its seed; `INLET_SEED` runs that one again. What differs is shrunk to the shortest way there.

use std::{
    cell::Cell,
    env,
    hash::{BuildHasher, Hasher, RandomState},
};

use inlet_core::{
    directory::{Directory, Entry},
    event::EventKind,
    ids::{ContactKey, DestinationKey, LocationKey},
    registry::{Destination, Ordering},
};
use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place};

use crate::engine::on_both;
use crate::world::{Engine, World, location, sms};

mod compare;
mod memory;
mod people;
mod play;
mod promises;
mod step;

use memory::Memory;
use play::Play;
use step::Step;

/// Steps, more in `script/prove`.
const STEPS: u64 = 20_000;
/// Runs over one store.
const RUNS: i64 = 50;
/// Locations of runs begin here, with their two destinations' keys after them.
const FIRST: i64 = 10_000;

async fn the_store_does_what_a_model_in_memory_does(engine: Engine) {
    block_in_place(|| run(&engine));
}

/// A store of their own for some runs, with a contact at another location.
async fn stage(engine: &Engine) -> (World, ContactKey) {
    let world = World::new(engine.another()).await;
    let stranger = world.submit(sms("SM1", "+14155550100", "Hi")).await.unwrap().contact;
    (world, stranger)
}

fn run(engine: &Engine) {
    let seed = number("INLET_SEED").unwrap_or_else(|| RandomState::new().build_hasher().finish());
    let wanted = number("INLET_STEPS").unwrap_or(STEPS);
    let mut runner = TestRunner::new(Config {
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 500,
        ..Config::default()
    });
    let (done, runs) = (Cell::new(0), Cell::new(0));
    let mut on = Handle::current().block_on(stage(engine));
    while done.get() < wanted {
        // What earlier runs left is in the way of later ones after a while.
        if runs.get() % RUNS == RUNS - 1 {
            on = Handle::current().block_on(stage(engine));
        }
        let (world, stranger) = &on;
        let steps = step::steps().new_tree(&mut runner).unwrap();
        let outcome = runner.run_one(steps, |steps| {
            done.set(done.get() + steps.iter().map(Step::count).sum::<u64>());
            runs.set(runs.get() + 1);
            let place = FIRST + runs.get() * 3;
            let played = Handle::current().block_on(play(world, place, *stranger, &steps));
            played.map_err(TestCaseError::fail)
        });
        match outcome {
            Ok(_) => {}
            Err(TestError::Fail(why, steps)) => panic!("INLET_SEED={seed}: {why}, after {steps:#?}"),
            Err(TestError::Abort(why)) => panic!("INLET_SEED={seed}: {why}"),
        }
    }
    let (engine, steps) = (engine.name(), done.get());
    println!(
        "{engine}: {steps} steps in {} runs, 0 differences, INLET_SEED={seed}",
        runs.get()
    );
}

/// Plays one run at a location of its own.
async fn play(world: &World, place: i64, stranger: ContactKey, steps: &[Step]) -> Result<(), String> {
    let here = LocationKey(place);
    let entry = location(here, &format!("{place:020}"));
    world
        .store
        .write(Entry::Location(entry))
        .await
        .map_err(|fault| fault.to_string())?;
    let [all, strict] = [place + 1, place + 2].map(DestinationKey);
    let destinations = [
        Destination {
            location: here,
            events: EventKind::ALL.to_vec(),
            ..world.destination(all.0)
        },
        Destination {
            location: here,
            ordering: Ordering::Strict,
            ..world.destination(strict.0)
        },
    ];
    for destination in destinations {
        let written = world.store.write(Entry::Destination(destination)).await;
        written.map_err(|fault| fault.to_string())?;
    }
    let memory = Memory::new(here, all, strict, stranger);
    Play { world, memory }.all(steps).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the large number and the seed come from outside"
)]
fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

on_both! {
    the_store_does_what_a_model_in_memory_does,
}
