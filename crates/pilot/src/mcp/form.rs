//! The question that a client shows to its user, and the answer.

use rmcp::model::{ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema};

use crate::plan::Plan;
use crate::report::{Door, Format, Report};
use crate::write::{CODE, Consent, Origin};

/// Longest text of a question, in characters. A plan that is longer is not shown whole, and so not asked about.
const LONGEST: usize = 16_000;

/// The plan as a person reads it.
pub fn shown(plan: &Plan, door: &Door) -> String {
    let mut report = Report::new("");
    plan.show(&mut report);
    report.render(Format::Table, false, Some(100), door)
}

/// The question about a plan; `None` when the plan is too long to be shown.
pub fn question(plan: &Plan, origin: &Origin, door: &Door) -> Option<ElicitRequest> {
    let mut message = shown(plan, door);
    if let Some(from) = &origin.tainted {
        message += &door.line(&format!("Careful: the agent has read text that anybody may have written: {from}."));
        message.push('\n');
    }
    if message.chars().count() > LONGEST {
        return None;
    }
    let hash = plan.hash();
    let mut schema = ElicitationSchema::builder()
        .required_bool_with("apply", |field| field.title(format!("Apply plan {}", &hash[..12])));
    let names = plan.names_to_type();
    if !names.is_empty() {
        let names = door.line(&names.join(", "));
        schema = schema.required_string_with("name", |field| field.title(format!("This is destructive. Type {names}")));
    }
    if origin.needs_code() {
        schema = schema.required_string_with("code", |field| {
            field.title(format!("Type the first {CODE} characters of the plan: {}", &hash[..CODE]))
        });
    }
    let requested_schema = schema.build_unchecked();
    Some(ElicitRequest::new(ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema }))
}

/// What the user's answer means for the plan with this hash.
pub fn consent(answer: &ElicitResult, client: &str, hash: &str) -> Consent {
    let content = answer.content.clone().unwrap_or_default();
    let client = client.to_owned();
    if answer.action != ElicitationAction::Accept || content["apply"] != true {
        return Consent::Declined { client };
    }
    let typed = |field: &str| content[field].as_str().map(str::trim).map(str::to_owned);
    let names = typed("name").unwrap_or_default();
    let names = names.split(|c: char| c == ',' || c.is_whitespace()).filter(|n| !n.is_empty()).map(str::to_owned);
    Consent::Elicited { client, hash: hash.to_owned(), names: names.collect(), code: typed("code") }
}
