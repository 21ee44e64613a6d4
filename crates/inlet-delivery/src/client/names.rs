//! Names to addresses: the system's resolver, and the vetting of everything it answers before a connection is made.

use std::{
    error::Error,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use hickory_resolver::{
    TokioResolver,
    config::{LookupIpStrategy, ResolveHosts, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{DNS_DEADLINE, Failure, NoClient};
use crate::guard::{Guard, Reach};

/// Finds the addresses of a host. A test passes its own.
#[async_trait]
pub trait Names: fmt::Debug + Send + Sync {
    /// All addresses of a host; none where there is no such host, or nobody who would know.
    async fn lookup(&self, host: &str) -> Vec<IpAddr>;
}

/// The system's configuration: its hosts file and its name servers.
pub struct SystemNames(TokioResolver);

impl fmt::Debug for SystemNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemNames(..)")
    }
}

impl SystemNames {
    /// Reads the system's configuration. Where it names no name server, only the hosts file is left.
    pub fn new() -> Result<Self, NoClient> {
        let mut builder = TokioResolver::builder_tokio().unwrap_or_else(|_| {
            let nobody = ResolverConfig::from_parts(None, Vec::new(), Vec::new());
            TokioResolver::builder_with_config(nobody, TokioRuntimeProvider::default())
        });
        let options = builder.options_mut();
        options.timeout = Duration::from_secs(1);
        options.attempts = 2;
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.use_hosts_file = ResolveHosts::Always;
        options.positive_max_ttl = Some(Duration::from_mins(5));
        options.negative_max_ttl = Some(Duration::from_secs(30));
        let resolver = builder.build();
        resolver.map(Self).map_err(|error| NoClient(error.to_string()))
    }
}

#[async_trait]
impl Names for SystemNames {
    async fn lookup(&self, host: &str) -> Vec<IpAddr> {
        // The dot at the end keeps the system's search domains out of it.
        let full = format!("{}.", host.trim_end_matches('.'));
        let found = tokio::time::timeout(DNS_DEADLINE, self.0.lookup_ip(full)).await;
        found
            .ok()
            .and_then(Result::ok)
            .map(|found| found.iter().collect())
            .unwrap_or_default()
    }
}

/// Names whose every address has been vetted: one forbidden answer forbids them all, so that a name which mixes public
/// and private addresses is not tried until the private one is hit.
#[derive(Clone, Debug)]
pub(super) struct Vetted {
    pub(super) names: Arc<dyn Names>,
    pub(super) guard: Arc<Guard>,
    pub(super) reach: Reach,
}

impl Vetted {
    pub(super) async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        let found = self.names.lookup(host).await;
        if found.is_empty() {
            return Err(Failure::Unresolved);
        }
        for ip in &found {
            self.guard.vet(*ip, self.reach)?;
        }
        Ok(found)
    }
}

impl Resolve for Vetted {
    fn resolve(&self, name: Name) -> Resolving {
        let vetted = self.clone();
        Box::pin(async move {
            let found = vetted.lookup(name.as_str()).await?;
            // Port 0 stands for the URL's own.
            let sockets = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok::<Addrs, Box<dyn Error + Send + Sync>>(Box::new(sockets))
        })
    }
}
