//! The demo's script: one of each thing that Inlet takes in, a repeat, a forgery, and a mistake.

use inlet_core::{adapter::Scenario, ids::MessageKey};
use serde_json::{Value, json};

use super::stage::{Line, Said, Stage, text};
use crate::cli::Trouble;

const INBOUND: &str = "/conversations/messages/inbound";
const MAYA: &str = "+14155550119";
const JONAS: &str = "+14155550142";
const PRIYA: &str = "priya@raman.example";
const RUBY: &str = "+61429912603";
const SAM: &str = "sam@okoro.example";

type Tell<'t> = &'t mut dyn FnMut(&Line) -> Result<(), Trouble>;

/// Plays every step in order.
pub(super) async fn act(stage: &mut Stage, tell: Tell<'_>) -> Result<(), Trouble> {
    let first = vendors(stage, tell).await?;
    let maya = stage.stored(first).await?;
    let conversation = stage.conversation(&maya);
    let contact = stage.contact(&maya);
    calls_by_id(stage, tell, &contact, &conversation).await?;
    other_vendors(stage, tell).await?;
    whatsapp_and_mail(stage, tell).await?;
    voicemail(stage, tell).await?;
    mail(stage, tell).await?;
    stop(stage, tell).await?;
    what_is_not_stored(stage, tell, first).await
}

fn scenario(from: &str, body: &str, id: &str) -> Scenario {
    Scenario {
        from: from.to_owned(),
        body: body.to_owned(),
        external_id: id.to_owned(),
        ..Scenario::default()
    }
}

/// A text and a picture by Twilio.
async fn vendors(stage: &mut Stage, tell: Tell<'_>) -> Result<MessageKey, Trouble> {
    let request = stage.sample("twilio", &scenario(MAYA, "Hi! Something came up at work.", FIRST_SID))?;
    let said = stage.webhook(request).await?;
    let first = stage.under(FIRST_SID).await?;
    let line = stage.tell_stored("text by Twilio, signed", &said, first).await?;
    stage.say(line, tell)?;
    let first =
        first.ok_or_else(|| Trouble::new(format!("the first text was answered {} and is not stored", said.status)))?;

    let picture = Scenario {
        name: "mms".to_owned(),
        media: vec![format!("{}/harbour.png", stage.receiver.base)],
        ..scenario(
            JONAS,
            "Is this the right entrance?",
            "MM00000000000000000000000000000002",
        )
    };
    let request = stage.sample("twilio", &picture)?;
    let said = stage.webhook(request).await?;
    let key = stage.under(&picture.external_id).await?;
    let mut line = stage.tell_stored("picture by Twilio (MMS)", &said, key).await?;
    note_file(stage, key, "picture", &mut line).await;
    stage.say(line, tell)?;
    Ok(first)
}

/// A text by ClickSend, one by a system of one's own, and what a visitor types into the chat widget.
async fn other_vendors(stage: &mut Stage, tell: Tell<'_>) -> Result<(), Trouble> {
    let steps = [
        (
            "text by ClickSend",
            "clicksend",
            RUBY,
            "G'day, are you open on Saturday?",
        ),
        (
            "a webhook of one's own, signed",
            "custom",
            RUBY,
            "Thanks, see you then.",
        ),
        (
            "web chat, from the page's widget",
            "web-chat",
            "Lena",
            "Do you treat children too?",
        ),
    ];
    for (what, adapter, from, body) in steps {
        let request = stage.sample(adapter, &scenario(from, body, ""))?;
        let id = stage.id_in(adapter, &request)?;
        let said = stage.webhook(request).await?;
        let key = stage.under(&id).await?;
        let line = stage.tell_stored(what, &said, key).await?;
        stage.say(line, tell)?;
    }
    Ok(())
}

