//! Configuration from environment variables, read once at the start.
//!
//! Every variable `NAME` may instead be given as `NAME_FILE`, the path of a file that holds the value (a mounted secret). All
//! mistakes are collected, so that one start shows them all, each in one line that names the variable and the remedy.

use std::{collections::BTreeMap, fmt, fs, str::FromStr, time::Duration};

use secrecy::SecretString;

/// Where variables come from: the process's environment, or a map in a test.
pub trait Vars {
    /// The value of a variable; empty counts as absent.
    fn get(&self, name: &str) -> Option<String>;
}

/// The environment of the process.
#[derive(Clone, Copy, Debug)]
pub struct Environment;

impl Vars for Environment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

impl Vars for BTreeMap<&str, &str> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).filter(|value| !value.is_empty()).map(|value| (*value).to_owned())
    }
}

/// A variable that can't be used, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    /// Name of the variable.
    pub variable: String,
    /// What is wrong, with the remedy.
    pub problem: String,
}

/// All that is wrong with the configuration, a line each.
#[derive(Debug, thiserror::Error)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

/// A variable in force, for `config` to print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Name of the variable.
    pub name: &'static str,
    /// Its value; secrets are masked.
    pub value: String,
    /// `default`, `environment` or `file`.
    pub source: &'static str,
    /// What it is for.
    pub meaning: &'static str,
}

/// Reads variables one by one, remembering each for [`Reader::finish`].
pub struct Reader<'a> {
    vars: &'a dyn Vars,
    settings: Vec<Setting>,
    errors: Vec<ConfigError>,
}

impl<'a> Reader<'a> {
    /// A reader of `vars`.
    pub fn new(vars: &'a dyn Vars) -> Self {
        Self { vars, settings: Vec::new(), errors: Vec::new() }
    }

    /// A value of any type that reads from text; `default` stands when the variable is absent or wrong (which is recorded).
    pub fn value<T>(&mut self, name: &'static str, default: T, meaning: &'static str) -> T
    where
        T: FromStr + fmt::Display,
        T::Err: fmt::Display,
    {
        match self.raw(name) {
            None => {
                self.note(name, default.to_string(), "default", meaning);
                default
            }
            Some((text, source)) => match text.parse::<T>() {
                Ok(value) => {
                    self.note(name, text, source, meaning);
                    value
                }
                Err(error) => {
                    self.refuse(
                        name,
                        format!("`{}` can't be read: {error}. {meaning}; default: {default}.", shorten(&text)),
                    );
                    default
                }
            },
        }
    }

    /// An optional text.
    pub fn text(&mut self, name: &'static str, meaning: &'static str) -> Option<String> {
        let found = self.raw(name);
        let (value, source) = found.map_or((None, "default"), |(text, source)| (Some(text), source));
        self.note(name, value.clone().unwrap_or_default(), source, meaning);
        value
    }

    /// An optional secret: never printed.
    pub fn secret(&mut self, name: &'static str, meaning: &'static str) -> Option<SecretString> {
        let found = self.raw(name);
        let (shown, source) = found.as_ref().map_or(("", "default"), |(_, source)| ("********", *source));
        self.note(name, shown.to_owned(), source, meaning);
        found.map(|(text, _)| SecretString::from(text))
    }

    /// A yes or no: `true`, `1`, `yes`, `on` and their opposites.
    pub fn flag(&mut self, name: &'static str, default: bool, meaning: &'static str) -> bool {
        match self.raw(name) {
            None => {
                self.note(name, default.to_string(), "default", meaning);
                default
            }
            Some((text, source)) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => {
                    self.note(name, "true".into(), source, meaning);
                    true
                }
                "false" | "0" | "no" | "off" => {
                    self.note(name, "false".into(), source, meaning);
                    false
                }
                _ => {
                    self.refuse(name, format!("`{}` is neither true nor false. {meaning}.", shorten(&text)));
                    default
                }
            },
        }
    }

    /// A list separated by commas; blanks are dropped.
    pub fn list(&mut self, name: &'static str, meaning: &'static str) -> Vec<String> {
        let text = self.text(name, meaning).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// A span of time: `250ms`, `5s`, `2m`, `1h`; a bare number is seconds.
    pub fn duration(&mut self, name: &'static str, default: Duration, meaning: &'static str) -> Duration {
        self.value(name, Span(default), meaning).0
    }

    /// Records that a variable can't be used.
    pub fn refuse(&mut self, variable: &str, problem: impl Into<String>) {
        self.errors.push(ConfigError { variable: variable.to_owned(), problem: problem.into() });
    }

    /// The settings in force, in the order in which they were read.
    ///
    /// # Errors
    /// All mistakes together.
    pub fn finish(self) -> Result<Vec<Setting>, ConfigErrors> {
        if self.errors.is_empty() { Ok(self.settings) } else { Err(ConfigErrors(self.errors)) }
    }

    fn raw(&mut self, name: &'static str) -> Option<(String, &'static str)> {
        if let Some(value) = self.vars.get(name) {
            return Some((value, "environment"));
        }
        let path = self.vars.get(&format!("{name}_FILE"))?;
        match fs::read_to_string(&path) {
            Ok(text) => {
                let text = text.trim_end_matches(['\r', '\n']).to_owned();
                (!text.is_empty()).then_some((text, "file"))
            }
            Err(error) => {
                self.refuse(
                    &format!("{name}_FILE"),
                    format!("can't read `{path}`: {error}. Check that the file is mounted and readable."),
                );
                None
            }
        }
    }

    fn note(&mut self, name: &'static str, value: String, source: &'static str, meaning: &'static str) {
        self.settings.push(Setting { name, value: mask_credentials(&value), source, meaning });
    }
}

