//! The queue of mails: jobs in the database, so that a mail survives a mail server that is away and a program that dies.
//!
//! A job is written in the transaction that makes its link, and taken off when the mail server has given its receipt. Its payload
//! holds a working link, so it is sealed under the secret: a copy of the database is no login.

use std::time::Duration;

use futures::future;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use todo_domain::id::UserId;
use todo_store::jobs::{Job, MAIL, NewJob};

use super::smtp::{NotSent, Smtp};
use super::{Letter, Mailer};
use crate::error::AuthError;
use crate::service::Auth;

/// How long a claim holds: longer than the longest conversation with a mail server.
const LEASE: Duration = Duration::from_secs(90);
/// How many mails are sent at once.
const AT_ONCE: u32 = 4;
/// How often the queue is looked at without being told: mails of replicas that died, and second attempts.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Serialize, Deserialize)]
struct Payload {
    sealed: String,
}

impl Auth {
    /// The job that sends a letter; `None` when mail is not configured.
    pub(crate) fn mail_job(&self, letter: &Letter, user: Option<UserId>, now: Timestamp) -> Option<NewJob> {
        if matches!(self.config().mailer, Mailer::Log) {
            return None;
        }
        let plain = serde_json::to_string(letter).ok()?;
        let sealed = self.config().secrets.encrypt(&plain)?;
        let payload = serde_json::to_value(Payload { sealed }).ok()?;
        Some(NewJob { kind: MAIL.to_owned(), user, dedupe: None, payload, run_at: now })
    }

    /// After the transaction: wakes the worker, or, when mail is not configured, tells the operator.
    pub(crate) fn posted(&self, letter: &Letter) {
        match self.config().mailer {
            Mailer::Smtp(_) => self.inner.mail.notify_one(),
            Mailer::Log if letter.to.is_empty() => {}
            Mailer::Log => {
                let (to, link, lead) = (&letter.to, &letter.link, letter.subject.lead());
                tracing::warn!(%to, link, "mail is not configured (SMTP_URL): pass on this link. {lead}");
            }
        }
    }

    /// Sends mails as they come, for as long as the program lives. Without a mail server there is nothing to do.
    pub async fn deliver_mail(&self) {
        let Mailer::Smtp(smtp) = &self.config().mailer else { return };
        loop {
            match self.deliver_due(smtp).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::debug!(%error, "the queue of mails can't be read right now"),
            }
            // The pause ends early when this process has posted something.
            let _ = tokio::time::timeout(PAUSE, self.inner.mail.notified()).await;
        }
    }

    /// One round: sends what is due, and answers how many mails that were.
    ///
    /// # Errors
    /// The database's.
    async fn deliver_due(&self, smtp: &Smtp) -> Result<usize, AuthError> {
        let jobs = self.store().claim_jobs(MAIL, self.now(), LEASE, AT_ONCE).await?;
        let outcomes = future::join_all(jobs.iter().map(|job| self.deliver(smtp, job))).await;
        outcomes.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(jobs.len())
    }

    async fn deliver(&self, smtp: &Smtp, job: &Job) -> Result<(), AuthError> {
        let outcome = match self.unseal(job) {
            None => Err(NotSent::Refused("it was sealed under a secret that is no longer accepted".to_owned())),
            Some(letter) if letter.to.is_empty() => Ok(()),
            Some(letter) if letter.until <= self.now() => Err(NotSent::Refused("its link has expired".to_owned())),
            Some(letter) => smtp.send(&letter).await,
        };
        let store = self.store();
        match outcome {
            Ok(()) => store.finish_job(job).await?,
            Err(error) => {
                let hopeless = matches!(error, NotSent::Refused(_));
                let (job_id, attempt) = (job.id, job.attempts);
                if hopeless {
                    tracing::error!(%error, job_id, attempt, "a mail was given up");
                } else {
                    tracing::warn!(%error, job_id, attempt, "a mail could not be sent yet; check SMTP_URL if this goes on");
                }
                store.fail_job(job, self.now(), &error.to_string(), hopeless).await?;
            }
        }
        Ok(())
    }

    fn unseal(&self, job: &Job) -> Option<Letter> {
        let payload: Payload = serde_json::from_value(job.payload.clone()).ok()?;
        serde_json::from_str(&self.config().secrets.decrypt(&payload.sealed)?).ok()
    }
}
