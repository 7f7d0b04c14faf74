//! The variables of the model behind the assistant.

use secrecy::SecretString;
use todo_assistant::model::{
    Api, Limits, Profile, Settings,
    profile::{self, PROFILES, address},
};
use todo_service::Reader;
use url::Url;

/// The model, when there is one: a key, an address or a provider was given. `MODEL` alone chooses among nothing.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Settings> {
    let keys = [
        ("OPENAI_API_KEY", reader.secret("OPENAI_API_KEY", "Key of OpenAI, or of the server at BASE_URL")),
        ("OPENROUTER_API_KEY", reader.secret("OPENROUTER_API_KEY", "Key of OpenRouter")),
        ("COHERE_API_KEY", reader.secret("COHERE_API_KEY", "Key of Cohere")),
    ];
    let provider = reader.text(
        "MODEL_PROVIDER",
        "openai, openrouter, cohere, ollama, vllm, litellm or compatible; otherwise told by BASE_URL or by the key",
    );
    let base_url = reader.text("BASE_URL", "Address of an OpenAI-compatible server, such as http://localhost:11434/v1");
    let model = reader.text("MODEL", "Name of the model; otherwise the provider's default");
    let api = reader.value("MODEL_API", Api::Chat, "chat (chat completions) or responses");
    let fast_path = reader.flag(
        "MODEL_FAST_PATH",
        true,
        "Whether the built-in assistant answers the sentences that it understands, and the model only the others",
    );
    let limits = limits(reader);

    let base_url = base_url.and_then(|text| {
        let url = address(&text);
        if url.is_none() {
            reader
                .refuse("BASE_URL", "must be an address such as https://api.openai.com/v1, without a user or password");
        }
        url
    });
    let profile = choose(reader, provider.as_deref(), base_url.as_ref(), &keys)?;
    let key = keys.into_iter().find(|(name, _)| *name == profile.key).and_then(|(_, key)| key);
    let base_url = base_url.or_else(|| address(profile.base_url));
    let model = model.unwrap_or_else(|| profile.model.to_owned());
    if base_url.is_none() {
        reader.refuse("BASE_URL", format!("is needed with MODEL_PROVIDER={}; give the server's address", profile.name));
    }
    if model.is_empty() {
        reader.refuse(
            "MODEL",
            format!("is needed with the provider {}; give the name of a model that it has", profile.name),
        );
    }
    if key.is_none() && matches!(profile.name, "openai" | "openrouter" | "cohere") {
        reader.refuse(profile.key, format!("is needed to ask {}", profile.name));
    }
    Some(Settings { profile, base_url: base_url?, key, model, api, fast_path, limits })
}

fn limits(reader: &mut Reader<'_>) -> Limits {
    let usual = Limits::default();
    let limits = Limits {
        turns: reader.value("MODEL_MAX_TURNS", usual.turns, "Requests to the model for one answer, 1 to 50"),
        tokens: reader.value("MODEL_MAX_TOKENS", usual.tokens, "Tokens of all requests and replies of one answer"),
        daily_tokens: reader.value(
            "MODEL_DAILY_TOKENS",
            usual.daily_tokens,
            "Tokens of a user in 24 hours, 0 for no limit",
        ),
        time: reader.duration("MODEL_TIMEOUT", usual.time, "Longest time for one answer"),
        history: reader.value("MODEL_HISTORY_TOKENS", usual.history, "Tokens of earlier messages that are sent along"),
        reply: reader.value("MODEL_REPLY_TOKENS", usual.reply, "Most tokens of one reply"),
        ..usual
    };
    if !(1..=50).contains(&limits.turns) {
        reader.refuse("MODEL_MAX_TURNS", "must be 1 to 50");
    }
    if limits.time.is_zero() || limits.time.as_secs() > 600 {
        reader.refuse("MODEL_TIMEOUT", "must be more than nothing and at most 10m");
    }
    limits
}

