//! The engine for many machines: PostgreSQL 15 or newer. A statement for one list of arguments is widened to arrays, what
//! answers nothing is sent without waiting, and whatever failed is told by what may be done about it.

use std::{
    collections::HashMap,
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use async_trait::async_trait;
use deadpool_postgres::Object;
use futures_util::future::try_join_all;
use tokio_postgres::{Row as Found, Statement, types::ToSql};

use crate::{
    error::StoreError,
    waist::{Asked, Cell, Row, Value, Waist, in_a_row},
};

mod bind;
pub(crate) mod connect;
mod failure;
pub(crate) mod fresh;
pub(crate) mod ground;
mod joined;
pub(crate) mod lease;
mod migrate;
pub(crate) mod news;
mod plan;
pub(crate) mod readers;
#[cfg(test)]
mod tests;
mod widen;
pub(crate) mod writer;

use failure::{at_commit, failed};
use joined::Joined;
pub(crate) use plan::Plans;
use plan::{Plan, Query};
use widen::Answer;

/// What was sent and will be waited for.
type Underway = Pin<Box<dyn Future<Output = Result<(), tokio_postgres::Error>> + Send>>;

/// What is written finds its rows by their keys. PostgreSQL would plan to read a whole table while it is nearly empty, and
/// keep that plan while it fills.
const BEGIN_BY_KEYS: &str =
    "begin; set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off";

/// A connection, with at most one transaction.
pub(crate) struct Postgres {
    /// There until it is dropped.
    client: Option<Arc<Object>>,
    plans: Arc<Plans>,
    begin: &'static str,
    underway: Vec<Underway>,
    /// What will be sent with what comes next.
    joined: Joined,
    /// Whether a transaction is open.
    open: bool,
}

/// A connection in the middle of a transaction is ended: nobody else must find it so.
impl Drop for Postgres {
    fn drop(&mut self) {
        self.underway.clear();
        if self.open
            && let Some(client) = self.client.take().and_then(Arc::into_inner)
        {
            drop(Object::take(client));
        }
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postgres(..)")
    }
}

impl Postgres {
    /// A connection that writes.
    pub(crate) fn writer(client: Object, plans: Arc<Plans>) -> Self {
        Self::new(client, plans, BEGIN_BY_KEYS)
    }

    /// A connection that reads: all it sees in one transaction is of one moment.
    pub(crate) fn reader(client: Object, plans: Arc<Plans>) -> Self {
        Self::new(client, plans, "begin isolation level repeatable read, read only")
    }

    fn new(client: Object, plans: Arc<Plans>, begin: &'static str) -> Self {
        Self {
            client: Some(Arc::new(client)),
            plans,
            begin,
            underway: Vec::new(),
            joined: Joined::default(),
            open: false,
        }
    }

    fn client(&self) -> Result<Arc<Object>, StoreError> {
        let gone = || StoreError::Broken("the connection is gone".to_owned());
        self.client.as_ref().map(Arc::clone).ok_or_else(gone)
    }

    /// Sends, and leaves the waiting for later.
    async fn send(&mut self, mut work: Underway) -> Result<(), StoreError> {
        match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            Poll::Ready(done) => done.map_err(|error| failed(&error)),
            Poll::Pending => {
                self.underway.push(work);
                Ok(())
            }
        }
    }

    /// Sends what waited for its like.
    async fn send_joined(&mut self) -> Result<(), StoreError> {
        match self.joined.take() {
            Some((text, params)) => self.execute(&text, params).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Keeps a statement that changes this table for its like.
    async fn join(&mut self, table: &str, text: &str, params: Vec<bind::Param>) -> Result<(), StoreError> {
        if !self.joined.takes(table) {
            self.send_joined().await?;
        }
        self.joined.add(table, text, params);
        Ok(())
    }

    async fn command(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.send_joined().await?;
        let client = self.client()?;
        self.send(Box::pin(async move { client.batch_execute(sql).await }))
            .await
    }

    /// Waits for all that was sent. The first failure is the one that counts: what comes after it failed because of it.
    async fn arrive(&mut self) -> Result<(), tokio_postgres::Error> {
        for work in std::mem::take(&mut self.underway) {
            work.await?;
        }
        Ok(())
    }

    /// What went wrong: if something sent before failed, then that.
    async fn first_failure(&mut self, error: &tokio_postgres::Error) -> StoreError {
        match self.arrive().await {
            Ok(()) => failed(error),
            Err(first) => failed(&first),
        }
    }

    /// Sends, waits for all that was sent before, then for its own answer. A connection reads no further than what somebody
    /// takes from it: who waits for the last answer alone may wait for ever.
    async fn in_turn<T>(
        &mut self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>> + Send,
    ) -> Result<T, StoreError> {
        let mut work = pin!(work);
        match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            Poll::Ready(Ok(done)) => Ok(done),
            Poll::Ready(Err(error)) => Err(self.first_failure(&error).await),
            Poll::Pending => {
                self.arrive().await.map_err(|error| failed(&error))?;
                work.await.map_err(|error| failed(&error))
            }
        }
    }

    async fn plan(&mut self, sql: &'static str) -> Result<Arc<Plan>, StoreError> {
        if let Some(plan) = self.plans.get(sql) {
            return Ok(plan);
        }
        let (client, plans) = (self.client()?, Arc::clone(&self.plans));
        self.in_turn(plans.make(sql, &client)).await
    }

    async fn prepare(&mut self, text: &str) -> Result<Statement, StoreError> {
        let client = self.client()?;
        self.in_turn(client.prepare_cached(text)).await
    }

    /// What answers nothing is only sent.
    async fn execute(&mut self, text: &str, params: Vec<bind::Param>) -> Result<Vec<Found>, StoreError> {
        let statement = self.prepare(text).await?;
        let client = self.client()?;
        if statement.columns().is_empty() {
            let work = async move { client.execute_raw(&statement, params).await.map(|_| ()) };
            self.send(Box::pin(work)).await?;
            return Ok(Vec::new());
        }
        self.in_turn(client.query(&statement, &parameters(&params))).await
    }
}

fn parameters(params: &[bind::Param]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| -> &(dyn ToSql + Sync) { param }).collect()
}

