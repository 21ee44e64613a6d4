//! What is known of a statement once it was prepared for the first time: its types, and its texts for one list and many.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use deadpool_postgres::Object;
use tokio_postgres::types::Type;

use super::{
    bind::{Param, array, one},
    joined::changed,
    widen::{Answer, Wide, found_by, widen},
};
use crate::{difference::on_postgres, error::StoreError, waist::Value};

/// One statement.
#[derive(Debug)]
pub(super) struct Plan {
    text: String,
    types: Vec<Type>,
    /// For lists that share their first argument, and for lists that do not.
    wide: [Option<Wide>; 2],
    found_by: Option<Vec<usize>>,
    /// The table that it changes, where it may be joined with others.
    changed: Option<String>,
}

/// What is sent for one list of arguments, or for many at once.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) params: Vec<Param>,
    /// Which lists it is for, in the order in which they are run.
    pub(super) places: Vec<usize>,
    /// For many lists: whether they share their first argument.
    wide: Option<bool>,
}

/// The plans of all statements that were run, for all connections of one kind.
#[derive(Debug)]
pub(crate) struct Plans {
    known: RwLock<HashMap<&'static str, Arc<Plan>>>,
    writes: bool,
    /// Whether statements that answer nothing are joined.
    joins: bool,
}

impl Plans {
    /// Plans for connections that write. Where each location has a server of its own, statements are not joined: Citus
    /// takes each apart for itself.
    pub(crate) fn writing(apart: bool) -> Arc<Self> {
        Self::new(true, !apart)
    }

    /// Plans for connections that only read.
    pub(crate) fn reading() -> Arc<Self> {
        Self::new(false, false)
    }

    fn new(writes: bool, joins: bool) -> Arc<Self> {
        Arc::new(Self {
            known: RwLock::default(),
            writes,
            joins,
        })
    }

    pub(super) fn get(&self, sql: &'static str) -> Option<Arc<Plan>> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(sql)
            .cloned()
    }

    /// Asks PostgreSQL for the types of a statement's arguments.
    pub(super) async fn make(&self, sql: &'static str, client: &Object) -> Result<Arc<Plan>, tokio_postgres::Error> {
        let text = on_postgres(sql, self.writes);
        let types = client.prepare_cached(&text).await?.params().to_vec();
        let plan = Arc::new(Plan {
            wide: [widen(&text, &types, true), widen(&text, &types, false)],
            found_by: found_by(&text),
            changed: changed(&text).filter(|_| self.joins).map(str::to_owned),
            text,
            types,
        });
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(sql, Arc::clone(&plan));
        Ok(plan)
    }
}

impl Plan {
    /// The statement for many lists; `None` where each must be run by itself.
    fn wide(&self, shared: bool) -> Option<&Wide> {
        let [of_one, of_many] = &self.wide;
        if shared { of_one.as_ref() } else { of_many.as_ref() }
    }

    /// What is sent for these lists, one after the other.
    pub(super) fn queries(&self, lists: &[&[Value<'_>]]) -> Result<Vec<Query>, StoreError> {
        let joins = self.changed.is_some();
        if let ([list], false) = (lists, joins) {
            return Ok(vec![self.alone(list, 0)?]);
        }
        let shared = shared(lists);
        let mut queries = Vec::new();
        for places in self.rounds(lists) {
            // What is joined has one text for one list and for many: each joint text is prepared by itself.
            if (places.len() > 1 || joins) && self.wide(shared).is_some() {
                queries.push(Query {
                    params: self.arrays((lists, &places), shared)?,
                    places,
                    wide: Some(shared),
                });
                continue;
            }
            for place in places {
                queries.push(self.alone(lists.get(place).copied().unwrap_or_default(), place)?);
            }
        }
        Ok(queries)
    }

    fn alone(&self, list: &[Value<'_>], place: usize) -> Result<Query, StoreError> {
        let params = list.iter().zip(&self.types).map(|(value, of)| one(*value, of));
        Ok(Query {
            params: params.collect::<Result<_, _>>()?,
            places: vec![place],
            wide: None,
        })
    }

    /// The table that it changes, where it may be joined with others.
    pub(super) fn changed(&self) -> Option<&str> {
        self.changed.as_deref()
    }

    /// The statement of a query.
    pub(super) fn text(&self, query: &Query) -> &str {
        self.wide_of(query).map_or(&self.text, |wide| &wide.text)
    }

    /// How the rows of a query are told apart; `None` where all are of its only list.
    pub(super) fn answer(&self, query: &Query) -> Option<&Answer> {
        self.wide_of(query).map(|wide| &wide.answer)
    }

    fn wide_of(&self, query: &Query) -> Option<&Wide> {
        query.wide.and_then(|shared| self.wide(shared))
    }

    /// The places of the lists in the order in which they are run: rows are locked in one order everywhere, so that no two
    /// transactions wait for one another. Lists that find the same row come one after the other, as they were given.
    fn rounds(&self, lists: &[&[Value<'_>]]) -> Vec<Vec<usize>> {
        let mut places: Vec<usize> = (0..lists.len()).collect();
        let list = |place: &usize| lists.get(*place).copied().unwrap_or_default();
        places.sort_by(|one, other| list(one).cmp(list(other)));
        let Some(found_by) = &self.found_by else {
            return vec![places];
        };
        places.sort_unstable();
        let key = |place: &usize| -> Vec<Value<'_>> {
            let list = list(place);
            found_by
                .iter()
                .map(|one| list.get(*one).copied().unwrap_or(Value::Null))
                .collect()
        };
        let mut rounds = Vec::new();
        while !places.is_empty() {
            let mut taken = HashSet::new();
            let (mut now, later): (Vec<usize>, Vec<usize>) =
                places.into_iter().partition(|place| taken.insert(key(place)));
            now.sort_by(|one, other| list(one).cmp(list(other)));
            rounds.push(now);
            places = later;
        }
        rounds
    }

    /// The arguments of the lists at these places, one array each; the first is a single one where they share it.
    fn arrays(&self, (lists, places): (&[&[Value<'_>]], &[usize]), shared: bool) -> Result<Vec<Param>, StoreError> {
        let value = |place: &usize, column: usize| {
            let list = lists.get(*place).copied().unwrap_or_default();
            list.get(column).copied().unwrap_or(Value::Null)
        };
        let columns = self.types.iter().enumerate().map(|(column, of)| match places {
            [first, ..] if shared && column == 0 => one(value(first, 0), of),
            _ => array(places.iter().map(|place| value(place, column)), of),
        });
        columns.collect()
    }
}

/// Whether all lists have their first argument in common.
fn shared(lists: &[&[Value<'_>]]) -> bool {
    let mut firsts = lists.iter().map(|list| list.first());
    let first = firsts.next().flatten();
    first.is_some() && firsts.all(|other| other == first)
}
