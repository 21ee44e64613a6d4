//! What contacts may be searched by: the body of `POST /contacts/search`, and the older list's query string.

use inlet_core::{
    contact::{Condition, ContactQuery, Field, Group, Test, Text},
    ids::{ContactKey, IdCodec, IdKind},
    registry::Location,
};
use serde_json::{Map, Value};

use super::TEXTS;
use crate::{fault::Fault, fields::Fields as Body, time};

/// Rows of a page where none are asked for, and at most; HighLevel's search goes up to 500.
const PAGE: (u64, u64) = (20, 500);
/// Rows of the older list, at most.
const LIST: u64 = 100;
/// Filters, and those of one group, at most.
const MOST_FILTERS: usize = 50;
/// How far a page number may reach into the list.
const DEEPEST: u64 = 10_000;

/// `POST /contacts/search` at this location.
pub fn search(body: &[u8], location: &Location, ids: &IdCodec) -> Result<ContactQuery, Fault> {
    let mut body = Body::parse(body)?;
    match body.word("locationId") {
        Some(id) if id != location.id => return Err(Fault::other_location()),
        Some(_) => {}
        None => body.complain("locationId", "is required"),
    }
    let limit = whole(&mut body, "pageLimit", PAGE.0, PAGE.1);
    let page = whole(&mut body, "page", 1, DEEPEST);
    let after = after(&mut body, ids);
    let skip = if after.is_some() { 0 } else { (page - 1) * limit };
    if skip > DEEPEST {
        body.complain("page", "reaches too far into the list: use searchAfter");
    }
    let query = ContactQuery {
        location: location.key,
        text: body.word("query"),
        groups: groups(&mut body, ids),
        after,
        skip: usize::try_from(skip).unwrap_or_default(),
        oldest_first: oldest_first(&mut body),
        limit: usize::try_from(limit).unwrap_or_default(),
    };
    body.finish()?;
    Ok(query)
}

fn whole(body: &mut Body, name: &str, usual: u64, most: u64) -> u64 {
    let given = body.take(name);
    let number = match &given {
        None => Some(usual),
        Some(value) => value.as_u64().filter(|number| (1..=most).contains(number)),
    };
    if number.is_none() {
        body.complain(name, &format!("must be a whole number from 1 to {most}"));
    }
    number.unwrap_or(usual)
}

fn after(body: &mut Body, ids: &IdCodec) -> Option<ContactKey> {
    let place = body.list("searchAfter", 2);
    let id = place.last()?.as_str().and_then(|id| ids.decode(IdKind::Contact, id));
    if id.is_none() {
        body.complain("searchAfter", "must be the searchAfter of the last contact of a page");
    }
    id.map(ContactKey)
}

/// Contacts are in the order in which they were made; no other order is kept here.
fn oldest_first(body: &mut Body) -> bool {
    let sort = body.list("sort", 2);
    let Some(first) = sort.first() else { return false };
    let text = |name| first.get(name).and_then(Value::as_str);
    match (sort.len(), text("field"), text("direction")) {
        (1, Some("dateAdded"), None | Some("desc" | "DESC")) => false,
        (1, Some("dateAdded"), Some("asc" | "ASC")) => true,
        _ => {
            body.complain("sort", "must be one field, dateAdded, with the direction asc or desc");
            false
        }
    }
}

fn groups(body: &mut Body, ids: &IdCodec) -> Vec<Group> {
    let mut groups = Vec::new();
    for filter in body.list("filters", MOST_FILTERS) {
        match group(&filter, ids) {
            Ok(group) => groups.push(group),
            Err(why) => body.say(&why),
        }
    }
    groups
}

fn group(filter: &Value, ids: &IdCodec) -> Result<Group, String> {
    let Some(word) = filter.get("group") else {
        let conditions = vec![condition(filter, ids)?];
        return Ok(Group { any: false, conditions });
    };
    let any = match word.as_str() {
        Some("AND") => false,
        Some("OR") => true,
        _ => return Err("each group in filters must be AND or OR".to_owned()),
    };
    let inner = filter.get("filters").and_then(Value::as_array);
    let inner = inner.filter(|inner| (1..=MOST_FILTERS).contains(&inner.len()));
    let inner = inner.ok_or("each group in filters must have a list of filters")?;
    if inner.iter().any(|one| one.get("group").is_some()) {
        return Err("groups in filters must not hold groups: one level is supported here".to_owned());
    }
    let conditions = inner.iter().map(|one| condition(one, ids)).collect::<Result<_, _>>()?;
    Ok(Group { any, conditions })
}

