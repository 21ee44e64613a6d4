//! Who owns what: read from memory, written on the writer's thread, and in the registry before the write is answered.

use std::sync::Arc;

use async_trait::async_trait;
use inlet_core::{
    bell::Ring,
    directory::{Directory, Entry, StoreFault},
    ids::{LocationKey, ProviderKey, UserKey},
    people::Whose,
    registry::{Location, Registry},
};
use jiff::Timestamp;

use crate::{
    Store,
    error::StoreError,
    group::Desk,
    row::json,
    seal::Sealed,
    setting::next_directory_version,
    store::Readers,
    waist::{Waist, args, row},
};

mod add;
pub(crate) mod load;
mod people;
mod session;

const REVOKE: &str = "
    update token set revoked_at = $2 where id = $1 and revoked_at is null";

const GRANT_REVOKED: &str = "
    update app_grant set revoked_at = $2 where id = $1 and revoked_at is null";

const LOCATION_EDIT: &str = "
    update location set name = $2, country = $3, words = $4 where id = $1";

const LOCATION_VIEWS: &str = "
    update location set views = $2 where id = $1";

const ENDPOINT_SECRETS: &str = "
    update endpoint set secrets = $2, unsigned = 0 where id = $1";

const PROVIDER_NUMBER: &str = "
    update provider set number = $3 where location_id = $1 and id = $2";

const DESTINATION_STATE: &str = "
    update destination set state = $3, state_reason = $4, parked_until = null where location_id = $1 and id = $2";

const DESTINATION_SECRET: &str = "
    update destination set secret = $3, old_secrets = $4 where location_id = $1 and id = $2";

#[async_trait]
impl Directory for Store {
    fn registry(&self) -> Arc<Registry> {
        self.inner().published.get()
    }

    async fn refresh(&self) {
        if let Readers::Postgres(readers) = &self.inner().readers
            && let Err(error) = readers.fresh().look().await
        {
            tracing::warn!(%error, "who owns what could not be asked for");
        }
    }

    async fn write(&self, entry: Entry) -> Result<(), StoreFault> {
        let thing = thing(&entry);
        let registry = self.registry();
        let done = Store::write(self, move |desk| {
            Box::pin(write(desk, entry.clone(), Arc::clone(&registry)))
        });
        done.await.map_err(|error| error.adding(thing))
    }

    async fn add_login(&self, hash: [u8; 32], whose: Whose, until: Timestamp) -> Result<(), StoreFault> {
        let added = Store::write(self, move |desk| {
            Box::pin(session::add_login(desk, hash, (whose, until)))
        })
        .await;
        added.map_err(|error| error.adding("this login link"))
    }

    async fn log_in(&self, link: [u8; 32], session: [u8; 32], now: Timestamp) -> Result<bool, StoreFault> {
        let done = Store::write(self, move |desk| Box::pin(session::log_in(desk, link, session, now)));
        Ok(done.await?)
    }

    async fn open_session(&self, session: [u8; 32], user: UserKey, now: Timestamp) -> Result<(), StoreFault> {
        let done = Store::write(self, move |desk| Box::pin(session::open(desk, session, user, now)));
        Ok(done.await?)
    }

    async fn session(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<Whose>, StoreFault> {
        let found = self.read(move |waist| Box::pin(session::whose(waist, hash, now)));
        Ok(found.await?)
    }

    async fn log_out(&self, hash: [u8; 32]) -> Result<(), StoreFault> {
        let done = Store::write(self, move |desk| Box::pin(session::log_out(desk, hash)));
        Ok(done.await?)
    }
}

/// What a person calls the thing that is there already.
fn thing(entry: &Entry) -> &'static str {
    match entry {
        Entry::Location(_) | Entry::LocationEdit(_) | Entry::LocationViews(..) => "a location with this id",
        Entry::App(_) => "an app with this id",
        Entry::Grant(_) | Entry::GrantRevoked(..) => "this grant",
        Entry::Token(_) | Entry::Revoke(..) => "this token",
        Entry::User(_) | Entry::UserRoles(..) | Entry::UserPassword(..) | Entry::UserRemoved(_) => {
            "a user with this name"
        }
        Entry::Endpoint(..) | Entry::EndpointSecrets(..) => "an endpoint or provider with this id",
        Entry::Provider(..) | Entry::ProviderNumber(..) => "a provider with this id",
        Entry::Destination(_) | Entry::DestinationState(..) | Entry::DestinationSecret(..) => {
            "a destination with this id"
        }
    }
}

