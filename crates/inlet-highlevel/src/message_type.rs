//! HighLevel's names and numbers for what we call channels: the types of a request, the stored types, the words of its
//! webhooks, and the types of conversations.

use inlet_core::{
    channel::{CallStatus, Channel, Direction, MessageStatus},
    registry::ProviderKind,
};

macro_rules! request_types {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// The `type` of a request to `POST /conversations/messages/inbound`: the 17 of the OpenAPI file of 2026-05-01.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum RequestType { $($(#[$doc])* $variant,)* }

        impl RequestType {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// How it is written; capital letters count.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

request_types! {
    /// A text by phone.
    Sms = "SMS",
    /// A mail.
    Email = "Email",
    /// WhatsApp.
    WhatsApp = "WhatsApp",
    /// Google Business messages.
    Gmb = "GMB",
    /// Instagram.
    Ig = "IG",
    /// Facebook Messenger.
    Fb = "FB",
    /// A text or mail by a conversation provider of one's own.
    Custom = "Custom",
    /// A chat widget.
    WebChat = "WebChat",
    /// A live chat.
    LiveChat = "Live_Chat",
    /// A phone call by a conversation provider of one's own.
    Call = "Call",
    /// Rich communication services.
    Rcs = "RCS",
    /// A call that a menu answered.
    IvrCall = "IVR_Call",
    /// A call of a campaign.
    CampaignCall = "Campaign_Call",
    /// A voicemail of a campaign.
    CampaignVoiceMail = "Campaign_VoiceMail",
    /// `TikTok`.
    TikTok = "TIKTOK",
    /// A chat that bundles several channels.
    AllInOneChat = "ALL_IN_ONE_CHAT",
    /// A form that was filled in.
    FormSubmission = "FORM_SUBMISSION",
}

impl RequestType {
    /// The type of that name, exactly as it is written.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// The channels it can mean; more than one only for `Custom`, where the provider decides.
    fn channels(self) -> &'static [Channel] {
        match self {
            Self::Sms => &[Channel::Sms],
            Self::Email => &[Channel::Email],
            Self::WhatsApp => &[Channel::WhatsApp],
            Self::Gmb => &[Channel::GoogleBusiness],
            Self::Ig => &[Channel::Instagram],
            Self::Fb => &[Channel::Facebook],
            Self::Custom => &[Channel::CustomSms, Channel::CustomEmail],
            Self::WebChat => &[Channel::WebChat],
            Self::LiveChat => &[Channel::LiveChat],
            Self::Call => &[Channel::Call],
            Self::Rcs => &[Channel::Rcs],
            Self::IvrCall => &[Channel::IvrCall],
            Self::CampaignCall => &[Channel::CampaignCall],
            Self::CampaignVoiceMail => &[Channel::CampaignVoicemail],
            Self::TikTok => &[Channel::TikTok],
            Self::AllInOneChat => &[Channel::AllInOneChat],
            Self::FormSubmission => &[Channel::Form],
        }
    }

    /// The channel of its built-in provider; `Custom` and `Call` have none and must name theirs.
    pub fn builtin(self) -> Option<Channel> {
        let must_name_one = matches!(self, Self::Custom | Self::Call);
        self.channels().first().copied().filter(|_| !must_name_one)
    }

    /// The channel it means at a provider of this kind, if the two fit.
    pub fn at(self, kind: &ProviderKind) -> Option<Channel> {
        match kind {
            ProviderKind::Sms => matches!(self, Self::Sms | Self::Custom).then_some(Channel::CustomSms),
            ProviderKind::Email => matches!(self, Self::Email | Self::Custom).then_some(Channel::CustomEmail),
            ProviderKind::Call => (self == Self::Call).then_some(Channel::Call),
            ProviderKind::Custom => (self == Self::Custom).then_some(Channel::CustomSms),
            ProviderKind::Channels(own) => self.channels().iter().copied().find(|channel| own.contains(channel)),
        }
    }
}

/// The number and name under which HighLevel stores messages of a channel.
///
/// HighLevel publishes no numbers for RCS and forms: 1001 and 1002 are ours, out of the way of its own.
pub fn stored(channel: Channel) -> (u32, &'static str) {
    match channel {
        Channel::Sms => (2, "TYPE_SMS"),
        Channel::Rcs => (1001, "TYPE_RCS"),
        Channel::Email => (3, "TYPE_EMAIL"),
        Channel::WhatsApp => (19, "TYPE_WHATSAPP"),
        Channel::GoogleBusiness => (15, "TYPE_GMB"),
        Channel::Instagram => (18, "TYPE_INSTAGRAM"),
        Channel::Facebook => (11, "TYPE_FACEBOOK"),
        Channel::WebChat => (5, "TYPE_WEBCHAT"),
        Channel::LiveChat | Channel::AllInOneChat => (29, "TYPE_LIVE_CHAT"),
        Channel::TikTok => (41, "TYPE_TIKTOK"),
        Channel::Form => (1002, "TYPE_FORM_SUBMISSION"),
        Channel::CustomSms => (22, "TYPE_CUSTOM_PROVIDER_SMS"),
        Channel::CustomEmail => (23, "TYPE_CUSTOM_PROVIDER_EMAIL"),
        Channel::Call => (34, "TYPE_CUSTOM_CALL"),
        Channel::IvrCall => (24, "TYPE_IVR_CALL"),
        Channel::CampaignCall => (8, "TYPE_CAMPAIGN_CALL"),
        Channel::CampaignVoicemail => (10, "TYPE_CAMPAIGN_VOICEMAIL"),
    }
}

/// The `messageType` of a webhook.
pub(crate) fn webhook_word(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "SMS",
        Channel::Rcs => "RCS",
        Channel::Email | Channel::CustomEmail => "Email",
        Channel::WhatsApp => "WhatsApp",
        Channel::GoogleBusiness => "GMB",
        Channel::Instagram => "IG",
        Channel::Facebook => "FB",
        Channel::WebChat => "WebChat",
        Channel::LiveChat | Channel::AllInOneChat => "Live Chat",
        Channel::TikTok => "TIKTOK",
        Channel::Form => "FORM_SUBMISSION",
        Channel::CustomSms => "Custom",
        Channel::Call | Channel::IvrCall | Channel::CampaignCall | Channel::CampaignVoicemail => "CALL",
    }
}

