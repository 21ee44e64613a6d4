//! How secrets stand in the store: sealed with XChaCha20-Poly1305 under a subkey of the master key, bound to what they are.
//! The long nonce may be random, however much is sealed.

use std::{fmt, sync::Arc};

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use inlet_core::{chance::Chance, secret::Secret, signature::hmac_sha256};

use crate::error::{OpenError, StoreError};

/// What is sealed. A box of one kind does not open as another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sealed {
    /// The installation's own keys, and the proof that the master key fits.
    Setting,
    /// The token in an endpoint's path.
    EndpointToken,
    /// A vendor's secrets.
    EndpointSecrets,
    /// A destination's signing secret.
    DestinationSecret,
    /// The secrets that a destination had before.
    OldSecrets,
    /// A request as it came.
    Request,
    /// The rest of its body.
    RequestRest,
    /// What opens an upstream.
    Grant,
}

impl Sealed {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Setting => b"inlet setting 1",
            Self::EndpointToken => b"inlet endpoint token 1",
            Self::EndpointSecrets => b"inlet endpoint secrets 1",
            Self::DestinationSecret => b"inlet destination secret 1",
            Self::OldSecrets => b"inlet destination old secrets 1",
            Self::Request => b"inlet request 1",
            Self::RequestRest => b"inlet request rest 1",
            Self::Grant => b"inlet grant 1",
        }
    }
}

const NONCE: usize = 24;

/// Seals and opens.
#[derive(Clone)]
pub(crate) struct Sealer {
    master: Secret,
    chance: Arc<dyn Chance>,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

impl Sealer {
    /// A sealer under the master key, which must be 32 bytes.
    pub(crate) fn new(master: Secret, chance: Arc<dyn Chance>) -> Result<Self, OpenError> {
        if master.expose().len() != 32 {
            return Err(OpenError::BadKey);
        }
        Ok(Self { master, chance })
    }

    /// The sealed form of `clear`: a nonce, then what it hides.
    pub(crate) fn seal(&self, what: Sealed, clear: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        self.chance.fill(&mut nonce);
        let payload = Payload {
            msg: clear,
            aad: what.label(),
        };
        let hidden = self
            .cipher(what)?
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::Unreadable("what can be sealed"))?;
        Ok([nonce.as_slice(), &hidden].concat())
    }

    /// What was sealed, if it was sealed here as this.
    pub(crate) fn open(&self, what: Sealed, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let unreadable = StoreError::Unreadable("what this key has sealed");
        let Some((nonce, hidden)) = sealed.split_first_chunk::<NONCE>() else {
            return Err(unreadable);
        };
        let payload = Payload {
            msg: hidden,
            aad: what.label(),
        };
        self.cipher(what)?
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| unreadable)
    }

    fn cipher(&self, what: Sealed) -> Result<XChaCha20Poly1305, StoreError> {
        let subkey = hmac_sha256(self.master.expose(), &[what.label()]);
        XChaCha20Poly1305::new_from_slice(&subkey).map_err(|_| StoreError::Unreadable("a key of 32 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Same;

    impl Chance for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn sealer(key: u8) -> Sealer {
        Sealer::new(Secret::new([key; 32]), Arc::new(Same)).unwrap()
    }

    #[test]
    fn a_box_opens_only_with_its_key_as_what_it_is_and_whole() {
        let sealed = sealer(1).seal(Sealed::EndpointToken, b"clear").unwrap();
        assert!(!sealed.windows(5).any(|window| window == b"clear"));
        assert_eq!(
            sealer(1).open(Sealed::EndpointToken, &sealed).as_deref(),
            Ok(b"clear".as_slice())
        );
        assert!(sealer(2).open(Sealed::EndpointToken, &sealed).is_err(), "another key");
        assert!(sealer(1).open(Sealed::Request, &sealed).is_err(), "another kind");
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(sealer(1).open(Sealed::EndpointToken, &changed).is_err(), "changed");
        assert!(sealer(1).open(Sealed::EndpointToken, &sealed[..10]).is_err(), "cut");
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let refused = Sealer::new(Secret::new([1; 31]), Arc::new(Same)).unwrap_err();
        assert_eq!(refused, OpenError::BadKey);
    }
}