fn condition(filter: &Value, ids: &IdCodec) -> Result<Condition, String> {
    let word = |name: &str| filter.get(name).and_then(Value::as_str);
    let name = word("field").ok_or("each filter must have a field")?;
    let field = field(name).ok_or("each field in filters must be one that contacts have")?;
    let value = filter.get("value");
    let texts = || texts(value, &field, ids).ok_or("each value in filters must be a text, number or list of those");
    let one = || texts().map(|texts| texts.into_iter().next().unwrap_or_default());
    let test = match word("operator") {
        Some("eq") => Test::Is(texts()?),
        Some("not_eq") => Test::IsNot(texts()?),
        Some("contains") => Test::Contains(one()?),
        Some("not_contains") => Test::Lacks(one()?),
        Some("exists") => Test::Exists,
        Some("not_exists") => Test::Absent,
        Some("range") => range(value, &field)?,
        _ => {
            let words = "eq, not_eq, contains, not_contains, exists, not_exists, range";
            return Err(format!("each operator in filters must be one of {words}"));
        }
    };
    Ok(Condition { field, test })
}

fn field(name: &str) -> Option<Field> {
    let custom = name
        .strip_prefix("customFields.")
        .or_else(|| name.strip_prefix("customField."));
    if let Some(id) = custom {
        return Some(Field::Custom(id.to_owned()));
    }
    let lower = |text| Some(Field::Text(text));
    match name {
        "id" => Some(Field::Key),
        "name" | "contactName" => Some(Field::Name),
        "firstNameLowerCase" => lower(Text::FirstName),
        "lastNameLowerCase" => lower(Text::LastName),
        "address" => lower(Text::Address1),
        "phone" => Some(Field::Phone),
        "email" => Some(Field::Email),
        "tags" => Some(Field::Tags),
        "dnd" => Some(Field::Dnd),
        "dateAdded" => Some(Field::CreatedAt),
        "dateUpdated" => Some(Field::UpdatedAt),
        _ => TEXTS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| Field::Text(*text)),
    }
}

fn texts(value: Option<&Value>, field: &Field, ids: &IdCodec) -> Option<Vec<String>> {
    match value? {
        Value::Array(list) => list.iter().map(|one| scalar(one, field, ids)).collect(),
        one => scalar(one, field, ids).map(|one| vec![one]),
    }
}

/// One value as the field writes its own: an id as its key, a date as milliseconds.
fn scalar(value: &Value, field: &Field, ids: &IdCodec) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(match field {
        // An id that is none finds nobody.
        Field::Key => ids
            .decode(IdKind::Contact, &text)
            .map_or_else(String::new, |key| key.to_string()),
        Field::CreatedAt | Field::UpdatedAt => time::read(&text).map_or(text, |at| at.as_millisecond().to_string()),
        Field::Name | Field::Phone | Field::Email | Field::Text(_) | Field::Tags | Field::Dnd | Field::Custom(_) => {
            text
        }
    })
}

fn range(value: Option<&Value>, field: &Field) -> Result<Test, String> {
    const WRONG: &str = "the value of a range in filters must be an object with gte or lte";
    let bounds = value.and_then(Value::as_object).ok_or(WRONG)?;
    let bound = |names: [&str; 2]| bound(bounds, names, field);
    let (from, to) = (bound(["gte", "gt"]), bound(["lte", "lt"]));
    if from.is_none() && to.is_none() {
        return Err(WRONG.to_owned());
    }
    Ok(Test::Within(from, to))
}

fn bound(bounds: &Map<String, Value>, names: [&str; 2], field: &Field) -> Option<String> {
    let value = names.iter().find_map(|name| bounds.get(*name))?;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let dated = matches!(field, Field::CreatedAt | Field::UpdatedAt);
    let at = time::read(&text).filter(|_| dated);
    Some(at.map_or(text, |at| at.as_millisecond().to_string()))
}

/// The older list: its query, already read as JSON would be.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Listed {
    /// The location's id.
    pub location: Option<String>,
    /// A text to look for.
    pub query: Option<String>,
    /// Rows of a page.
    pub limit: Option<String>,
    /// The last contact of the page before.
    pub start_after: Option<String>,
}

/// `GET /contacts/` at this location.
pub fn list(asked: &Listed, location: &Location, ids: &IdCodec) -> Result<ContactQuery, Fault> {
    let mut wrong = Vec::new();
    if asked.location.is_none() {
        wrong.push("locationId is required".to_owned());
    }
    let limit = asked.limit.as_deref().map_or(Some(PAGE.0), |limit| limit.parse().ok());
    let limit = limit.filter(|limit| (1..=LIST).contains(limit));
    if limit.is_none() {
        wrong.push(format!("limit must be a number from 1 to {LIST}"));
    }
    let after = asked.start_after.as_deref().map(|id| ids.decode(IdKind::Contact, id));
    if after == Some(None) {
        wrong.push("startAfterId must be the id of a contact of this location".to_owned());
    }
    if !wrong.is_empty() {
        return Err(Fault::unprocessable(wrong));
    }
    Ok(ContactQuery {
        location: location.key,
        text: asked.query.clone(),
        groups: Vec::new(),
        after: after.flatten().map(ContactKey),
        skip: 0,
        oldest_first: false,
        limit: usize::try_from(limit.unwrap_or(PAGE.0)).unwrap_or_default(),
    })
}
