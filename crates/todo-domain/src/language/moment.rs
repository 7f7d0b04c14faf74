//! A day and a clock time together, with the words that lead to them: "by friday 5pm", "tomorrow morning at 8".

use jiff::{
    Zoned,
    civil::{Date, Time},
};

use super::{
    clock::{Certainty, Clock, Daypart},
    day::{Point, Weight},
    grammar::Grammar,
    lexicon::Class,
};
use crate::Due;

/// What leads a phrase in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lead {
    /// A word such as "by" or "on": a day or a time is meant.
    day: bool,
    /// "at" or `@`: a clock time is meant.
    clock: bool,
    /// "for": a day may be meant.
    weak: bool,
    /// "between": two clock times are meant.
    between: bool,
}

/// A point in time as it was said.
#[derive(Clone, Debug, Default)]
pub(super) struct Moment {
    pub date: Option<Date>,
    pub instant: Option<Zoned>,
    clock: Option<Clock>,
    daypart: Option<Daypart>,
    /// The end of a range of clock times.
    until: Option<Clock>,
    weight: Option<Weight>,
    lead: Lead,
    /// "this morning", "in the evening": a part of the day that stands for today.
    led_daypart: bool,
}

/// What a phrase is, as far as its surroundings tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A date.
    Date,
    /// Either; worth a question.
    Unsure,
    /// Part of the title.
    Title,
}

impl Moment {
    /// The clock time that was said, directly or by a part of the day.
    pub fn time(&self, grammar: &Grammar<'_>) -> Option<Time> {
        if let Some(instant) = &self.instant {
            return Some(instant.with_time_zone(grammar.context.now.time_zone().clone()).time());
        }
        match (self.clock, self.daypart) {
            (Some(clock), daypart) => Some(clock.time(daypart)),
            (None, Some(daypart)) => Some(grammar.daypart_time(daypart)),
            (None, None) => None,
        }
    }

    /// Whether it says which day.
    pub fn has_day(&self) -> bool {
        self.date.is_some() || self.instant.is_some() || self.daypart == Some(Daypart::Tonight)
    }

    /// The day it falls on for the reader.
    pub fn day(&self, grammar: &Grammar<'_>) -> Option<Date> {
        match self.due(grammar)? {
            Due::Day(day) => Some(day),
            Due::At(at) => Some(at.with_time_zone(grammar.context.now.time_zone().clone()).date()),
        }
    }

    /// The length of a range of clock times, in minutes.
    pub fn minutes(&self) -> Option<u32> {
        let (from, until) = (self.clock?.time(self.daypart), self.until?.time(self.daypart));
        let minutes = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
        u32::try_from((minutes(until) - minutes(from)).rem_euclid(1440)).ok().filter(|minutes| *minutes > 0)
    }

    /// The due date: a clock without a day is today's if that is still ahead, else tomorrow's (H4).
    pub fn due(&self, grammar: &Grammar<'_>) -> Option<Due> {
        if let Some(instant) = &self.instant {
            return Some(Due::At(instant.clone()));
        }
        let time = self.time(grammar);
        match (self.date, time) {
            (Some(date), None) => Some(Due::Day(date)),
            (Some(date), Some(time)) => {
                // Today's midnight is past; the one to come is meant.
                let past = date == grammar.today() && time == Time::midnight();
                grammar.due_at(if past { date.tomorrow().ok()? } else { date }, time)
            }
            (None, Some(time)) if self.daypart == Some(Daypart::Tonight) && time.hour() < 5 => {
                grammar.due_at(grammar.today().tomorrow().ok()?, time)
            }
            (None, Some(time)) => {
                let today = grammar.due_at(grammar.today(), time)?;
                let fixed = self.daypart == Some(Daypart::Tonight) || self.led_daypart && self.lead.day;
                let ahead = matches!(&today, Due::At(at) if *at > grammar.context.now);
                if fixed || ahead { Some(today) } else { grammar.due_at(grammar.today().tomorrow().ok()?, time) }
            }
            (None, None) => None,
        }
    }
}

