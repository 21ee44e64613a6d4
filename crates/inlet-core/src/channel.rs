//! The channels a message can come by, and its direction. HighLevel's names and numbers for them live in `inlet-highlevel`.

macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every one there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The number that stands for it in the store; it never changes its meaning.
            pub fn code(self) -> i64 {
                match self { $(Self::$variant => $code,)* }
            }

            /// The one behind a stored number.
            pub fn from_code(code: i64) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.code() == code)
            }
        }
    };
}
pub(crate) use coded;

coded! {
    /// By what a message came.
    Channel {
        /// A text or picture message by phone.
        Sms = 1,
        /// Rich communication services.
        Rcs = 2,
        /// Electronic mail.
        Email = 3,
        /// WhatsApp.
        #[serde(rename = "whatsapp")]
        WhatsApp = 4,
        /// Google Business messages.
        GoogleBusiness = 5,
        /// Instagram direct messages.
        Instagram = 6,
        /// Facebook Messenger.
        Facebook = 7,
        /// A chat widget on a web page.
        WebChat = 8,
        /// A live chat on a web page.
        LiveChat = 9,
        /// A chat that bundles several channels.
        AllInOneChat = 10,
        /// `TikTok` direct messages.
        #[serde(rename = "tiktok")]
        TikTok = 11,
        /// A form that was filled in.
        Form = 12,
        /// A text by a provider of one's own, beside the default one.
        CustomSms = 13,
        /// A mail by a provider of one's own, beside the default one.
        CustomEmail = 14,
        /// A phone call by a provider of one's own.
        Call = 15,
        /// A phone call that a menu answered.
        IvrCall = 16,
        /// A phone call of a campaign.
        CampaignCall = 17,
        /// A voicemail of a campaign.
        CampaignVoicemail = 18,
    }
}

impl Channel {
    /// Whether its messages are phone calls, which may have nothing to read.
    pub fn is_call(self) -> bool {
        matches!(
            self,
            Self::Call | Self::IvrCall | Self::CampaignCall | Self::CampaignVoicemail
        )
    }

    /// Whether its messages are mail, with subject, addresses and threads.
    pub fn is_email(self) -> bool {
        matches!(self, Self::Email | Self::CustomEmail)
    }

    /// Whether who wrote a message can change it or take it back later.
    pub fn is_revisable(self) -> bool {
        matches!(self, Self::WhatsApp | Self::Facebook | Self::Instagram)
    }
}

coded! {
    /// Which way a message goes.
    Direction {
        /// From the contact to the location.
        Inbound = 1,
        /// From the location to the contact.
        Outbound = 2,
    }
}

coded! {
    /// What has become of a message. Later words win by rank, and a final state stays.
    MessageStatus {
        /// Accepted, not yet handed on.
        Pending = 1,
        /// To be sent at a time of its own.
        Scheduled = 2,
        /// Waiting at the vendor.
        Queued = 3,
        /// Handed to the network.
        Sent = 4,
        /// With its receiver. What arrives is delivered by that.
        Delivered = 5,
        /// Opened by its receiver.
        Read = 6,
        /// It could not be delivered.
        Undelivered = 7,
        /// It could not be sent.
        Failed = 8,
    }
}

impl MessageStatus {
    /// How far along it is: a later word of a lower rank changes nothing.
    pub fn rank(self) -> u8 {
        match self {
            Self::Pending | Self::Scheduled => 0,
            Self::Queued => 1,
            Self::Sent => 2,
            Self::Undelivered | Self::Failed => 3,
            Self::Delivered => 4,
            Self::Read => 5,
        }
    }
}

coded! {
    /// How a phone call stands.
    CallStatus {
        /// Ringing or on its way.
        Pending = 1,
        /// Someone speaks.
        Answered = 2,
        /// Over, after someone spoke.
        Completed = 3,
        /// The line was busy.
        Busy = 4,
        /// Nobody answered.
        NoAnswer = 5,
        /// It could not be put through.
        Failed = 6,
        /// The caller gave up.
        Canceled = 7,
        /// The caller left a recording.
        Voicemail = 8,
    }
}

impl CallStatus {
    /// How far along it is: a later word of a lower or equal rank changes nothing.
    pub fn rank(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Answered => 1,
            Self::Completed | Self::Busy | Self::NoAnswer | Self::Failed | Self::Canceled => 2,
            Self::Voicemail => 3,
        }
    }

    /// Whether the call is over, so that it may be announced.
    pub fn is_final(self) -> bool {
        self.rank() >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_come_back() {
        for &channel in Channel::ALL {
            assert_eq!(Channel::from_code(channel.code()), Some(channel));
        }
        for &status in MessageStatus::ALL {
            assert_eq!(MessageStatus::from_code(status.code()), Some(status));
        }
        assert_eq!(Channel::from_code(0), None);
    }
}