/// Hides the password in a URL such as `postgres://user:password@host`.
fn mask_credentials(value: &str) -> String {
    if let Some((scheme, rest)) = value.split_once("://") {
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(authority_end);
        if let Some((login, host)) = authority.rsplit_once('@')
            && let Some((user, _)) = login.split_once(':')
        {
            return format!("{scheme}://{user}:********@{host}{tail}");
        }
    }
    value.to_owned()
}

fn shorten(text: &str) -> String {
    let shown: String = text.chars().take(60).collect();
    shown.escape_debug().to_string()
}

/// Reads a span of time: `250ms`, `5s`, `2m`, `1h`; a bare number is seconds.
///
/// # Errors
/// What to write instead.
pub fn parse_span(text: &str) -> Result<Duration, &'static str> {
    text.parse::<Span>().map(|span| span.0)
}

/// A [`Duration`] that reads from text.
struct Span(Duration);

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "write a number with ms, s, m or h, such as 250ms, 5s or 2m";
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let number: u64 = number.parse().map_err(|_| WRONG)?;
        let millis = match unit.trim() {
            "ms" => 1,
            "" | "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(WRONG),
        };
        number.checked_mul(millis).map(|all| Self(Duration::from_millis(all))).ok_or(WRONG)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            millis if millis % 1000 == 0 => write!(f, "{}s", millis / 1000),
            millis => write!(f, "{millis}ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_collected_and_name_the_variable() {
        let vars = BTreeMap::from([("PORT", "eighty"), ("DRAIN", "5 parsecs"), ("SECURE", "maybe")]);
        let mut reader = Reader::new(&vars);
        assert_eq!(reader.value("PORT", 8000_u16, "Port to listen on"), 8000);
        assert_eq!(reader.duration("DRAIN", Duration::from_secs(5), "How long to drain"), Duration::from_secs(5));
        assert!(!reader.flag("SECURE", false, "Whether to be secure"));
        let errors = reader.finish().unwrap_err();
        let named: Vec<_> = errors.0.iter().map(|error| error.variable.as_str()).collect();
        assert_eq!(named, ["PORT", "DRAIN", "SECURE"]);
        assert_eq!(errors.to_string().lines().count(), 3);
    }

    #[test]
    fn secrets_are_masked_and_files_are_read() {
        let dir = std::env::temp_dir().join(format!("todo-config-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let file = dir.join("secret");
        fs::write(&file, "hush\n").unwrap();
        let path = file.to_str().unwrap();
        let vars = BTreeMap::from([
            ("SECRET_FILE", path),
            ("URL", "postgres://me:pa:ss@db/todo?x=1"),
            ("GONE_FILE", "/nonexistent"),
        ]);
        let mut reader = Reader::new(&vars);
        let secret = reader.secret("SECRET", "A secret").unwrap();
        assert_eq!(secrecy::ExposeSecret::expose_secret(&secret), "hush");
        reader.text("URL", "Database");
        assert!(reader.text("GONE", "Missing file").is_none());
        let shown = format!("{:?}", reader.settings);
        assert!(!shown.contains("hush") && !shown.contains("pa:ss"), "{shown}");
        assert!(reader.finish().unwrap_err().to_string().starts_with("GONE_FILE: can't read"));
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn spans_read_and_print() {
        for (text, millis) in [("250ms", 250), ("5", 5_000), ("5s", 5_000), ("2m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(text.parse::<Span>().map(|s| s.0), Ok(Duration::from_millis(millis)));
        }
        for text in ["", "s", "-5s", "5d", "99999999999999999999h"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
