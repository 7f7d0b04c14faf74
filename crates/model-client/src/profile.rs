//! What differs between providers of the OpenAI protocols. A field that a provider does not take is never sent to it.

/// A provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name in `MODEL_PROVIDER`.
    pub name: &'static str,
    /// Where it lives, unless `BASE_URL` says otherwise; empty for those that live nowhere in particular.
    pub base_url: &'static str,
    /// Its model, unless `MODEL` says otherwise; empty where there is no sensible guess.
    pub model: &'static str,
    /// The variable of its key; empty for those that need none.
    pub key: &'static str,
    /// Takes `stream_options`: usage comes in a last chunk.
    pub stream_options: bool,
    /// The field that bounds the length of a reply.
    pub max_tokens: &'static str,
    /// Further headers.
    pub headers: &'static [(&'static str, &'static str)],
}

/// Which protocol is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Api {
    /// `POST /chat/completions`.
    #[default]
    Chat,
    /// `POST /responses`.
    Responses,
}

impl std::str::FromStr for Api {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "chat" => Ok(Self::Chat),
            "responses" => Ok(Self::Responses),
            _ => Err("use chat or responses"),
        }
    }
}

impl std::fmt::Display for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
        })
    }
}

/// The plainest: any server that speaks chat completions.
const COMPATIBLE: Profile = Profile {
    name: "compatible",
    base_url: "",
    model: "",
    key: "OPENAI_API_KEY",
    stream_options: true,
    max_tokens: "max_tokens",
    headers: &[],
};

/// All providers, in the order in which their keys are looked for.
pub const PROFILES: &[Profile] = &[
    Profile {
        name: "openai",
        base_url: "https://api.openai.com/v1",
        model: "gpt-5-mini",
        // Its reasoning models refuse `max_tokens`.
        max_tokens: "max_completion_tokens",
        ..COMPATIBLE
    },
    Profile {
        name: "openrouter",
        base_url: "https://openrouter.ai/api/v1",
        model: "openai/gpt-5-mini",
        key: "OPENROUTER_API_KEY",
        headers: &[("x-title", "todo")],
        ..COMPATIBLE
    },
    Profile {
        name: "cohere",
        base_url: "https://api.cohere.ai/compatibility/v1",
        model: "command-a-03-2025",
        key: "COHERE_API_KEY",
        // Its compatibility API refuses the field.
        stream_options: false,
        ..COMPATIBLE
    },
    Profile { name: "ollama", base_url: "http://localhost:11434/v1", key: "", ..COMPATIBLE },
    Profile { name: "vllm", base_url: "http://localhost:8000/v1", ..COMPATIBLE },
    Profile { name: "litellm", base_url: "http://localhost:4000/v1", ..COMPATIBLE },
    COMPATIBLE,
];

/// The provider of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

/// The provider that lives at an address, as far as its host tells.
#[must_use]
pub fn at(url: &url::Url) -> &'static Profile {
    let host = url.host_str().unwrap_or_default();
    let within = |domain: &str| host == domain || host.ends_with(&format!(".{domain}"));
    let name = match () {
        () if within("openai.com") => "openai",
        () if within("openrouter.ai") => "openrouter",
        () if within("cohere.ai") || within("cohere.com") => "cohere",
        () if url.port() == Some(11434) => "ollama",
        () => "compatible",
    };
    named(name).unwrap_or(&COMPATIBLE)
}

/// The provider at an address, else the first whose key there is. A key of OpenAI's is what servers of all kinds take; another
/// provider's key says who is behind an address that tells nothing.
#[must_use]
pub fn told(address: Option<&url::Url>, has_key: impl Fn(&str) -> bool) -> Option<&'static Profile> {
    let by_key = PROFILES.iter().find(|profile| has_key(profile.key));
    let Some(url) = address else { return by_key };
    let there = at(url);
    Some(by_key.filter(|profile| there.name == "compatible" && profile.name != "openai").unwrap_or(there))
}

/// An address of a provider: `http` or `https`, without a user or password.
#[must_use]
pub fn address(text: &str) -> Option<url::Url> {
    let url: url::Url = text.parse().ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    (plain && matches!(url.scheme(), "http" | "https")).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_tells_its_provider() {
        for (url, name) in [
            ("https://api.openai.com/v1", "openai"),
            ("https://openrouter.ai/api/v1", "openrouter"),
            ("https://api.cohere.ai/compatibility/v1", "cohere"),
            ("http://ollama.models:11434/v1", "ollama"),
            ("https://notopenai.com/v1", "compatible"),
            ("http://127.0.0.1:9000", "compatible"),
        ] {
            assert_eq!(at(&url.parse().unwrap()).name, name, "{url}");
        }
        for profile in PROFILES {
            assert_eq!(named(profile.name), Some(profile));
        }
    }
}