impl Grammar<'_> {
    /// The longest phrase at `at` that says a day, a clock time or both.
    pub fn moment(&self, at: usize) -> Option<(Moment, usize)> {
        let (lead, mut next) = self.lead(at);
        let mut moment = Moment { lead, ..Moment::default() };
        let mut best: Option<(Moment, usize)> = None;
        let mut clock_lead = lead.clock;
        for _ in 0..6 {
            let Some(after) = self.moment_part(&mut moment, next, clock_lead) else {
                // Words that join the parts: "friday at 5", "5pm on friday", "8 in the morning".
                moment.lead.between |= self.range_lead(next).is_some();
                let joined = self.connector(next);
                match joined {
                    Some((after, is_clock)) if after > next && !moment.is_empty() => {
                        clock_lead = is_clock;
                        match self.moment_part(&mut moment, after, clock_lead) {
                            Some(after) => next = after,
                            None => break,
                        }
                    }
                    _ => break,
                }
                if self.text.may_end(next) {
                    best = Some((moment.clone(), next));
                }
                continue;
            };
            next = after;
            clock_lead = false;
            if self.text.may_end(next) {
                best = Some((moment.clone(), next));
            }
        }
        let (moment, next) = best?;
        let tail = self.text.after(next, Class::Tail).filter(|next| self.text.may_end(*next));
        Some((moment, tail.unwrap_or(next)))
    }

    /// The words before a phrase that go with it (H9), and what they announce.
    fn lead(&self, at: usize) -> (Lead, usize) {
        let text = self.text;
        let mut lead = Lead::default();
        let mut next = at;
        for _ in 0..3 {
            if let Some(after) = text.after(next, Class::Lead) {
                let weak = text.is(next, Class::For);
                lead.weak |= weak;
                lead.day |= !weak;
                next = if text.is_glued_mark(after, ':') { after + 1 } else { after };
            } else if let Some(after) = text.after(next, Class::At) {
                lead.clock = true;
                next = after;
            } else if let Some(after) = text.after(next, Class::On) {
                lead.day = true;
                let article = text.after(after, Class::The).filter(|next| self.weekday(*next).is_some());
                next = article.unwrap_or(after);
            } else if self.is_at_sign(next) {
                lead.clock = true;
                next += 1;
            } else if let Some(after) = self.range_lead(next) {
                lead.between = true;
                next = after;
            } else if let Some(after) = text.after(next, Class::ClockLead) {
                // "after 5pm": the word goes with a clock only.
                match self.clock(after) {
                    Some((clock, _)) if clock.certainty == Certainty::Sure => next = after,
                    _ => break,
                }
            } else if next == at
                && let Some(after) = text.after(next, Class::In)
                && (self.month(after).is_some()
                    || text.number(after).is_some_and(|(_, digits)| digits == 4)
                    || [Class::MidOf, Class::StartOf, Class::EndOf].into_iter().any(|part| text.is(after, part))
                    || self.week_of_month(after).is_some())
            {
                lead.day = true;
                next = after;
            } else {
                break;
            }
        }
        (lead, next)
    }

    /// `@` before a clock time; before anything else it marks a label (H14).
    fn is_at_sign(&self, at: usize) -> bool {
        self.text.is_mark(at, '@')
            && self.text.tokens[at].spaced
            && !self.text.any_literal(at, at + 1)
            && self.clock(at + 1).is_some()
            // "@one" is a label, "@ one" a time.
            && (!self.text.is_glued(at + 1)
                || self.text.number(at + 1).is_some()
                || self.text.is(at + 1, Class::Noon)
                || self.text.is(at + 1, Class::Midnight))
    }

    /// "between" or "from" before a range of clock times of which one at least is sure.
    pub fn range_lead(&self, at: usize) -> Option<usize> {
        let text = self.text;
        let after = text.after(at, Class::Between).or_else(|| text.after(at, Class::ClockLead))?;
        let (from, next) = self.clock(after)?;
        let next =
            text.after(next, Class::To).or_else(|| text.after(next, Class::And)).unwrap_or(self.skip_hyphen(next));
        let (until, _) = self.clock(next)?;
        (from.certainty > Certainty::Number || until.certainty > Certainty::Number).then_some(after)
    }

    fn connector(&self, at: usize) -> Option<(usize, bool)> {
        let text = self.text;
        if let Some(after) = text.after(at, Class::At) {
            return Some((after, true));
        }
        if self.is_at_sign(at) {
            return Some((at + 1, true));
        }
        if text.is_glued_mark(at, ',') {
            let after = at + 1;
            return Some(match text.after(after, Class::At) {
                Some(after) => (after, true),
                None => (after, false),
            });
        }
        if let Some(after) = self.range_lead(at) {
            return Some((after, false));
        }
        let classes = [Class::InThe, Class::On, Class::Lead, Class::Of];
        classes.into_iter().find_map(|class| text.after(at, class)).map(|after| (after, false))
    }

    /// Reads one more part into `moment`; the token after it.
    fn moment_part(&self, moment: &mut Moment, at: usize, clock_lead: bool) -> Option<usize> {
        if moment.instant.is_some() {
            return None;
        }
        if moment.is_empty()
            && let Some((instant, next)) = self.iso_date_time(at)
        {
            moment.instant = Some(instant);
            return Some(next);
        }
        if moment.clock.is_none()
            && let Some((clock, next)) = self.clock(at)
            && self.clock_counts(moment, clock, next, clock_lead)
        {
            let clock = if clock_lead { clock.sure() } else { clock };
            moment.clock = Some(clock);
            return Some(self.clock_range(moment, clock, next));
        }
        if moment.date.is_none()
            && let Some((phrase, next)) = self.day(at)
        {
            match phrase.point {
                Point::Day(date) => moment.date = Some(date),
                // An instant says the clock itself.
                Point::Instant(_) if moment.clock.is_some() || moment.daypart.is_some() => return None,
                Point::Instant(instant) => moment.instant = Some(instant),
            }
            moment.weight = Some(phrase.weight);
            return Some(next);
        }
        if moment.daypart.is_none() {
            let this = self.text.after(at, Class::This).filter(|_| !self.text.is(at, Class::Tonight));
            let start = this.or_else(|| self.text.after(at, Class::InThe)).unwrap_or(at);
            if let Some((daypart, next)) = self.daypart(start) {
                let empty = moment.is_empty();
                // "morning run" is no date; "morning 8 o'clock" is one.
                if empty && start == at && daypart != Daypart::Tonight && self.clock(next).is_none() {
                    return None;
                }
                moment.led_daypart = empty;
                moment.lead.day |= empty && this.is_some();
                moment.daypart = Some(daypart);
                return Some(next);
            }
        }
        None
    }

    /// Whether a number is a clock time here.
    fn clock_counts(&self, moment: &Moment, clock: Clock, next: usize, clock_lead: bool) -> bool {
        match clock.certainty {
            Certainty::Sure | Certainty::Pair | Certainty::Word => true,
            Certainty::Number => {
                let daypart = self.daypart(self.text.skip(next, Class::InThe)).is_some();
                let date_follows = || self.numeric_date(next).is_some();
                (clock_lead
                    || daypart
                    || moment.lead.between
                    || self.ends_range(next)
                    || moment.daypart.is_some() && moment.clock.is_none())
                    && !date_follows()
                    && (self.text.may_end(next) || self.ends_range(next))
            }
        }
    }

    /// Whether "-6pm" follows, which makes a clock time of the number before it.
    fn ends_range(&self, at: usize) -> bool {
        self.skip_hyphen(at) > at
            && self
                .clock(at + 1)
                .is_some_and(|(until, next)| until.certainty == Certainty::Sure && self.text.may_end(next))
    }

    /// "5pm to 6pm", "9:00-10:30": the end of the range goes into `moment`.
    fn clock_range(&self, moment: &mut Moment, from: Clock, at: usize) -> usize {
        let text = self.text;
        let dash = text.is_mark(at, '-') || text.is_mark(at, '–');
        let and = || text.after(at, Class::And).filter(|_| moment.lead.between);
        let to = if dash { Some(at + 1) } else { text.after(at, Class::To).or_else(and) };
        let Some((until, next)) = to.and_then(|to| self.clock(to)) else { return at };
        let clear = until.certainty > Certainty::Number || from.certainty > Certainty::Number;
        if !clear || !text.may_end(next) {
            return at;
        }
        moment.clock = Some(from.in_half_of(until));
        moment.until = Some(until.in_half_after(from));
        next
    }

    /// Whether the phrase from `at` to `next` is a date in its surroundings (H9, H16).
    pub fn verdict(&self, moment: &Moment, at: usize, next: usize) -> Verdict {
        let date_if = |is: bool| if is { Verdict::Date } else { Verdict::Title };
        let apart = self.stands_apart(next);
        let start = self.is_start(at);
        let lead = moment.lead;
        if moment.instant.is_some() {
            return Verdict::Date;
        }
        let Some(weight) = moment.weight else {
            let Some(clock) = moment.clock else {
                return date_if(moment.daypart == Some(Daypart::Tonight) || lead.day || apart);
            };
            let led = lead.clock || lead.day || lead.weak;
            let cited = self.follows(at, Class::Cited) || self.text.is(next, Class::Cited);
            return match clock.written.min(clock.certainty) {
                _ if moment.daypart.is_some() || moment.until.is_some() => Verdict::Date,
                _ if lead.between => Verdict::Title,
                Certainty::Sure => Verdict::Date,
                Certainty::Pair => date_if(!cited && (led || apart || start)),
                Certainty::Word => date_if(led || apart || start && self.text.is(next, Class::Verb)),
                Certainty::Number => date_if(!cited && apart),
            };
        };
        if weight != Weight::Firm && self.follows(at, Class::Last) {
            return Verdict::Title;
        }
        let led = lead.day || lead.clock || lead.weak;
        let end = self.text.is_end(next) || self.is_mark_ahead(next);
        match weight {
            Weight::Firm => Verdict::Date,
            Weight::Noun if lead.day || lead.clock || moment.clock.is_some() || apart || start => Verdict::Date,
            Weight::Noun => Verdict::Unsure,
            Weight::Period if lead.weak || self.follows(at, Class::For) => Verdict::Title,
            Weight::Apart | Weight::Period => {
                let cited = self.follows(at, Class::Cited);
                date_if(!cited && (apart || lead.day && self.text.number(next).is_none()) || moment.clock.is_some())
            }
            Weight::Short => {
                // Two letters are too little to tell by their place alone.
                let brief = self.text.word_before(next).chars().count() < 3;
                // In capitals it is an acronym, before a capital part of a name.
                let shouted = self.text.is_shouted(at) || self.text.is_capital(next);
                // "wed my fiance": before an article it is a verb.
                let object = self.text.is(next, Class::Determiner);
                let verb = start && !object && (!shouted || self.text.is(next, Class::Verb));
                let bound = end && !self.follows(at, Class::Determiner);
                date_if(lead.day || lead.weak && apart || moment.clock.is_some() || !brief && (verb || bound))
            }
            Weight::Edge if self.follows(at, Class::Cited) || self.text.is_possessive_before(at) => Verdict::Title,
            Weight::Edge => date_if(
                led && apart || moment.clock.is_some() || end && !self.follows(at, Class::Boundary) || start && apart,
            ),
            Weight::Led => date_if(lead.day && apart),
        }
    }

    /// Whether a label, project, priority or the like follows: the end of the title proper.
    pub fn is_mark_ahead(&self, at: usize) -> bool {
        self.text.is_mark(at, '@')
            || self.text.is_mark(at, '#')
            || self.text.is_mark(at, '!')
            || self.is_priority_mark(at)
    }
}

impl Moment {
    fn is_empty(&self) -> bool {
        self.date.is_none() && self.clock.is_none() && self.daypart.is_none() && self.instant.is_none()
    }
}
