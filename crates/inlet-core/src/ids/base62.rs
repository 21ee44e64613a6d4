//! Numbers as digits `[0-9A-Za-z]`, most significant first, filled up with zeros.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Six digits count to this.
const SIX_DIGITS: u128 = 62_u128.pow(6);

/// Twelve digits, in halves that fit into 64 bits each: dividing 128 bits is slow.
pub(super) fn write_halves(value: u128, into: &mut [u8]) {
    let half = |value: u128| u64::try_from(value).unwrap_or_default();
    let (upper, lower) = into.split_at_mut(6);
    write(half(value / SIX_DIGITS), upper);
    write(half(value % SIX_DIGITS), lower);
}

pub(super) fn write(mut value: u64, into: &mut [u8]) {
    for place in into.iter_mut().rev() {
        let digit = usize::try_from(value % 62).unwrap_or_default();
        *place = ALPHABET.get(digit).copied().unwrap_or(b'0');
        value /= 62;
    }
}

/// `None` where something is no digit.
pub(super) fn read(text: &[u8]) -> Option<u128> {
    text.iter().try_fold(0_u128, |value, &byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        Some(value * 62 + u128::from(digit))
    })
}