/// A STOP by Twilio, which is shown as any text and leaves the contact in peace.
async fn stop(stage: &mut Stage, tell: Tell<'_>) -> Result<(), Trouble> {
    let stop = Scenario {
        name: "stop".to_owned(),
        ..scenario(JONAS, "", "SM00000000000000000000000000000003")
    };
    let said = stage.webhook(stage.sample("twilio", &stop)?).await?;
    let key = stage.under(&stop.external_id).await?;
    let mut line = stage.tell_stored("STOP by Twilio", &said, key).await?;
    if let Some(key) = key {
        let contact = stage.contact(&stage.stored(key).await?);
        let read = stage.api("GET", &format!("/contacts/{contact}"), &Value::Null).await?;
        let status = read.json.pointer("/contact/dndSettings/SMS/status");
        if status == Some(&json!("active")) {
            "do-not-disturb set for SMS, and announced".clone_into(&mut line.note);
        } else {
            line.failure = Some("the contact may still be written to".to_owned());
        }
    }
    stage.say(line, tell)
}

/// A WhatsApp by Meta, from someone who also sends texts; and by Mailgun a mail with a file, and its answer.
async fn whatsapp_and_mail(stage: &mut Stage, tell: Tell<'_>) -> Result<(), Trouble> {
    let hello = scenario(JONAS, "Found it. See you in five minutes!", "wamid.1");
    let steps = [
        ("WhatsApp by Meta, signed", "meta", "whatsapp", hello),
        (
            "e-mail by Mailgun, with a file",
            "mailgun",
            "first",
            Scenario {
                media: vec!["https://okoro.example/insurance.pdf".to_owned()],
                ..scenario(SAM, "Is my insurance accepted? The card is attached.", "")
            },
        ),
        (
            "e-mail that answers it",
            "mailgun",
            "reply",
            scenario(SAM, "Never mind, I found it on your page.", "2@okoro.example"),
        ),
    ];
    let mut before = None;
    for (what, adapter, name, sent) in steps {
        let sent = Scenario {
            name: name.to_owned(),
            ..sent
        };
        let said = stage.webhook(stage.sample(adapter, &sent)?).await?;
        let id = if name == "first" {
            "first@sample.example"
        } else {
            &sent.external_id
        };
        let key = stage.under(id).await?;
        let mut line = stage.tell_stored(what, &said, key).await?;
        if let Some(key) = key.filter(|_| name == "reply") {
            if stage.stored(key).await?.detail.email.and_then(|email| email.reply_to) == before {
                "in the thread of the first".clone_into(&mut line.note);
            } else {
                line.failure = Some("it is not in the thread of the mail it answers".to_owned());
            }
        }
        before = key;
        stage.say(line, tell)?;
    }
    Ok(())
}

/// The external id of the demo's first text.
const FIRST_SID: &str = "SM00000000000000000000000000000001";

/// HighLevel's API by contact id and by conversation id, and the older v1 call.
async fn calls_by_id(stage: &mut Stage, tell: Tell<'_>, contact: &str, conversation: &str) -> Result<(), Trouble> {
    let steps = [
        (
            "API call by contact id",
            INBOUND,
            json!({ "type": "SMS", "contactId": contact, "message": "Could I move Thursday to the morning?" }),
        ),
        (
            "API call by conversation id",
            INBOUND,
            json!({ "type": "WhatsApp", "conversationId": conversation, "message": "Same question, here on WhatsApp 🙂" }),
        ),
        (
            "v1 call, as bridges wrote it",
            "/v1/conversations/messages",
            json!({ "contactId": contact, "messageType": "sms", "source": "clicksend", "body": "Thanks for reaching out!" }),
        ),
    ];
    for (what, path, body) in steps {
        api(stage, tell, what, path, &body).await?;
    }
    Ok(())
}

/// A voicemail by Twilio Voice: its recording's callback, and the recording itself.
async fn voicemail(stage: &mut Stage, tell: Tell<'_>) -> Result<(), Trouble> {
    let left = Scenario {
        name: "voicemail".to_owned(),
        media: vec![format!("{}/voicemail.mp3", stage.receiver.base)],
        ..scenario(MAYA, "", "CA00000000000000000000000000000004")
    };
    let said = stage.webhook(stage.sample("twilio-voice", &left)?).await?;
    let key = stage.under(&left.external_id).await?;
    let mut line = stage.tell_stored("voicemail by Twilio Voice", &said, key).await?;
    note_file(stage, key, "recording", &mut line).await;
    stage.say(line, tell)
}

