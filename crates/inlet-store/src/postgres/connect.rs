//! From a URL to connections: several hosts of which one must write, TLS as libpq understands `sslmode`, and a pool.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio::time::interval;
use tokio_postgres::{
    Client, Config, Connection, Socket,
    config::{SslMode, TargetSessionAttrs},
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

use super::failure::{cannot_connect, is_starting};
use crate::error::OpenError;

/// Connections of one node, unless the URL says `pool=N`: nodes times this should stay below 200.
const CONNECTIONS: usize = 16;
const CONNECT: Duration = Duration::from_secs(2);
/// How long whoever wants a connection waits for one.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a server that is starting is asked again, and how many times: half a minute.
const AGAIN: Duration = Duration::from_millis(500);
const STARTS_WITHIN: usize = 60;
/// The oldest PostgreSQL that is tested.
const OLDEST: i32 = 150_000;

/// What every connection is told first. A server's `off` would break the promise that an answer means "on disk"; stricter
/// settings are kept.
const MANNERS: &str = "set statement_timeout = '30s'; set idle_in_transaction_session_timeout = '30s'; set jit = off;
    select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";

/// A database, as a URL names it.
#[derive(Clone)]
pub(crate) struct Database {
    /// Connections for statements.
    pub(crate) pool: Pool,
    config: Config,
    tls: MakeRustlsConnect,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database(..)")
    }
}

impl Database {
    /// A connection of one's own, whose other half has to be driven.
    pub(crate) async fn alone(&self) -> Result<(Client, Heard), tokio_postgres::Error> {
        self.config.connect(self.tls.clone()).await
    }
}

/// The half of a connection that hears what the server says.
pub(crate) type Heard = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// The database that a URL names.
pub(crate) fn database(text: &str) -> Result<Database, OpenError> {
    let mut url = Url::parse(text).map_err(|_| unreadable())?;
    let mut asked = Asked::default();
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter_map(|(name, value)| {
            asked
                .keep(&name, &value)
                .then(|| (name.into_owned(), value.into_owned()))
        })
        .collect();
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    let mut config: Config = url.as_str().parse().map_err(|_| unreadable())?;
    config
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .application_name("inlet");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if asked.verify {
        config.ssl_mode(SslMode::Require);
    }
    let tls = MakeRustlsConnect::new(asked.tls()?);
    let recycling_method = RecyclingMethod::Fast;
    let manager = Manager::from_config(config.clone(), tls.clone(), ManagerConfig { recycling_method });
    let pool = Pool::builder(manager)
        .max_size(asked.connections.unwrap_or(CONNECTIONS).max(4))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(PATIENCE))
        .create_timeout(Some(PATIENCE * 2))
        .post_create(Hook::async_fn(|client, _| {
            Box::pin(async move { client.batch_execute(MANNERS).await.map_err(HookError::Backend) })
        }))
        .build()
        .map_err(|error| OpenError::Failed(error.to_string()))?;
    Ok(Database { pool, config, tls })
}

/// A first connection: whether the server answers, and is new enough. One that is only just starting is waited for.
pub(crate) async fn first(pool: &Pool) -> Result<Object, OpenError> {
    let client = patiently(pool).await.map_err(|error| cannot_connect(&error))?;
    let failed = |error: tokio_postgres::Error| OpenError::Failed(error.to_string());
    let version = client
        .query_one("select current_setting('server_version_num')::int4", &[])
        .await
        .map_err(failed)?;
    let version: i32 = version.try_get(0).map_err(failed)?;
    if version < OLDEST {
        let major = version / 10_000;
        return Err(OpenError::Failed(format!(
            "PostgreSQL {major} is too old: Inlet needs PostgreSQL 15 or newer"
        )));
    }
    Ok(client)
}

async fn patiently(pool: &Pool) -> Result<Object, PoolError> {
    let mut again = interval(AGAIN);
    for number in 0..STARTS_WITHIN {
        again.tick().await;
        match pool.get().await {
            Err(error) if is_starting(&error) && number == 0 => {
                tracing::warn!("PostgreSQL is starting or stopping: it is asked again for half a minute");
            }
            Err(error) if is_starting(&error) => {}
            got => return got,
        }
    }
    pool.get().await
}

fn unreadable() -> OpenError {
    OpenError::Url("the store is not readable: write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE".to_owned())
}

/// What the URL asks for beyond what the driver knows.
#[derive(Default)]
struct Asked {
    verify: bool,
    root: Option<String>,
    connections: Option<usize>,
}

impl Asked {
    /// Whether the driver is to see it.
    fn keep(&mut self, name: &str, value: &str) -> bool {
        match (name, value) {
            ("sslmode", "verify-full" | "verify-ca") => self.verify = true,
            ("sslrootcert", file) => self.root = Some(file.to_owned()),
            ("pool", number) => self.connections = number.parse().ok(),
            ("target_session_attrs", _) => {}
            _ => return true,
        }
        false
    }

    /// As libpq has it: the certificate counts where it is asked to be verified; else TLS only hides what is said.
    fn tls(&self) -> Result<ClientConfig, OpenError> {
        let provider = Arc::new(ring::default_provider());
        let failed = |error: rustls::Error| OpenError::Failed(error.to_string());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(failed)?;
        if !self.verify {
            let verifier = Arc::new(AnyCertificate(provider));
            return Ok(builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
                .with_no_client_auth());
        }
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        if let Some(file) = &self.root {
            let unusable = |_| OpenError::Url(format!("sslrootcert={file} in --store is no readable certificate"));
            let certificate = CertificateDer::from_pem_file(file).map_err(unusable)?;
            roots.add(certificate).map_err(failed)?;
        }
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

/// Takes any certificate, as `sslmode=prefer` and `require` say.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _own: &CertificateDer<'_>,
        _between: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
