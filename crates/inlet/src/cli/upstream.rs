//! What says how an upstream is spoken to and what opens it, for `inlet destination add` and `authorise`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{Trouble, desk::Desk, print::text, provider::path_part};
use crate::config;

#[derive(Args, Debug)]
pub(super) struct Relay {
    /// Write each message to HighLevel.
    #[arg(long, requires = "upstream_location")]
    pub(super) upstream: bool,
    /// HighLevel's id of the location.
    #[arg(long, value_name = "ID", requires = "upstream")]
    upstream_location: Option<String>,
    /// Where HighLevel is, unless it is where everybody finds it.
    #[arg(long, value_name = "URL", requires = "upstream")]
    base_url: Option<String>,
    /// HighLevel's id of the provider by which messages of a channel come, such as `sms=61d6…`; its default
    /// one, unless said.
    #[arg(long, value_name = "CHANNEL=ID", requires = "upstream")]
    provider_id: Vec<String>,
    /// The version of HighLevel's API.
    #[arg(long, value_parser = ["2021-04-15", "v3"], requires = "upstream")]
    dialect: Option<String>,
    /// What becomes of a message of which nobody knows whether it was written.
    #[arg(long, value_parser = ["reconcile", "hold", "retry"], requires = "upstream")]
    on_uncertain: Option<String>,
    /// HighLevel's limits: 100 calls in 10 seconds, or a sandbox's 25.
    #[arg(long, value_parser = ["standard", "sandbox"], requires = "upstream")]
    limits: Option<String>,
    /// The public key that its webhooks are signed with, where it is not the one that HighLevel publishes: another Inlet's.
    #[arg(long, value_name = "FILE", requires = "upstream")]
    webhook_key_file: Option<PathBuf>,
    /// HighLevel's id of an agency: its app's token is exchanged for the location's.
    #[arg(long, value_name = "ID", requires = "upstream")]
    company_id: Option<String>,
    /// A destination that keeps the agency's token already.
    #[arg(long, value_name = "DESTINATION", requires = "company_id", conflicts_with_all = ["client_id", "token_env"])]
    tokens_of: Option<String>,
    #[command(flatten)]
    credentials: Credentials,
}

#[derive(Args, Debug)]
pub(super) struct Credentials {
    /// The variable that holds a private integration token of HighLevel's.
    #[arg(long, value_name = "VAR")]
    token_env: Option<String>,
    /// The id of an OAuth app.
    #[arg(
        long,
        value_name = "ID",
        requires = "client_secret_env",
        requires = "refresh_token_env"
    )]
    client_id: Option<String>,
    /// The variable that holds its secret.
    #[arg(long, value_name = "VAR", requires = "client_id")]
    client_secret_env: Option<String>,
    /// The variable that holds a refresh token.
    #[arg(long, value_name = "VAR", requires = "client_id")]
    refresh_token_env: Option<String>,
}

impl Relay {
    /// What is asked for, where it is an upstream.
    pub(super) fn wish(&self) -> Result<Option<Value>, Trouble> {
        if !self.upstream {
            return Ok(None);
        }
        let mut providers = serde_json::Map::new();
        for named in &self.provider_id {
            let (channel, id) = named.split_once('=').ok_or_else(|| {
                Trouble::new("write --provider-id CHANNEL=ID, such as custom_sms=61d6d1f9cdac7612faf80753")
            })?;
            providers.insert(channel.trim().to_owned(), Value::String(id.trim().to_owned()));
        }
        let key = self.webhook_key_file.as_deref().map(config::read_file).transpose()?;
        let mut wish = json!({
            "location": self.upstream_location,
            "base_url": self.base_url,
            "providers": providers,
            "dialect": self.dialect,
            "on_uncertain": self.on_uncertain,
            "limits": self.limits,
            "webhook_key": key,
            "company": self.company_id,
            "tokens_of": self.tokens_of,
        });
        if let (Some(fields), Value::Object(credentials)) = (wish.as_object_mut(), self.credentials.wish()?) {
            fields.extend(credentials);
        }
        Ok(Some(wish))
    }
}

impl Credentials {
    fn wish(&self) -> Result<Value, Trouble> {
        Ok(json!({
            "token": variable(self.token_env.as_ref())?,
            "client_id": self.client_id,
            "client_secret": variable(self.client_secret_env.as_ref())?,
            "refresh_token": variable(self.refresh_token_env.as_ref())?,
        }))
    }
}

fn variable(name: Option<&String>) -> Result<Option<String>, Trouble> {
    let Some(name) = name else { return Ok(None) };
    let value = config::environment(name).filter(|value| !value.trim().is_empty());
    let missing = || {
        Trouble::new(format!(
            "the variable {name} is not set: put the secret into it, then try again"
        ))
    };
    value.map(Some).ok_or_else(missing)
}

#[derive(Args, Debug)]
pub(super) struct Authorise {
    /// The destination's id.
    id: String,
    #[command(flatten)]
    credentials: Credentials,
}

impl Authorise {
    pub(super) async fn run(self, desk: &mut Desk<'_>) -> Result<(), Trouble> {
        let path = format!("/destinations/{}/authorise", path_part(&self.id));
        let authorised = desk.post(&path, &self.credentials.wish()?).await?;
        desk.printer.show(&authorised, |authorised| {
            format!(
                "Destination {} has what opens it. If it was disabled for the want of that, `inlet destination enable {0} \
                 --release` sends what was held.",
                text(authorised, "id")
            )
        })
    }
}