async fn write(desk: &mut Desk, entry: Entry, registry: Arc<Registry>) -> Result<(), StoreError> {
    let sealer = desk.sealer.clone();
    let waist = &mut *desk.waist;
    match entry {
        Entry::Location(location) => add::location(waist, &location).await?,
        Entry::LocationEdit(location) => edit_location(waist, &location).await?,
        Entry::LocationViews(location, views) => {
            let views = (!views.is_empty()).then(|| json(&views)).transpose()?;
            row(waist, LOCATION_VIEWS, args![location.0, views.as_deref()]).await?;
        }
        Entry::Token(token) => add::token(waist, &token).await?,
        Entry::Revoke(token, at) => {
            row(waist, REVOKE, args![token.0, at]).await?;
        }
        Entry::App(app) => add::app(waist, &app).await?,
        Entry::Grant(grant) => add::grant(waist, &grant).await?,
        Entry::GrantRevoked(grant, at) => {
            row(waist, GRANT_REVOKED, args![grant.0, at]).await?;
        }
        Entry::User(user) => people::add(waist, &user).await?,
        Entry::UserRoles(user, roles) => people::set_roles(waist, user, &roles).await?,
        Entry::UserPassword(user, password) => people::set_password(waist, user, &password).await?,
        Entry::UserRemoved(user) => people::remove(waist, user).await?,
        Entry::Endpoint(endpoint, provider, delivery) => {
            add::endpoint(waist, &sealer, &endpoint).await?;
            add::provider(waist, &sealer, (&provider, delivery.as_deref())).await?;
        }
        Entry::EndpointSecrets(key, secrets) => {
            let secrets = add::sealed_secrets(&sealer, &secrets)?;
            row(waist, ENDPOINT_SECRETS, args![key.0, secrets.as_slice()]).await?;
        }
        Entry::Provider(provider, delivery) => {
            add::provider(waist, &sealer, (&provider, delivery.as_deref())).await?;
        }
        Entry::ProviderNumber(key, number) => {
            let location = provider_location(&registry, key)?;
            row(waist, PROVIDER_NUMBER, args![location.0, key.0, number.as_deref()]).await?;
        }
        Entry::Destination(destination) => add::destination(waist, &sealer, &destination).await?,
        Entry::DestinationState(key, state, reason) => {
            let location = registry.destination(key).ok_or(StoreError::Missing)?.location;
            let list = args![location.0, key.0, state.code(), reason.as_deref()];
            row(waist, DESTINATION_STATE, list).await?;
        }
        Entry::DestinationSecret(key, secret, old) => {
            let location = registry.destination(key).ok_or(StoreError::Missing)?.location;
            let old: Vec<(&[u8], i64)> = old
                .iter()
                .map(|old| (old.secret.expose(), old.until.as_millisecond()))
                .collect();
            let old = sealer.seal(Sealed::OldSecrets, json(&old)?.as_bytes())?;
            let secret = sealer.seal(Sealed::DestinationSecret, secret.expose())?;
            let list = args![location.0, key.0, secret.as_slice(), old.as_slice()];
            row(waist, DESTINATION_SECRET, list).await?;
        }
    }
    changed(desk).await
}

async fn edit_location(waist: &mut dyn Waist, location: &Location) -> Result<(), StoreError> {
    let words = add::words(&location.words)?;
    let list = args![
        location.key.0,
        location.name.as_str(),
        location.country.as_deref(),
        words.as_deref(),
    ];
    row(waist, LOCATION_EDIT, list).await.map(|_| ())
}

/// The registry is read again with this transaction, and whoever keeps something of it is told.
pub(crate) async fn changed(desk: &mut Desk) -> Result<(), StoreError> {
    next_directory_version(&mut *desk.waist).await?;
    desk.directory_changed = true;
    desk.rings.push(Ring::Directory);
    Ok(())
}

fn provider_location(registry: &Registry, key: ProviderKey) -> Result<LocationKey, StoreError> {
    let found = registry.providers().iter().find(|provider| provider.key == key);
    found.map(|provider| provider.location).ok_or(StoreError::Missing)
}
