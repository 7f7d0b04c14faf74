//! Events on their way to whoever listens, kept for those who come back, and the wish to stop on its way to who answers.

use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::{mpsc::UnboundedSender, watch};

use super::{AnswerCall, Event};
use crate::builtin::{Progress, Watch};

/// Sends events and keeps them.
pub(super) struct Recorder {
    sink: UnboundedSender<Event>,
    stop: watch::Receiver<bool>,
    /// How long an answer goes on when nobody listens any more; for ever when absent.
    patience: Option<Duration>,
    pub(super) events: Vec<Event>,
    /// The text that has gone out.
    said: String,
}

impl Recorder {
    pub(super) const fn new(
        sink: UnboundedSender<Event>,
        stop: watch::Receiver<bool>,
        patience: Option<Duration>,
    ) -> Self {
        Self { sink, stop, patience, events: Vec::new(), said: String::new() }
    }

    pub(super) fn emit(&mut self, event: Event) {
        // Nobody listening is no failure.
        let _ = self.sink.send(event.clone());
        self.events.push(event);
    }

    pub(super) fn send_last(&mut self) {
        if let Some(last) = self.events.last() {
            let _ = self.sink.send(last.clone());
        }
    }

    /// The part of the whole text that has not gone out.
    pub(super) fn unsaid<'a>(&self, text: &'a str) -> &'a str {
        text.strip_prefix(&self.said).unwrap_or(text)
    }
}

impl Watch for Recorder {
    fn progress(&mut self, progress: Progress) {
        let event = match progress {
            Progress::Started { id, tool, input } => Event::ToolCallStarted { id, tool: tool.to_owned(), input },
            Progress::Finished(call) => {
                let call = AnswerCall::from(&call);
                Event::ToolCallFinished {
                    id: call.id,
                    tool: call.tool,
                    output: call.output,
                    status: call.status,
                    duration_ms: call.duration_ms,
                    operation_id: call.operation_id,
                }
            }
            Progress::Text(delta) => {
                self.said.push_str(&delta);
                Event::TextDelta { delta }
            }
        };
        self.emit(event);
    }

    fn stopped(&mut self) -> bool {
        *self.stop.borrow()
    }

    fn until_stopped(&self) -> BoxFuture<'static, ()> {
        let (mut stop, sink, patience) = (self.stop.clone(), self.sink.clone(), self.patience);
        async move {
            let asked = async {
                if stop.wait_for(|asked| *asked).await.is_err() {
                    // Nobody can ask any more.
                    std::future::pending::<()>().await;
                }
            };
            let alone = async {
                match patience {
                    None => std::future::pending().await,
                    Some(patience) => {
                        sink.closed().await;
                        tokio::time::sleep(patience).await;
                    }
                }
            };
            tokio::select! {
                () = asked => {}
                () = alone => {}
            }
        }
        .boxed()
    }
}