/// How a call stands, in requests, answers and webhooks alike.
pub(crate) fn call_word(status: CallStatus) -> &'static str {
    match status {
        CallStatus::Pending => "pending",
        CallStatus::Answered => "answered",
        CallStatus::Completed => "completed",
        CallStatus::Busy => "busy",
        CallStatus::NoAnswer => "no-answer",
        CallStatus::Failed => "failed",
        CallStatus::Canceled => "canceled",
        CallStatus::Voicemail => "voicemail",
    }
}

/// How a message stands.
pub(crate) fn status_word(status: MessageStatus) -> &'static str {
    match status {
        MessageStatus::Pending => "pending",
        MessageStatus::Scheduled => "scheduled",
        MessageStatus::Queued => "queued",
        MessageStatus::Sent => "sent",
        MessageStatus::Delivered => "delivered",
        MessageStatus::Read => "read",
        MessageStatus::Undelivered => "undelivered",
        MessageStatus::Failed => "failed",
    }
}

/// Which way a message goes.
pub(crate) fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "inbound",
        Direction::Outbound => "outbound",
    }
}

/// The number and name of a conversation whose last message came by this channel.
pub(crate) fn conversation(last: Option<Channel>) -> (u32, &'static str) {
    if last.is_some_and(Channel::is_email) {
        (2, "TYPE_EMAIL")
    } else if last == Some(Channel::Facebook) {
        (3, "TYPE_FB_MESSENGER")
    } else {
        (1, "TYPE_PHONE")
    }
}

