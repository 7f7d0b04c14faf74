//! `todo parse`: what a sentence means, without a store.

use anyhow::Context as _;
use clap::Args;
use jiff::{Zoned, civil, civil::Weekday, tz::TimeZone};
use todo_domain::{
    language::{Context, DateOrder, quick_add},
    parsed::ParsedJson,
};
use todo_service::{Clock, Vars, config::Environment};

/// Show what a sentence means
#[derive(Debug, Args)]
pub struct Parse {
    /// The sentence
    text: String,
    /// The present moment, such as 2026-11-18T10:00
    #[arg(long, value_name = "DATE-TIME")]
    now: Option<String>,
    /// Time zone, such as Europe/Paris
    #[arg(long, value_name = "ZONE")]
    tz: Option<String>,
    /// First day of the week
    #[arg(long, value_name = "DAY", value_parser = weekday)]
    week_start: Option<Weekday>,
    /// Order of day and month in numbers: dmy, mdy or ymd
    #[arg(long, value_name = "ORDER")]
    date_order: Option<DateOrder>,
    /// Language of the words: en, es, de or ur
    #[arg(long, value_name = "CODE", default_value = "en")]
    lang: String,
}

impl Parse {
    /// Prints one JSON object, or a few lines for people.
    ///
    /// # Errors
    /// When an option can't be read.
    pub fn run(self, json: bool) -> anyhow::Result<()> {
        let mut context = Context::new(self.moment()?).with_language(&self.lang);
        context.week_start = self.week_start.unwrap_or(context.week_start);
        context.date_order = self.date_order.unwrap_or(context.date_order);
        let parsed = ParsedJson::new(&self.text, &quick_add(&self.text, &context));
        if json {
            println!("{}", serde_json::to_string(&parsed)?);
            return Ok(());
        }
        let lines = [
            ("title", Some(parsed.title)),
            ("due", parsed.due),
            ("repeats", parsed.recurrence_text),
            ("rule", parsed.rrule),
            ("priority", parsed.priority),
            ("labels", (!parsed.labels.is_empty()).then(|| parsed.labels.join(", "))),
            ("project", parsed.project),
            ("minutes", parsed.duration_minutes.map(|minutes| minutes.to_string())),
            ("question", parsed.question.map(|question| format!("is “{}” a date?", question.text))),
        ];
        for (name, value) in lines {
            if let Some(value) = value {
                println!("{name:>9}  {}", crate::table::plain(&value));
            }
        }
        Ok(())
    }

    fn moment(&self) -> anyhow::Result<Zoned> {
        let clock: Clock = match Environment.get("TODO_CLOCK") {
            Some(text) => text.parse().map_err(|why| anyhow::anyhow!("TODO_CLOCK: {why}"))?,
            None => Clock::System,
        };
        let zone = match &self.tz {
            Some(name) => TimeZone::get(name).with_context(|| format!("--tz: `{name}` is no time zone"))?,
            None => clock.home_zone(),
        };
        let Some(text) = &self.now else { return Ok(clock.now_in(zone)) };
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            return Ok(at.to_zoned(zone));
        }
        let local: civil::DateTime =
            text.parse().with_context(|| format!("--now: `{text}` is no date-time such as 2026-11-18T10:00"))?;
        local.to_zoned(zone).with_context(|| format!("--now: `{text}` is out of range"))
    }
}

fn weekday(text: &str) -> Result<Weekday, &'static str> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return Err("name a day, such as monday"),
    })
}
