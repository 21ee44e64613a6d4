//! Lanes: each conversation in order at each destination that wants it so, whatever happens in between, and never stuck.

use std::{collections::HashMap, time::Duration};

use inlet_core::{
    backlog::{Backlog, Order, Told},
    clock::Clock,
    delivery::{Delivery, DeliveryStatus, Fate},
    directory::{Directory, Entry},
    ids::DestinationKey,
    outbox::{Outbox, Room},
    registry::{Destination, Ordering},
};

use crate::{
    engine::on_both,
    outbox::{room, settlement},
    world::{Engine, HERE, World, sms},
};

impl World {
    async fn ordered(&self, key: i64, ordering: Ordering) -> DestinationKey {
        let destination = Destination {
            ordering,
            ..self.destination(key)
        };
        self.store.write(Entry::Destination(destination)).await.unwrap();
        DestinationKey(key)
    }

    async fn say(&self, id: &str, number: &str) {
        self.submit(sms(id, number, id)).await.unwrap();
    }

    async fn claimed(&self, to: DestinationKey) -> Vec<Delivery> {
        let now = self.hands.now();
        let rooms: [Room; 1] = [room(to, 99)];
        self.store
            .claim(now, now + Duration::from_secs(30), &rooms)
            .await
            .unwrap()
    }

    async fn end(&self, delivery: &Delivery, fate: Fate) {
        let settled = self.store.settle(vec![settlement(self, delivery, fate)]).await;
        assert_eq!(settled, Ok(0));
    }

    fn again(&self) -> Fate {
        Fate::Again {
            due_at: self.hands.now() + Duration::from_secs(5),
            counted: true,
        }
    }
}

const ONE: &str = "+14155550101";
const TWO: &str = "+14155550102";

async fn a_strict_lane_waits_for_its_head_and_no_other_lane_does(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.ordered(1, Ordering::Strict).await;
    for id in ["A1", "A2", "A3"] {
        world.say(id, ONE).await;
    }
    world.say("B1", TWO).await;
    let heads = world.claimed(to).await;
    assert_eq!(heads.len(), 2, "one of each conversation");
    assert!(world.claimed(to).await.is_empty(), "the others wait for their head");
    world.end(&heads[0], world.again()).await;
    assert!(world.claimed(to).await.is_empty(), "a failed head stays the head");
    world.hands.advance(Duration::from_secs(5));
    let again = world.claimed(to).await;
    assert_eq!((again.len(), again[0].key), (1, heads[0].key));
    world.end(&again[0], Fate::Delivered).await;
    let second = world.claimed(to).await;
    assert_eq!((second.len(), second[0].lane), (1, heads[0].lane));
    let dead = Fate::Dead {
        reason: "http_500".to_owned(),
    };
    world.end(&second[0], dead).await;
    assert_eq!(world.claimed(to).await.len(), 1, "what is given up is passed over");
    assert_eq!(world.store.unstick().await, Ok(0));
}

async fn a_best_effort_lane_waits_for_the_first_attempt_only(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.ordered(1, Ordering::BestEffort).await;
    for id in ["A1", "A2", "A3"] {
        world.say(id, ONE).await;
    }
    let first = world.claimed(to).await;
    assert_eq!(first.len(), 1);
    world.end(&first[0], world.again()).await;
    let second = world.claimed(to).await;
    assert_eq!(second.len(), 1, "the failed one left the lane");
    assert_ne!(second[0].key, first[0].key);
    world.end(&second[0], Fate::Delivered).await;
    world.hands.advance(Duration::from_secs(5));
    assert_eq!(world.claimed(to).await.len(), 2, "the third, and the first once more");
}

async fn taking_a_head_back_lets_the_next_one_go_and_a_replay_comes_last(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.ordered(1, Ordering::Strict).await;
    for id in ["A1", "A2", "A3"] {
        world.say(id, ONE).await;
    }
    let head = world.claimed(to).await.remove(0);
    let told = |order| world.store.order(head.key, order);
    assert_eq!(told(Order::Cancel).await, Ok(Told::Unfit(DeliveryStatus::Leased)));
    world.end(&head, world.again()).await;
    assert_eq!(told(Order::Cancel).await, Ok(Told::Done));
    assert_eq!(told(Order::Replay).await, Ok(Told::Done));
    let mut order = Vec::new();
    for _ in 0..3 {
        let next = world.claimed(to).await;
        assert_eq!(next.len(), 1);
        world.end(&next[0], Fate::Delivered).await;
        order.push(next[0].key);
    }
    assert_eq!(order[2], head.key);
    assert!(order[0] < order[1]);
}

