//! Mobile numbers that are written in two ways, both in use: Brazil put a 9 before its eight digits (2012 to 2016), Mexico
//! took the 1 after its country code away (2019), and Argentina writes a 9 after the country code for calls from abroad only.
//! Vendors pass on either; the subscriber is the same.

/// The other way to write a number in E.164, where it has one.
pub(super) fn other(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+')?;
    if let Some(rest) = digits.strip_prefix("55") {
        return brazil(rest).map(|rest| format!("+55{rest}"));
    }
    if let Some(rest) = digits.strip_prefix("52") {
        return with_or_without(rest, "1", 10).map(|rest| format!("+52{rest}"));
    }
    if let Some(rest) = digits.strip_prefix("54") {
        return with_or_without(rest, "9", 10).map(|rest| format!("+54{rest}"));
    }
    None
}

/// Two digits of the area, then eight that begin with 6 to 9, or a 9 before those. Others are fixed lines.
fn brazil(rest: &str) -> Option<String> {
    let (area, number) = rest.split_at_checked(2)?;
    let mobile = |number: &str| number.len() == 8 && number.starts_with(['6', '7', '8', '9']);
    match number.strip_prefix('9') {
        Some(old) if mobile(old) => Some(format!("{area}{old}")),
        _ if mobile(number) => Some(format!("{area}9{number}")),
        _ => None,
    }
}

/// `length` digits, with or without a mark before them.
fn with_or_without(rest: &str, mark: &str, length: usize) -> Option<String> {
    if rest.len() == length {
        return Some(format!("{mark}{rest}"));
    }
    let bare = rest.strip_prefix(mark)?;
    (bare.len() == length).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_write_one_number_lead_to_each_other() {
        let pairs = [
            ("+5511987654321", "+551187654321"),
            ("+525512345678", "+5215512345678"),
            ("+541123456789", "+5491123456789"),
        ];
        for (one, two) in pairs {
            assert_eq!(other(one).as_deref(), Some(two));
            assert_eq!(other(two).as_deref(), Some(one));
        }
    }

    #[test]
    fn other_numbers_have_one_way() {
        for number in [
            "+551133334444",
            "+5511",
            "+14155552671",
            "+52551234567",
            "+5411234567",
            "72345",
            "+55",
            "",
        ] {
            assert_eq!(other(number), None, "{number}");
        }
    }
}