/// The provider that is named, else the one at `BASE_URL`, else the one whose key there is.
fn choose(
    reader: &mut Reader<'_>,
    name: Option<&str>,
    base_url: Option<&Url>,
    keys: &[(&str, Option<SecretString>)],
) -> Option<&'static Profile> {
    if let Some(name) = name {
        let found = profile::named(name);
        if found.is_none() {
            let names: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
            reader.refuse("MODEL_PROVIDER", format!("is unknown; use one of {}", names.join(", ")));
        }
        return found;
    }
    profile::told(base_url, |key| keys.iter().any(|(name, value)| *name == key && value.is_some()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use secrecy::ExposeSecret;

    use super::*;

    fn of(vars: &[(&'static str, &'static str)]) -> Result<Option<Settings>, String> {
        let vars: BTreeMap<&str, &str> = vars.iter().copied().collect();
        let mut reader = Reader::new(&vars);
        let settings = read(&mut reader);
        reader.finish().map(|_| settings).map_err(|errors| errors.to_string())
    }

    fn chosen(vars: &[(&'static str, &'static str)]) -> (String, String, String, Option<String>) {
        let settings = of(vars).unwrap().expect("a model");
        let key = settings.key.map(|key| key.expose_secret().to_owned());
        (settings.profile.name.to_owned(), settings.base_url.to_string(), settings.model, key)
    }

    #[test]
    fn the_key_tells_the_provider() {
        assert!(of(&[]).unwrap().is_none());
        assert!(of(&[("MODEL", "x")]).unwrap().is_none());
        let all = [("COHERE_API_KEY", "c"), ("OPENROUTER_API_KEY", "r"), ("OPENAI_API_KEY", "o")];
        let (provider, url, model, key) = chosen(&all);
        assert_eq!(
            (provider.as_str(), url.as_str(), key.as_deref()),
            ("openai", "https://api.openai.com/v1", Some("o"))
        );
        assert!(!model.is_empty());
        assert_eq!(chosen(&all[..2]).0, "openrouter");
        assert_eq!(chosen(&all[..1]).1, "https://api.cohere.ai/compatibility/v1");
        assert_eq!(chosen(&[("OPENAI_API_KEY", "o"), ("MODEL", "gpt-x")]).2, "gpt-x");
        assert_eq!(chosen(&[all[0], all[2], ("MODEL_PROVIDER", "cohere")]).3.as_deref(), Some("c"));
    }

    #[test]
    fn an_address_overrides_and_keys_go_only_where_they_belong() {
        let ollama = ("BASE_URL", "http://ollama.models:11434/v1");
        let (provider, _, model, key) = chosen(&[ollama, ("MODEL", "llama3.1"), ("OPENAI_API_KEY", "o")]);
        assert_eq!((provider.as_str(), model.as_str(), key), ("ollama", "llama3.1", None));
        let proxy = ("BASE_URL", "https://models.example.com/v1");
        assert_eq!(chosen(&[proxy, ("MODEL", "m"), ("OPENAI_API_KEY", "o")]).0, "compatible");
        assert_eq!(chosen(&[proxy, ("COHERE_API_KEY", "c")]).0, "cohere");
        let (provider, _, _, key) = chosen(&[
            ("BASE_URL", "https://openrouter.ai/api/v1"),
            ("OPENROUTER_API_KEY", "r"),
            ("OPENAI_API_KEY", "o"),
        ]);
        assert_eq!((provider.as_str(), key.as_deref()), ("openrouter", Some("r")));
    }

    #[test]
    fn mistakes_name_their_variable() {
        for (vars, variable) in [
            (vec![("BASE_URL", "localhost:11434")], "BASE_URL"),
            (vec![("BASE_URL", "https://me:secret@example.com/v1"), ("MODEL", "m")], "BASE_URL"),
            (vec![("BASE_URL", "http://localhost:11434/v1")], "MODEL"),
            (vec![("MODEL_PROVIDER", "compatible"), ("MODEL", "m")], "BASE_URL"),
            (vec![("MODEL_PROVIDER", "openai")], "OPENAI_API_KEY"),
            (vec![("MODEL_PROVIDER", "acme")], "MODEL_PROVIDER"),
            (vec![("OPENAI_API_KEY", "o"), ("MODEL_API", "soap")], "MODEL_API"),
            (vec![("OPENAI_API_KEY", "o"), ("MODEL_MAX_TURNS", "0")], "MODEL_MAX_TURNS"),
            (vec![("OPENAI_API_KEY", "o"), ("MODEL_TIMEOUT", "1h")], "MODEL_TIMEOUT"),
        ] {
            let error = of(&vars).unwrap_err();
            assert!(error.lines().any(|line| line.starts_with(&format!("{variable}: "))), "{vars:?}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