async fn what_is_released_comes_in_order_and_before_what_came_after(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.ordered(1, Ordering::Strict).await;
    world.say("A1", ONE).await;
    let head = world.claimed(to).await.remove(0);
    let mut disables = settlement(&world, &head, Fate::Held);
    disables.disable = Some("it answered 410".to_owned());
    world.store.settle(vec![disables]).await.unwrap();
    world.say("A2", ONE).await;
    let release = crate::promises::replay(&world, to, DeliveryStatus::Held, 1);
    world.store.enable(to, Some(release)).await.unwrap();
    world.say("A3", ONE).await;
    let mut order = Vec::new();
    for _ in 0..9 {
        world.store.replay_on().await.unwrap();
        for next in world.claimed(to).await {
            order.push(next.key);
            world.end(&next, Fate::Delivered).await;
        }
    }
    assert_eq!((order.len(), order[0]), (3, head.key));
    assert!(order.is_sorted(), "{order:?}");
}

async fn held_without_a_release_nothing_waits_for_it(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.ordered(1, Ordering::Strict).await;
    world.say("A1", ONE).await;
    let head = world.claimed(to).await.remove(0);
    world.say("A2", ONE).await;
    let mut disables = settlement(&world, &head, Fate::Held);
    disables.disable = Some("it answered 410".to_owned());
    world.store.settle(vec![disables]).await.unwrap();
    world.store.enable(to, None).await.unwrap();
    let next = world.claimed(to).await;
    assert_eq!(next.len(), 1);
    assert_ne!(next[0].key, head.key);
}

/// Chance decides what happens next; at the end everything that was promised was delivered or given up, in order.
async fn no_lane_gets_stuck_whatever_happens(engine: Engine) {
    let world = World::new(engine).await;
    let to = world.ordered(1, Ordering::Strict).await;
    let (mut seed, mut said, mut last) = (0x2545_f491_4f6c_dd1d_u64, 0, HashMap::new());
    let mut draw = |most: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 33) % most
    };
    for _ in 0..400 {
        if draw(2) == 0 {
            said += 1;
            world
                .say(&format!("SM{said}"), &format!("+1415555{:04}", 1000 + draw(5)))
                .await;
        }
        world.hands.advance(Duration::from_secs(1));
        for delivery in world.claimed(to).await {
            let fate = match draw(10) {
                0..3 => world.again(),
                3 => Fate::Dead { reason: "x".to_owned() },
                4 => continue,
                _ => Fate::Delivered,
            };
            if fate == Fate::Delivered {
                let before = last.insert(delivery.lane, delivery.key);
                assert!(before.is_none_or(|before| before < delivery.key), "out of order");
            }
            world.end(&delivery, fate).await;
        }
        world.store.recover(world.hands.now()).await.unwrap();
        assert_eq!(world.store.unstick().await, Ok(0));
    }
    for _ in 0..2 * said {
        world.hands.advance(Duration::from_mins(1));
        world.store.recover(world.hands.now()).await.unwrap();
        for delivery in world.claimed(to).await {
            world.end(&delivery, Fate::Delivered).await;
        }
    }
    let open = world
        .engine
        .number("select count(*) from delivery where status not in (3, 4)");
    assert_eq!((open, HERE), (0, HERE), "of {said}");
}

on_both! {
    a_strict_lane_waits_for_its_head_and_no_other_lane_does,
    a_best_effort_lane_waits_for_the_first_attempt_only,
    taking_a_head_back_lets_the_next_one_go_and_a_replay_comes_last,
    what_is_released_comes_in_order_and_before_what_came_after,
    held_without_a_release_nothing_waits_for_it,
    no_lane_gets_stuck_whatever_happens,
}
