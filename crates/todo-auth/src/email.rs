//! E-mail addresses: which are accepted, and the one form in which they are compared.

/// The longest address (RFC 5321 §4.5.3.1.3 allows 254 characters in a path).
const MAX_LENGTH: usize = 254;

/// The form in which an address is stored and compared: lower case. `None` when it is not an address we accept.
///
/// The grammar is the one of Better Auth's validator: a dot-atom without leading or doubled dots, `@`, and a domain name
/// of ASCII labels. Anything outside ASCII is refused, which also shuts out look-alike letters.
#[must_use]
pub fn normalise(text: &str) -> Option<String> {
    if text.len() > MAX_LENGTH || !text.is_ascii() {
        return None;
    }
    let (local, domain) = text.split_once('@')?;
    (is_local_part(local) && is_domain(domain)).then(|| text.to_ascii_lowercase())
}

fn is_local_part(local: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_'+-.".contains(&byte);
    let ends_well = |byte: &u8| byte.is_ascii_alphanumeric() || b"_+-".contains(byte);
    !local.starts_with('.')
        && !local.contains("..")
        && local.bytes().all(allowed)
        && local.as_bytes().last().is_some_and(ends_well)
}

fn is_domain(domain: &str) -> bool {
    let Some((parents, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let label = |label: &str| {
        label.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic()) && parents.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn accepts_and_lowers() {
        for (given, stored) in
            [("Ann@Example.COM", "ann@example.com"), ("a.b+c_d-e'f@x-y.co.uk", "a.b+c_d-e'f@x-y.co.uk")]
        {
            assert_eq!(normalise(given).as_deref(), Some(stored));
        }
    }

    #[test]
    fn refuses() {
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in [
            "",
            "a",
            "@",
            "a@",
            "@b.co",
            "a@b",
            "a@b.c",
            ".a@b.co",
            "a..b@b.co",
            "a.@b.co",
            "a b@b.co",
            "a@b..co",
            "a@-b.co",
            "a@b.c0",
            "a@@b.co",
            "аnn@example.com",
            "ann@exаmple.com",
            "ann@example.com\n",
            "a\0@b.co",
            "\"a\"@b.co",
            "a@[127.0.0.1]",
            long.as_str(),
        ] {
            assert_eq!(normalise(bad), None, "{bad:?}");
        }
    }
}
