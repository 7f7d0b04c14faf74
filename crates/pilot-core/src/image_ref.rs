//! Image references: `[registry/]repository[:tag][@digest]`.

use std::fmt;

/// The parts of an image reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageRef<'a> {
    /// Registry and repository, as written.
    pub name: &'a str,
    /// After the colon of the last path segment, so that a registry's port is not taken for a tag.
    pub tag: Option<&'a str>,
    /// After `@`.
    pub digest: Option<&'a str>,
}

impl<'a> ImageRef<'a> {
    /// Splits a reference; never fails, an empty text gives an empty name.
    pub fn parse(text: &'a str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let last_segment = rest.rfind('/').map_or(0, |slash| slash + 1);
        match rest[last_segment..].split_once(':') {
            Some((name, tag)) => {
                Self { name: &rest[..last_segment + name.len()], tag: Some(tag).filter(|tag| !tag.is_empty()), digest }
            }
            None => Self { name: rest, tag: None, digest },
        }
    }

    /// Neither tag nor digest: whatever is newest today.
    pub fn is_untagged(&self) -> bool {
        self.tag.is_none() && self.digest.is_none()
    }

    /// A tag that is moved as a habit: none, `latest`, or a word without a number (`stable`).
    pub fn is_mutable(&self) -> bool {
        self.digest.is_none() && self.tag.is_none_or(|tag| !tag.contains(|c: char| c.is_ascii_digit()))
    }

    /// The name with Docker Hub's defaults written out: `docker.io/library/nginx`.
    pub fn full_name(&self) -> String {
        match self.name.split_once('/') {
            None => format!("docker.io/library/{}", self.name),
            Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => self.name.to_owned(),
            Some(_) => format!("docker.io/{}", self.name),
        }
    }
}

impl fmt::Display for ImageRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_port_is_not_a_tag_and_a_digest_stands_alone() {
        for (text, name, tag, digest) in [
            ("nginx", "nginx", None, None),
            ("nginx:1.27", "nginx", Some("1.27"), None),
            ("localhost:5000/app", "localhost:5000/app", None, None),
            ("localhost:5000/app:2", "localhost:5000/app", Some("2"), None),
            ("a.io/b/c@sha256:ab", "a.io/b/c", None, Some("sha256:ab")),
            ("a.io/b/c:1@sha256:ab", "a.io/b/c", Some("1"), Some("sha256:ab")),
            ("app:", "app", None, None),
            ("", "", None, None),
        ] {
            assert_eq!(ImageRef::parse(text), ImageRef { name, tag, digest }, "{text}");
        }
        assert_eq!(ImageRef::parse("nginx").full_name(), "docker.io/library/nginx");
        assert_eq!(ImageRef::parse("a/b:1").full_name(), "docker.io/a/b");
        assert_eq!(ImageRef::parse("localhost/b").full_name(), "localhost/b");
    }
}