/// Says of a message whether its file was fetched.
async fn note_file(stage: &mut Stage, key: Option<MessageKey>, what: &str, line: &mut Line) {
    let Some(key) = key else { return };
    match stage.fetched(key).await {
        Ok(size) => line.note = format!("{what} fetched and kept, {size} bytes"),
        Err(trouble) => line.failure = Some(trouble.to_string()),
    }
}

async fn mail(stage: &mut Stage, tell: Tell<'_>) -> Result<(), Trouble> {
    let mail = json!({
        "type": "Email", "email": PRIYA, "emailFrom": "Priya Raman <priya@raman.example>",
        "emailTo": "desk@harbourdental.example", "subject": "Cleaning on Thursday",
        "html": "<p>Thanks for the reminder. Thursday at three works for me.</p>", "altId": "<1@raman.example>",
    });
    let said = api(stage, tell, "e-mail", INBOUND, &mail).await?;
    let answered = text(&said.json, "emailMessageId");
    let reply = json!({
        "type": "Email", "email": PRIYA, "emailFrom": "Priya Raman <priya@raman.example>",
        "emailTo": "desk@harbourdental.example", "subject": "Re: Cleaning on Thursday",
        "html": "<p>One more thing: is there parking behind the building?</p>", "emailMessageId": answered,
    });
    let said = stage.api("POST", INBOUND, &reply).await?;
    let key = stage.named(&said);
    let mut line = stage.tell_stored("e-mail that answers it", &said, key).await?;
    let path = format!("/conversations/messages/email/{}", text(&said.json, "emailMessageId"));
    let read = stage.api("GET", &path, &Value::Null).await?;
    if text(&read.json, "threadId") == answered && !answered.is_empty() {
        "in the thread of the first".clone_into(&mut line.note);
    } else {
        line.failure = Some("it is not in the thread of the mail it answers".to_owned());
    }
    stage.say(line, tell)
}

/// A repeat, a forgery, and a wrong body: each is told, none is stored.
async fn what_is_not_stored(stage: &mut Stage, tell: Tell<'_>, first: MessageKey) -> Result<(), Trouble> {
    let request = stage.sample("twilio", &scenario(MAYA, "Hi! Something came up at work.", FIRST_SID))?;
    let said = stage.webhook(request).await?;
    let same = stage.under(FIRST_SID).await? == Some(first) && said.status == 200;
    let note = "recognised: answered the same, stored once, announced once";
    stage.say(judged("the first text once more", &said, same, note), tell)?;

    let forged = Scenario {
        forge: true,
        ..scenario(MAYA, "Send me money", "SM00000000000000000000000000000666")
    };
    let request = stage.sample("twilio", &forged)?;
    let said = stage.webhook(request).await?;
    let gone = stage.under(&forged.external_id).await?.is_none() && said.status == 403;
    stage.say(
        judged(
            "text with a forged signature",
            &said,
            gone,
            "refused with 403, kept in the journal",
        ),
        tell,
    )?;

    let wrong = json!({ "type": "sms", "phone": MAYA, "message": "hello" });
    let said = stage.api("POST", INBOUND, &wrong).await?;
    let sentence = said
        .json
        .pointer("/message/0")
        .or_else(|| said.json.get("message"))
        .and_then(Value::as_str);
    let note = format!("refused with 422: {}", sentence.unwrap_or_default());
    let refused = said.status == 422 && sentence.is_some();
    stage.say(judged("API call with a wrong body", &said, refused, &note), tell)
}

fn judged(what: &str, said: &Said, as_it_should: bool, note: &str) -> Line {
    let failure = (!as_it_should).then(|| format!("it was answered {}: {}", said.status, said.body));
    Line {
        what: what.to_owned(),
        on_disk: said.took(),
        note: note.to_owned(),
        failure,
        ..Line::default()
    }
}

async fn api(stage: &mut Stage, tell: Tell<'_>, what: &str, path: &str, body: &Value) -> Result<Said, Trouble> {
    let said = stage.api("POST", path, body).await?;
    let key = stage.named(&said);
    let line = stage.tell_stored(what, &said, key).await?;
    stage.say(line, tell)?;
    Ok(said)
}
