//! What a refusal of HighLevel's really means, and what to change: the failures that its users met and wrote about, each with
//! the issue of `GoHighLevel/highlevel-api-docs` where there is one.

/// A failure that others met before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cure {
    /// The issue where it is told of.
    pub issue: Option<&'static str>,
    /// What is wrong.
    pub means: &'static str,
    /// What to change.
    pub change: &'static str,
}

/// A failure, by its status (any, where 0), and by what its words have in them, in lower case.
struct Known(u16, &'static [&'static str], Cure);

const fn cure(issue: Option<&'static str>, means: &'static str, change: &'static str) -> Cure {
    Cure { issue, means, change }
}

/// The narrower ones first.
const KNOWN: [Known; 15] = [
    Known(
        401,
        &["version header"],
        cure(
            Some("#303"),
            "HighLevel does not take this version of its API",
            "add the upstream again with --dialect v3, or without it if that was said",
        ),
    ),
    Known(
        401,
        &["conversationprovider"],
        cure(
            Some("#106, #107"),
            "the provider belongs to another app than the token: a private integration cannot use the provider of a \
             Marketplace app",
            "open the upstream with that app's own refresh token (--client-id, --client-secret-env, \
             --refresh-token-env), or leave --provider-id out for the default SMS and e-mail channels",
        ),
    ),
    Known(
        0,
        &["incorrect conversationproviderid/type"],
        cure(
            Some("#249"),
            "the provider's kind does not fit the channel that it is named for",
            "name a provider of that kind with --provider-id, or leave it out; for one beside the default channel its \
             type at HighLevel must be SMS or Email, and Call for calls",
        ),
    ),
    Known(
        0,
        &["invalid conversationproviderid"],
        cure(
            Some("#6, #298"),
            "there is no such provider at this location, or its app is not installed there",
            "copy the provider's id from the app's settings at HighLevel's Marketplace, and install the app at the location",
        ),
    ),
    Known(
        0,
        &["conversationproviderid"],
        cure(
            Some("#70"),
            "this kind of message needs a conversation provider, and is lost in silence without one",
            "name it with --provider-id CHANNEL=ID",
        ),
    ),
    Known(
        401,
        &["authclass"],
        cure(
            None,
            "the token is an agency's, and this is open to a location's only",
            "open the upstream with --company-id, so that it is exchanged for the location's, or give the location's own",
        ),
    ),
    Known(
        401,
        &["scope"],
        cure(
            None,
            "the token lacks a scope",
            "add the scopes conversations/message.write, conversations/message.readonly, conversations.readonly and \
             contacts.write to the private integration or app; an app has to be installed again then",
        ),
    ),
    Known(
        403,
        &["access", "location"],
        cure(
            Some("#213"),
            "the token is of another location than the one that it is used for",
            "check --upstream-location against the token: a private integration belongs to the sub-account that it was made in",
        ),
    ),
    Known(
        0,
        &["location is not active"],
        cure(
            None,
            "the location is suspended at HighLevel, or the app was removed from it",
            "activate it, install the app again, then `inlet destination authorise` with the new token",
        ),
    ),
    Known(
        401,
        &[],
        cure(
            None,
            "HighLevel does not take the token: it was replaced, revoked, or copied in part",
            "make a new one at HighLevel, then `inlet destination authorise ID --token-env VAR` and `inlet destination \
             enable ID --release`",
        ),
    ),
    Known(
        403,
        &[],
        cure(
            Some("#213"),
            "the token may not do this at this location",
            "check --upstream-location, and the scopes of the token",
        ),
    ),
    Known(
        404,
        &["cannot"],
        cure(
            Some("#304"),
            "there is no such address: the base URL is not HighLevel's, or this version has left the endpoint out",
            "leave --base-url out for HighLevel itself, and --dialect v3 if that was said",
        ),
    ),
    Known(
        429,
        &[],
        cure(
            None,
            "too many calls: this app and location have used their limit up",
            "wait; if others use the same app, give the relay one of its own",
        ),
    ),
    Known(
        500,
        &[],
        cure(
            Some("#6"),
            "HighLevel failed; it has been seen to do so for a token that is none, and for a provider that is not there",
            "check the token and the provider's id; if both are right, try again later",
        ),
    ),
    Known(
        422,
        &[],
        cure(
            Some("#249"),
            "HighLevel does not take a field of what it was told",
            "see its words; `inlet explain FILE` says what it does with a body",
        ),
    ),
];

/// What a failure means, where others met it before. `words` are HighLevel's.
pub fn find(status: u16, words: &str) -> Option<Cure> {
    let words = words.to_lowercase();
    let fits = |known: &&Known| {
        (known.0 == 0 || known.0 == status) && known.1.iter().all(|part| words.contains(part)) && status >= 400
    };
    KNOWN.iter().find(fits).map(|known| known.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What users of HighLevel pasted, and the issue where they did.
    #[test]
    fn each_failure_that_others_met_is_named_with_its_cure() {
        let cases: [(u16, &str, Option<&str>, &str); 18] = [
            (401, "version header was not found.", Some("#303"), "--dialect"),
            (401, "version header is invalid", Some("#303"), "--dialect"),
            (
                401,
                "You don't have access to the conversationProvider with id: 61d6",
                Some("#106, #107"),
                "--client-id",
            ),
            (400, "Incorrect conversationProviderId/type", Some("#249"), "kind"),
            (400, "Invalid conversationProviderId", Some("#6, #298"), "install"),
            (
                400,
                "No conversationProviderId passed in body",
                Some("#70"),
                "--provider-id",
            ),
            (
                400,
                "conversationProviderId required for custom providers",
                Some("#70"),
                "--provider-id",
            ),
            (
                401,
                "This authClass type is not allowed to access this scope.",
                None,
                "--company-id",
            ),
            (401, "The token is not authorized for this scope.", None, "scopes"),
            (
                403,
                "The token does not have access to this location.",
                Some("#213"),
                "--upstream-location",
            ),
            (400, "Location is not active", None, "install"),
            (401, "Invalid JWT", None, "authorise"),
            (401, "Invalid Private Integration token", None, "authorise"),
            (403, "", Some("#213"), "scopes"),
            (404, "Cannot GET /contacts/", Some("#304"), "--base-url"),
            (429, "Too Many Requests", None, "wait"),
            (500, "Internal server error", Some("#6"), "token"),
            (422, "property X should not exist", Some("#249"), "explain"),
        ];
        for (status, words, issue, change) in cases {
            let found = find(status, words).unwrap_or_else(|| panic!("{status} {words}"));
            assert_eq!(found.issue, issue, "{status} {words}");
            assert!(found.change.contains(change), "{status} {words}: {}", found.change);
        }
        for (status, words) in [(200, "scope"), (400, "Contact not found"), (418, "")] {
            assert_eq!(find(status, words), None, "{status} {words}");
        }
    }
}
