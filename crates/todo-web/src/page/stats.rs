//! How it goes: numbers and plots.

use axum::response::Response;
use futures::try_join;
use maud::{Markup, html};
use todo_client::Stats;

use super::{
    Outcome, answer,
    layout::{Page, Shelf},
    plot,
};
use crate::{
    locale::key,
    visitor::{Reader, Visitor},
};

/// `GET /stats`
pub async fn show(visitor: Visitor) -> Response {
    answer(&visitor, page(&visitor).await)
}

async fn page(visitor: &Visitor) -> Outcome {
    let client = &visitor.client;
    let (profile, shelf, stats) = try_join!(client.profile(), Shelf::load(client, visitor.parts), client.stats())?;
    let reader = Reader::new(visitor, profile);
    let title = reader.say(key::NAV_STATS);
    let main = html! { header.head { h1 { (title) } } (numbers(&reader, &stats)) (plots(&reader, &stats)) };
    Ok(Page { reader: &reader, shelf: &shelf, title, main, chat_is_main: false }.answer(visitor.parts))
}

fn numbers(reader: &Reader, stats: &Stats) -> Markup {
    let figures = [
        (key::STATS_OPEN, stats.open),
        (key::STATS_COMPLETED, stats.completed),
        (key::STATS_OVERDUE, stats.overdue),
        (key::STATS_STREAK, stats.streak_days),
    ];
    html! { dl.figures { @for (name, value) in figures { div { dt { (reader.say(name)) } dd { (value) } } } } }
}

fn plots(reader: &Reader, stats: &Stats) -> Markup {
    let day = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |day| reader.dates.date(day, false));
    let done: Vec<_> = stats.days.iter().map(|each| (day(&each.date), each.completed)).collect();
    let overdue: Vec<_> = stats.days.iter().map(|each| each.overdue).collect();
    let most = stats.projects.iter().map(|project| project.open + project.completed).max().unwrap_or(0).max(1);
    html! {
        @if !done.is_empty() {
            section.card { h2 { (reader.say(key::STATS_PER_DAY)) } (plot::bars(reader.say(key::STATS_PER_DAY), &done)) (axis(&done)) }
            section.card { h2 { (reader.say(key::STATS_TREND)) } (plot::line(reader.say(key::STATS_TREND), &overdue)) (axis(&done)) }
        }
        @if !stats.projects.is_empty() {
            section.card {
                h2 { (reader.say(key::STATS_BY_PROJECT)) }
                ul.shares {
                    @for project in &stats.projects {
                        li {
                            bdi { (project.name.as_deref().unwrap_or(reader.say(key::NAV_INBOX))) }
                            progress max=(most) value=(project.completed) aria-label=(reader.say(key::STATS_COMPLETED)) {}
                            span { (project.completed) " / " (project.open + project.completed) }
                        }
                    }
                }
            }
        }
        @if !stats.days.is_empty() {
            details.card {
                summary { (reader.say(key::STATS_TABLE)) }
                table {
                    thead { tr { th scope="col" { (reader.say(key::STATS_DAY)) } th scope="col" { (reader.say(key::STATS_COMPLETED)) } th scope="col" { (reader.say(key::STATS_OVERDUE)) } } }
                    tbody { @for each in stats.days.iter().rev() { tr { th scope="row" { (day(&each.date)) } td { (each.completed) } td { (each.overdue) } } } }
                }
            }
        }
    }
}

fn axis(days: &[(String, u64)]) -> Markup {
    let (first, last) = (days.first().map(|day| &day.0), days.last().map(|day| &day.0));
    html! { p.axis aria-hidden="true" { span { (first.map_or("", String::as_str)) } span { (last.map_or("", String::as_str)) } } }
}
