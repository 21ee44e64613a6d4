//! The port for chance: whoever needs a secret or an id that nobody can guess is given this, so that a test can seed it.

use std::fmt;

/// A source of random bytes fit for keys and tokens.
pub trait Chance: fmt::Debug + Send + Sync {
    /// Fills `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// Twelve random bytes as 24 lower hex characters: the form of provider and app ids.
pub fn object_id(chance: &dyn Chance) -> String {
    let mut bytes = [0; 12];
    chance.fill(&mut bytes);
    hex::encode(bytes)
}

/// Twenty random characters `[A-Za-z0-9]`: the form of a location's id.
pub fn location_id(chance: &dyn Chance) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut bytes = [0; 20];
    chance.fill(&mut bytes);
    let pick = |byte: &u8| {
        ALPHABET
            .get(usize::from(*byte) % 62)
            .map_or('0', |&found| char::from(found))
    };
    bytes.iter().map(pick).collect()
}

/// A random UUID of version 4.
pub fn uuid(chance: &dyn Chance) -> String {
    let mut bytes = [0; 16];
    chance.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// 256 random bits as 43 characters that are safe in a URL path: the form of an endpoint's token.
pub fn path_token(chance: &dyn Chance) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let mut bytes = [0; 32];
    chance.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
