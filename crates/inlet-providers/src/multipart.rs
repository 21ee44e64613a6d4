//! `multipart/form-data` as mail vendors post it (RFC 7578), and multiparts for samples (RFC 2046).

/// One part of a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Part<'a> {
    /// The field's name.
    pub(crate) name: &'a str,
    /// What the file is called, where it is one.
    pub(crate) filename: Option<&'a str>,
    /// Its media type, where it is said.
    pub(crate) content_type: Option<&'a str>,
    /// What it holds.
    pub(crate) bytes: &'a [u8],
}

/// The parts of a form in order; `None` where it is no such form, or has no end. What has no name is passed over.
pub(crate) fn read<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let (kind, _) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let cut = format!(
        "--{}",
        attribute(content_type, "boundary").filter(|cut| !cut.is_empty())?
    );
    let (_, mut rest) = split(body, cut.as_bytes())?;
    let next = format!("\r\n{cut}");
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let (_, opened) = split(rest, b"\r\n")?;
        let (part, after) = split(opened, next.as_bytes())?;
        parts.extend(read_part(part));
        rest = after;
    }
    Some(parts)
}

fn read_part(part: &[u8]) -> Option<Part<'_>> {
    // A part without headers begins with the empty line itself.
    let (head, bytes) = split(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(head).ok()?;
    let header = |wanted: &str| {
        let pairs = head.lines().filter_map(|line| line.split_once(':'));
        let mut found = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        found.next().map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        name: attribute(disposition, "name")?,
        filename: attribute(disposition, "filename"),
        content_type: header("content-type"),
        bytes,
    })
}

/// An attribute such as `boundary` in `multipart/form-data; boundary="x"`.
fn attribute<'a>(header: &'a str, wanted: &str) -> Option<&'a str> {
    let pairs = header.split(';').skip(1).filter_map(|pair| pair.split_once('='));
    let mut found = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
    let (_, value) = found.next()?;
    Some(value.trim().trim_matches('"'))
}

/// What stands before and after the first `mark`.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    let (before, rest) = bytes.split_at_checked(at)?;
    Some((before, rest.strip_prefix(mark)?))
}

/// A multipart of parts, each with its headers. The mark between them follows from what they say.
pub(crate) fn write(parts: &[(String, Vec<u8>)]) -> (String, Vec<u8>) {
    let said = parts.iter().flat_map(|(headers, bytes)| [headers.as_bytes(), bytes]);
    let hash = inlet_core::seen::fingerprint(&said.collect::<Vec<_>>().concat());
    let cut = format!("part-{hash:016x}");
    let mut body = Vec::new();
    for (headers, bytes) in parts {
        body.extend_from_slice(format!("--{cut}\r\n{headers}\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{cut}--\r\n").as_bytes());
    (cut, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_part_by_part() {
        let part = |name, filename, content_type, bytes| Part {
            name,
            filename,
            content_type,
            bytes,
        };
        let cases: [(&[u8], Option<Vec<Part<'_>>>); 8] = [
            (b"--x--\r\n", Some(vec![])),
            (
                b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--",
                Some(vec![part("a", None, None, b"1")]),
            ),
            (
                b"pre\r\n--x\r\ncontent-disposition: form-data; name=a; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\n\r\n--y\r\n\r\n--x\r\nX: y\r\n\r\nnameless\r\n--x--\r\n",
                Some(vec![part("a", Some("f.txt"), Some("text/plain"), b"\r\n--y\r\n")]),
            ),
            (
                b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n--x--",
                Some(vec![part("a", None, None, b"")]),
            ),
            (b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end", None),
            (b"--x", None),
            (b"", None),
            (b"a=1&b=2", None),
        ];
        for (body, expected) in cases {
            let read = read("multipart/form-data; boundary=\"x\"", body);
            assert_eq!(read, expected, "{}", String::from_utf8_lossy(body));
        }
        for content_type in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "text/plain; boundary=x",
        ] {
            assert_eq!(read(content_type, b"--x--"), None, "{content_type}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let headers = "Content-Disposition: form-data; name=\"a\"";
        let parts = [
            (headers.to_owned(), b"\r\n--\x00\xff".to_vec()),
            (headers.to_owned(), Vec::new()),
        ];
        let (cut, body) = write(&parts);
        let read = read(&format!("multipart/form-data; boundary={cut}"), &body).expect("a form");
        let bytes: Vec<_> = read.iter().map(|part| part.bytes).collect();
        assert_eq!(bytes, [&b"\r\n--\x00\xff"[..], b""]);
    }
}