/// What the `type` filter of a conversation's messages also knows, though nothing of the kind is ever stored here.
const NEVER_STORED: [&str; 9] = [
    "TYPE_ACTIVITY_APPOINTMENT",
    "TYPE_ACTIVITY_CONTACT",
    "TYPE_ACTIVITY_INVOICE",
    "TYPE_ACTIVITY_PAYMENT",
    "TYPE_ACTIVITY_OPPORTUNITY",
    "TYPE_ACTIVITY_EMPLOYEE_ACTION_LOG",
    "TYPE_ACTIVITY_WHATSAPP",
    "TYPE_INTERNAL_COMMENT",
    "TYPE_INTERNAL_COMMENTS",
];

/// The channels that a word of a `type` filter means; none for what is never stored here, `None` for no such word.
///
/// `TYPE_SMS`, `TYPE_EMAIL` and `TYPE_CALL` also find those of providers of one's own, for whose stored types the
/// published filter has no words.
pub(crate) fn filter(word: &str) -> Option<Vec<Channel>> {
    if NEVER_STORED.contains(&word) {
        return Some(Vec::new());
    }
    let means = |channel: &Channel| match word {
        "TYPE_SMS" => matches!(channel, Channel::Sms | Channel::CustomSms),
        "TYPE_EMAIL" => channel.is_email(),
        "TYPE_CALL" => channel.is_call(),
        _ => stored(*channel).1 == word,
    };
    let channels: Vec<_> = Channel::ALL.iter().copied().filter(means).collect();
    (!channels.is_empty()).then_some(channels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_seventeen_types_are_known_by_their_exact_name_only() {
        assert_eq!(RequestType::ALL.len(), 17);
        for &kind in RequestType::ALL {
            assert_eq!(RequestType::from_name(kind.name()), Some(kind));
        }
        for wrong in ["sms", "CUSTOM", "email", "LiveChat", "", "SMS "] {
            assert_eq!(RequestType::from_name(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn types_are_stored_as_their_provider_says() {
        let channels = ProviderKind::Channels(vec![Channel::Sms]);
        let cases = [
            ("SMS", ProviderKind::Sms, Some(22)),
            ("Custom", ProviderKind::Sms, Some(22)),
            ("Email", ProviderKind::Email, Some(23)),
            ("Custom", ProviderKind::Email, Some(23)),
            ("Call", ProviderKind::Call, Some(34)),
            ("Custom", ProviderKind::Custom, Some(22)),
            ("SMS", channels.clone(), Some(2)),
            ("Custom", channels.clone(), None),
            ("WhatsApp", channels, None),
            ("SMS", ProviderKind::Custom, None),
            ("SMS", ProviderKind::Email, None),
            ("Email", ProviderKind::Sms, None),
            ("Email", ProviderKind::Custom, None),
            ("Call", ProviderKind::Sms, None),
            ("Custom", ProviderKind::Call, None),
            ("SMS", ProviderKind::Call, None),
            ("IVR_Call", ProviderKind::Call, None),
        ];
        for (name, kind, expected) in cases {
            let request = RequestType::from_name(name).unwrap();
            let number = request.at(&kind).map(|channel| stored(channel).0);
            assert_eq!(number, expected, "{name} at {kind:?}");
        }
    }

    #[test]
    fn all_but_custom_and_call_have_a_provider_from_birth() {
        for &kind in RequestType::ALL {
            let must_name_one = matches!(kind, RequestType::Custom | RequestType::Call);
            assert_eq!(kind.builtin().is_none(), must_name_one, "{}", kind.name());
        }
    }

    #[test]
    fn a_filter_word_finds_its_channels() {
        let cases: [(&str, Option<&[Channel]>); 6] = [
            ("TYPE_SMS", Some(&[Channel::Sms, Channel::CustomSms])),
            ("TYPE_CUSTOM_PROVIDER_SMS", Some(&[Channel::CustomSms])),
            ("TYPE_GMB", Some(&[Channel::GoogleBusiness])),
            ("TYPE_ACTIVITY_INVOICE", Some(&[])),
            ("TYPE_NONSENSE", None),
            ("SMS", None),
        ];
        for (word, expected) in cases {
            assert_eq!(filter(word).as_deref(), expected, "{word}");
        }
        assert_eq!(filter("TYPE_CALL").map(|channels| channels.len()), Some(4));
    }
}
