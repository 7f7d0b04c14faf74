//! A plan is shown to a person, and carried out after the yes.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientResult, ElicitResult, InputRequest,
    InputRequiredResult, ProtocolVersion, ServerRequest,
};
use rmcp::service::{PeerRequestOptions, RequestContext};
use rmcp::{ErrorData, RoleServer};
use serde_json::json;

use super::form;
use super::plans::Waiting;
use super::server::{Server, apart, failed};
use crate::audit;
use crate::cluster;
use crate::exit::Error;
use crate::plan::Plan;
use crate::tools;
use crate::write::{self, Consent, Origin};

/// How long a person may think.
const THINKING: Duration = Duration::from_secs(9 * 60);
/// The one question of a round.
const QUESTION: &str = "approval";

impl Server {
    /// `apply_plan`.
    pub async fn apply(
        &self,
        request: CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let hash = arguments.get("plan").and_then(|value| value.as_str()).unwrap_or("");
        let Some(waiting) = self.plans.get(hash) else {
            return Ok(
                failed("no plan with this hash waits here: make it with plan_change (it waits for 10 minutes)").into()
            );
        };
        let client = self.door.line(&context.client_info().map_or_else(|| "an MCP client".to_owned(), |c| c.name));
        let origin = self.origin(&waiting, &client);
        if !asks_back(context) {
            return Ok(self.for_a_person(&waiting.plan, &client).into());
        }
        let later = context.protocol_version().is_some_and(|v| v >= ProtocolVersion::V_2026_07_28);
        let answer = if later {
            let answered = request.input_responses.as_ref().and_then(|responses| responses.get(QUESTION));
            match (answered, &request.request_state) {
                (Some(answer), Some(state)) if waiting.question.as_deref() == Some(state) => {
                    serde_json::from_value::<ElicitResult>(answer.clone())
                        .map_err(|e| ErrorData::invalid_params(format!("the answer does not fit: {e}"), None))?
                }
                _ => return self.ask_again(&waiting, &origin).await,
            }
        } else {
            match self.ask_now(&waiting, &origin, context).await {
                Ok(answer) => answer,
                Err(refused) => return Ok(refused.into()),
            }
        };
        let consent = form::consent(&answer, &client, &waiting.plan.hash());
        // Only once, also when two answers come at the same time.
        let Some(waiting) = self.plans.take(&waiting.plan.hash()) else {
            return Ok(failed("the plan was answered before").into());
        };
        Ok(self.carry_out(waiting.plan, origin, consent).await?.into())
    }

    fn origin(&self, waiting: &Waiting, client: &str) -> Origin {
        let mut origin = Origin::command(format!("{} (planned by {client} over MCP)", waiting.plan.purpose));
        origin.tainted.clone_from(&waiting.tainted);
        origin
    }

    /// The later protocol: the call ends with the question, and comes again with the answer.
    async fn ask_again(&self, waiting: &Waiting, origin: &Origin) -> Result<CallToolResponse, ErrorData> {
        if let Err(error) = self.still_so(&waiting.plan).await {
            return Ok(failed(&self.door.line(&error.to_string())).into());
        }
        let Some(question) = form::question(&waiting.plan, origin, &self.door) else { return Ok(too_long().into()) };
        let state = uuid::Uuid::new_v4().to_string();
        self.plans.asking(&waiting.plan.hash(), &state);
        let requests = BTreeMap::from([(QUESTION.to_owned(), InputRequest::Elicitation(question))]);
        Ok(InputRequiredResult::new(Some(requests), Some(state)).into())
    }

    /// The earlier protocol: the question is asked while the call waits.
    async fn ask_now(
        &self,
        waiting: &Waiting,
        origin: &Origin,
        context: &RequestContext<RoleServer>,
    ) -> Result<ElicitResult, CallToolResult> {
        self.still_so(&waiting.plan).await.map_err(|error| failed(&self.door.line(&error.to_string())))?;
        let question = form::question(&waiting.plan, origin, &self.door).ok_or_else(too_long)?;
        let mut options = PeerRequestOptions::no_options();
        options.timeout = Some(THINKING);
        let asked = async {
            let request = ServerRequest::ElicitRequest(question);
            context.peer.send_request_with_option(request, options).await?.await_response().await
        };
        match asked.await {
            Ok(ClientResult::ElicitResult(answer)) => Ok(answer),
            Ok(_) => Err(failed("the client's answer is none to the question; nothing was changed")),
            Err(error) => {
                Err(failed(&self.door.line(&format!("the client did not ask its user: {error}; nothing was changed"))))
            }
        }
    }

    /// What is shown is what would happen now, and it must be what was planned.
    async fn still_so(&self, plan: &Plan) -> Result<(), Error> {
        let (ask, hash, mut again) = (self.ask.clone(), plan.hash(), plan.clone());
        let tried = apart(move || async move {
            let from = cluster::connect(&ask.input.cluster).await?;
            again.try_on(&from).await?;
            Ok(again.hash())
        });
        let now = tried.await.unwrap_or_else(|error| Err(Error::Refused(error.message.into_owned())))?;
        if now == hash {
            return Ok(());
        }
        Err(Error::Refused("the objects were changed since: make the plan again; nothing was changed".to_owned()))
    }

    /// Without a client that asks, a person decides at a terminal.
    fn for_a_person(&self, plan: &Plan, client: &str) -> CallToolResult {
        let hash = plan.hash();
        let path = audit::state_folder().join("plans").join(format!("{}.json", &hash[..12]));
        let saved = plan.save(&path, &format!("{client} over MCP"));
        let text = match saved {
            Ok(()) => format!(
                "this client cannot ask its user, so nothing was changed; a person can: kubectl pilot approve {}",
                path.display()
            ),
            Err(error) => format!("this client cannot ask its user, so nothing was changed ({error})"),
        };
        failed(&self.door.line(&text))
    }

    async fn carry_out(&self, plan: Plan, origin: Origin, consent: Consent) -> Result<CallToolResult, ErrorData> {
        let (ask, kept) = tools::quietly(&self.ask);
        let hash = plan.hash();
        let mut plan = plan;
        // It waited for a person; from here on the usual time counts.
        if !plan.is_expired(Timestamp::now()) {
            plan.made_at = Timestamp::now();
        }
        let outcome = match apart(move || async move { write::execute(&ask, plan, origin, consent).await }).await? {
            Ok(outcome) => outcome,
            Err(error) => return Ok(failed(&self.door.literal(&error.to_string()))),
        };
        let reports = std::mem::take(&mut *kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let result = reports.last().map(|report| self.door.value(&report.data["result"])).unwrap_or_default();
        let result = json!({"plan": hash, "outcome": format!("{outcome:?}"), "result": result});
        Ok(CallToolResult::structured(result))
    }
}

fn too_long() -> CallToolResult {
    failed("the plan is too long to be shown whole: plan less at a time; nothing was changed")
}

/// Whether the client can ask its user with a form.
fn asks_back(context: &RequestContext<RoleServer>) -> bool {
    let elicitation = context.client_capabilities().and_then(|capabilities| capabilities.elicitation);
    // A client that names no mode means forms.
    elicitation.is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none())
}
