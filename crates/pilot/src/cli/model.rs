//! The model behind sentences.

use clap::Args;

use super::words;

/// A model, for sentences that the grammar does not place.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Model")]
pub struct ModelArgs {
    /// Ask this model about sentences that pilot does not understand; where it is say BASE_URL and its key
    #[arg(long, global = true, env = "PILOT_MODEL", value_name = "NAME")]
    pub model: Option<String>,
    /// Most requests to the model for one answer
    #[arg(long, global = true, env = "PILOT_MODEL_TURNS", default_value_t = 20, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=50))]
    pub model_turns: u32,
    /// Most tokens of all requests and replies of one answer
    #[arg(long, global = true, env = "PILOT_MODEL_TOKENS", default_value_t = 200_000, value_name = "N")]
    pub model_tokens: u64,
    /// Longest time for one answer
    #[arg(long, global = true, env = "PILOT_MODEL_TIME", default_value = "2m", value_name = "TIME",
        value_parser = words::seconds)]
    pub model_time: u64,
}