/// Gives each list of a query its rows.
fn sort_out(
    found: &[Found],
    (plan, query): (&Plan, &Query),
    lists: &[&[Value<'_>]],
    answers: &mut [Vec<Row>],
) -> Result<(), StoreError> {
    let astray = || StoreError::Unreadable("the place of its list");
    let mut owners: HashMap<Vec<Cell>, usize> = HashMap::new();
    let answer = plan.answer(query);
    if let Some(Answer::Arguments(arguments)) = answer {
        for place in &query.places {
            let list = lists.get(*place).ok_or_else(astray)?;
            let given = arguments
                .iter()
                .map(|one| list.get(*one).map_or(Cell::Null, Cell::from));
            owners.entry(given.collect()).or_insert(*place);
        }
    }
    for row in found {
        let mut cells = bind::cells(row)?;
        let place = match answer {
            None => query.places.first().copied(),
            Some(Answer::Nothing) => continue,
            Some(Answer::Place) => {
                let Cell::Int(number) = cells.remove(0) else {
                    return Err(astray());
                };
                let number = usize::try_from(number - 1).map_err(|_| astray())?;
                query.places.get(number).copied()
            }
            Some(Answer::Arguments(_)) => owners.get(&cells).copied(),
        };
        let answer = place.and_then(|place| answers.get_mut(place)).ok_or_else(astray)?;
        answer.push(Row::new(cells));
    }
    Ok(())
}

#[async_trait]
impl Waist for Postgres {
    fn is_shared(&self) -> bool {
        true
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        self.open = true;
        self.command(self.begin).await
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        // What was sent before may fail now, and it is not known then whether the commit that follows it was heard.
        self.command("commit").await?;
        self.arrive().await.map_err(|error| at_commit(&error))?;
        self.open = false;
        Ok(())
    }

    async fn roll_back(&mut self) -> Result<(), StoreError> {
        self.joined = Joined::default();
        // What was under way is undone, whatever came of it.
        let _ = self.arrive().await;
        self.command("rollback").await?;
        self.arrive().await.map_err(|error| failed(&error))?;
        self.open = false;
        Ok(())
    }

    async fn begin_part(&mut self) -> Result<(), StoreError> {
        self.command("savepoint part").await
    }

    async fn end_part(&mut self, stays: bool) -> Result<(), StoreError> {
        if stays {
            self.send_joined().await?;
            self.arrive().await.map_err(|error| failed(&error))?;
        } else {
            self.joined = Joined::default();
            let _ = self.arrive().await;
            self.command("rollback to savepoint part").await?;
        }
        self.command("release savepoint part").await?;
        self.arrive().await.map_err(|error| failed(&error))
    }

    async fn run(&mut self, sql: &'static str, args: &[&[Value<'_>]]) -> Result<Vec<Vec<Row>>, StoreError> {
        let plan = self.plan(sql).await?;
        let mut answers: Vec<Vec<Row>> = args.iter().map(|_| Vec::new()).collect();
        for mut query in plan.queries(args)? {
            let params = std::mem::take(&mut query.params);
            if let Some(table) = plan.changed().filter(|_| self.open) {
                self.join(table, plan.text(&query), params).await?;
                continue;
            }
            self.send_joined().await?;
            let found = self.execute(plan.text(&query), params).await?;
            sort_out(&found, (&plan, &query), args, &mut answers)?;
        }
        Ok(answers)
    }

    async fn run_all(&mut self, asked: &[Asked<'_>]) -> Result<Vec<Vec<Vec<Row>>>, StoreError> {
        let mut ready = Vec::with_capacity(asked.len());
        for (sql, lists) in asked.iter().filter(|(_, lists)| !lists.is_empty()) {
            let plan = self.plan(sql).await?;
            let mut queries = plan.queries(lists)?;
            let (Some(query), true) = (queries.pop(), queries.is_empty()) else {
                return in_a_row(self, asked).await;
            };
            ready.push((self.prepare(plan.text(&query)).await?, plan, query));
        }
        self.send_joined().await?;
        let client = self.client()?;
        let sent = ready.iter().map(|(statement, _, query)| {
            let client = Arc::clone(&client);
            async move { client.query(statement, &parameters(&query.params)).await }
        });
        let found = self.in_turn(try_join_all(sent)).await?;
        let mut found = ready.iter().zip(found);
        let mut answers = Vec::with_capacity(asked.len());
        for (_, lists) in asked {
            let mut own: Vec<Vec<Row>> = lists.iter().map(|_| Vec::new()).collect();
            if let Some(((_, plan, query), found)) = (!lists.is_empty()).then(|| found.next()).flatten() {
                sort_out(&found, (plan, query), lists, &mut own)?;
            }
            answers.push(own);
        }
        Ok(answers)
    }
}
