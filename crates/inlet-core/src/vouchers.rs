//! The port for vouchers: authorization codes and refresh tokens. Each is good for one exchange; one that comes a second
//! time has been copied, and takes back the grant behind it with all that came of it.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    channel::coded,
    directory::StoreFault,
    ids::{AppKey, GrantKey, LocationKey},
};

coded! {
    /// What is exchanged.
    VoucherKind {
        /// An authorization code, which a browser brought back.
        Code = 1,
        /// A refresh token.
        Refresh = 2,
    }
}

/// What can be exchanged for tokens, once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Voucher {
    /// What it is.
    pub kind: VoucherKind,
    /// Its SHA-256.
    pub hash: [u8; 32],
    /// Who may exchange it.
    pub app: AppKey,
    /// What it stands for.
    pub grant: GrantKey,
    /// The one location that it is good for, where the grant is an agency's.
    pub location: Option<LocationKey>,
    /// Where the browser that brought it was sent: an exchange that names an address must name this one.
    pub redirect_uri: Option<String>,
    /// Until when it is good.
    pub valid_until: Timestamp,
}

/// An exchange: one voucher is used up, and the refresh token that takes its place becomes known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// What is given back.
    pub kind: VoucherKind,
    /// Its SHA-256.
    pub hash: [u8; 32],
    /// Who gives it back.
    pub app: AppKey,
    /// SHA-256 of the refresh token that follows.
    pub next: [u8; 32],
    /// Until when that is good.
    pub next_until: Timestamp,
}

/// What became of an exchange.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Exchanged {
    /// It was good, and is used up.
    Good(Voucher),
    /// It was used before: the grant behind it is taken back.
    Again,
    /// There is no such voucher of this app, or it is too old.
    Unknown,
}

/// Keeps vouchers.
#[async_trait]
pub trait Vouchers: fmt::Debug + Send + Sync {
    /// Makes a voucher known, and forgets those that are no longer good at `now`.
    async fn issue(&self, voucher: Voucher, now: Timestamp) -> Result<(), StoreFault>;
    /// Exchanges one, all in one transaction.
    async fn exchange(&self, exchange: Exchange, now: Timestamp) -> Result<Exchanged, StoreFault>;
}

/// Knows no voucher: for a stage without a store.
#[derive(Clone, Copy, Debug)]
pub struct NoVouchers;

#[async_trait]
impl Vouchers for NoVouchers {
    async fn issue(&self, _: Voucher, _: Timestamp) -> Result<(), StoreFault> {
        Ok(())
    }

    async fn exchange(&self, _: Exchange, _: Timestamp) -> Result<Exchanged, StoreFault> {
        Ok(Exchanged::Unknown)
    }
}
