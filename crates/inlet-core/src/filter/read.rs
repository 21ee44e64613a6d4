//! Reading a filter: words, then the expression they make. Its depth and length are bounded, for anybody may type one.

use std::{iter::Peekable, vec::IntoIter};

use super::{Field, Meaning, Place};

/// Characters that an expression may have.
const LONGEST: usize = 2_000;
/// How deeply parentheses and `not` may be nested.
const DEEPEST: usize = 20;

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    /// A name, an operator, or a text without quotes.
    Word(String),
    /// A text in quotes.
    Text(String),
    Open,
    Close,
    Comma,
}

type Tokens = Peekable<IntoIter<Token>>;
type Read<T> = Result<T, String>;

pub(super) fn expression(text: &str) -> Read<Meaning> {
    if text.chars().count() > LONGEST {
        return Err(format!("it is longer than {LONGEST} characters"));
    }
    let mut tokens = tokens(text)?.into_iter().peekable();
    let meaning = any(&mut tokens, 0)?;
    match tokens.next() {
        None => Ok(meaning),
        Some(token) => Err(format!("{} stands where `and` or `or` would", shown(&token))),
    }
}

fn tokens(text: &str) -> Read<Vec<Token>> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(first) = rest.next() {
        let token = match first {
            _ if first.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '=' => Token::Word("=".to_owned()),
            '!' if rest.next_if_eq(&'=').is_some() => Token::Word("!=".to_owned()),
            '"' | '\'' => Token::Text(quoted(&mut rest, first)?),
            _ => {
                let mut word = String::from(first);
                while let Some(next) = rest.next_if(|next| !next.is_whitespace() && !"(),=!\"'".contains(*next)) {
                    word.push(next);
                }
                Token::Word(word)
            }
        };
        found.push(token);
    }
    Ok(found)
}

/// A backslash lets the next character stand for itself.
fn quoted(rest: &mut impl Iterator<Item = char>, quote: char) -> Read<String> {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        match next {
            '\\' => text.extend(rest.next()),
            _ if next == quote => return Ok(text),
            _ => text.push(next),
        }
    }
    Err("a quoted text does not end".to_owned())
}

fn any(tokens: &mut Tokens, depth: usize) -> Read<Meaning> {
    let mut found = vec![all(tokens, depth)?];
    while taken(tokens, "or") {
        found.push(all(tokens, depth)?);
    }
    Ok(single(found, Meaning::Any))
}

fn all(tokens: &mut Tokens, depth: usize) -> Read<Meaning> {
    let mut found = vec![one(tokens, depth)?];
    while taken(tokens, "and") {
        found.push(one(tokens, depth)?);
    }
    Ok(single(found, Meaning::All))
}

fn single(mut found: Vec<Meaning>, many: fn(Vec<Meaning>) -> Meaning) -> Meaning {
    match found.pop() {
        Some(last) if found.is_empty() => last,
        last => {
            found.extend(last);
            many(found)
        }
    }
}

fn one(tokens: &mut Tokens, depth: usize) -> Read<Meaning> {
    if depth > DEEPEST {
        return Err(format!("it is nested more than {DEEPEST} deep"));
    }
    if taken(tokens, "not") {
        return Ok(Meaning::Not(Box::new(one(tokens, depth + 1)?)));
    }
    match tokens.next() {
        Some(Token::Open) => {
            let inner = any(tokens, depth + 1)?;
            match tokens.next() {
                Some(Token::Close) => Ok(inner),
                _ => Err("a parenthesis is not closed".to_owned()),
            }
        }
        Some(Token::Word(word)) => test(field(&word)?, tokens),
        Some(token) => Err(format!("{} stands where a field would", shown(&token))),
        None => Err("it ends where a field would stand, such as channel".to_owned()),
    }
}

fn field(word: &str) -> Read<Field> {
    let found = Field::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    found.map(|(_, field)| *field).ok_or_else(|| {
        let names: Vec<&str> = Field::ALL.iter().map(|(name, _)| *name).collect();
        format!("there is no field {word}: choose from {}", names.join(", "))
    })
}

fn test(field: Field, tokens: &mut Tokens) -> Read<Meaning> {
    let Some(Token::Word(word)) = tokens.next() else {
        return Err("a field is followed by =, !=, in, contains, starts or ends".to_owned());
    };
    match word.to_lowercase().as_str() {
        "=" => Ok(Meaning::Is(field, vec![value(field, tokens)?])),
        "!=" => Ok(Meaning::Not(Box::new(Meaning::Is(field, vec![value(field, tokens)?])))),
        "in" => Ok(Meaning::Is(field, list(field, tokens)?)),
        "contains" => Ok(Meaning::Has(field, Place::Anywhere, text(tokens)?)),
        "starts" => Ok(Meaning::Has(field, Place::Start, text(tokens)?)),
        "ends" => Ok(Meaning::Has(field, Place::End, text(tokens)?)),
        other => Err(format!(
            "there is no test {other}: choose from =, !=, in, contains, starts, ends"
        )),
    }
}

fn list(field: Field, tokens: &mut Tokens) -> Read<Vec<String>> {
    if tokens.next() != Some(Token::Open) {
        return Err("`in` is followed by a list in parentheses".to_owned());
    }
    let mut values = vec![value(field, tokens)?];
    loop {
        match tokens.next() {
            Some(Token::Comma) => values.push(value(field, tokens)?),
            Some(Token::Close) => return Ok(values),
            _ => return Err("a list is not closed".to_owned()),
        }
    }
}

fn value(field: Field, tokens: &mut Tokens) -> Read<String> {
    let value = text(tokens)?;
    match field.values() {
        Some(values) if !values.contains(&value) => Err(format!(
            "there is no such value as {value}: choose from {}",
            values.join(", ")
        )),
        Some(_) | None => Ok(value),
    }
}

fn text(tokens: &mut Tokens) -> Read<String> {
    match tokens.next() {
        Some(Token::Word(text) | Token::Text(text)) => Ok(text.to_lowercase()),
        Some(token) => Err(format!("{} stands where a text would", shown(&token))),
        None => Err("it ends where a text would stand".to_owned()),
    }
}

/// Takes the next token if it is this word.
fn taken(tokens: &mut Tokens, word: &str) -> bool {
    let found = |token: &Token| matches!(token, Token::Word(found) if found.eq_ignore_ascii_case(word));
    tokens.next_if(found).is_some()
}

fn shown(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Text(text) => text.clone(),
        Token::Open => "(".to_owned(),
        Token::Close => ")".to_owned(),
        Token::Comma => ",".to_owned(),
    }
}
