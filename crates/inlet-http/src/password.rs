//! Passwords, kept as argon2id makes them (RFC 9106) with what the algorithm's own crate recommends. Both directions take
//! some 20 MB and a good part of a core for a moment, so they run beside the runtime's threads.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier, password_hash::SaltString};
use inlet_core::chance::Chance;

/// A password as it is kept.
pub(crate) async fn hash(password: String, chance: &dyn Chance) -> Option<String> {
    let mut salt = [0; 16];
    chance.fill(&mut salt);
    let work = move || {
        let salt = SaltString::encode_b64(&salt).ok()?;
        let hash = Argon2::default().hash_password(password.as_bytes(), &salt).ok()?;
        Some(hash.to_string())
    };
    tokio::task::spawn_blocking(work).await.ok()?
}

/// Whether a password is the one that is kept. Where none is kept it takes as long, so that nobody learns who has one.
pub(crate) async fn fits(password: String, kept: Option<String>) -> bool {
    let work = move || {
        let argon = Argon2::default();
        if let Some(Ok(kept)) = kept.as_deref().map(PasswordHash::new) {
            return argon.verify_password(password.as_bytes(), &kept).is_ok();
        }
        let mut nothing = [0; 32];
        let _ = argon.hash_password_into(password.as_bytes(), b"nobody's salt", &mut nothing);
        false
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    struct Dice(AtomicU8);

    impl Chance for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[tokio::test]
    async fn a_password_fits_what_was_made_of_it_and_nothing_else() {
        let dice = Dice::default();
        let kept = hash("correct horse".to_owned(), &dice).await.unwrap();
        let again = hash("correct horse".to_owned(), &dice).await.unwrap();
        assert!(
            kept.starts_with("$argon2id$") && kept != again,
            "each has a salt of its own"
        );
        assert!(fits("correct horse".to_owned(), Some(kept.clone())).await);
        for (wrong, kept) in [
            ("correct  horse", Some(kept)),
            ("", None),
            ("correct horse", None),
            ("correct horse", Some("rubbish".to_owned())),
        ] {
            assert!(!fits(wrong.to_owned(), kept).await, "{wrong}");
        }
    }
}
