//! What a verb works with: the settings, the admin API, and the printer.

use serde_json::Value;

use super::{Trouble, admin::Admin, print::Printer};
use crate::config::Config;

/// See the module.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) config: Config,
    /// What a suggested command must repeat: ` --data DIR` and its like.
    pub(super) suffix: String,
    pub(super) printer: Printer<'a>,
    /// Whether it may make a data folder where there is none.
    makes: bool,
    admin: Option<Admin>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(config: Config, suffix: String, printer: Printer<'a>, makes: bool) -> Self {
        Self {
            config,
            suffix,
            printer,
            makes,
            admin: None,
        }
    }

    /// Reads from the admin API.
    pub(super) async fn get(&mut self, path: &str) -> Result<Value, Trouble> {
        self.admin().await?.call("GET", path, None).await
    }

    /// Writes through the admin API.
    pub(super) async fn post(&mut self, path: &str, body: &Value) -> Result<Value, Trouble> {
        self.admin().await?.call("POST", path, Some(body)).await
    }

    /// Puts the store down properly, where this process opened it.
    pub(super) async fn close(&mut self) -> Result<(), Trouble> {
        match self.admin.take() {
            Some(admin) => admin.close().await,
            None => Ok(()),
        }
    }

    async fn admin(&mut self) -> Result<&mut Admin, Trouble> {
        let admin = match self.admin.take() {
            Some(admin) => admin,
            None => Admin::find(&self.config, self.makes).await?,
        };
        Ok(self.admin.insert(admin))
    }
}

/// A path of the admin API with a query string of those values that are there.
pub(super) fn query(path: &str, pairs: &[(&str, Option<String>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
