//! Suggestions while somebody types an argument of a prompt or of an address.

use rmcp::{
    ErrorData,
    model::{ArgumentInfo, CompleteResult, CompletionInfo, Reference},
};
use todo_assistant::tools::ToolContext;
use todo_domain::{Filter, Status, TaskQuery};

use super::{prompts, resources, server::unreachable_store};

/// Conditions of the filter language that fit any list.
const CONDITIONS: [&str; 6] = ["today", "overdue", "next 7 days", "no date", "p1", "recurring"];
/// Most suggestions.
const MAX: usize = 20;

/// What the argument may become.
///
/// # Errors
/// Invalid params for a prompt or an address that there is not; the store's failures.
pub async fn complete(
    context: &ToolContext,
    about: &Reference,
    argument: &ArgumentInfo,
) -> Result<CompleteResult, ErrorData> {
    let name = argument.name.as_str();
    let values = match about {
        Reference::Resource(resource) => match (resource.uri.as_str(), name) {
            (resources::TASK_TEMPLATE, "task") => tasks(context, &argument.value).await?,
            (resources::FILTER_TEMPLATE, "filter") => filters(context, &argument.value).await?,
            (resources::TASK_TEMPLATE | resources::FILTER_TEMPLATE, _) => Vec::new(),
            _ => return Err(ErrorData::invalid_params("There is no such resource template.", None)),
        },
        Reference::Prompt(prompt) if !prompts::exists(&prompt.name) => {
            return Err(ErrorData::invalid_params("There is no such prompt; see prompts/list.", None));
        }
        Reference::Prompt(_) if name == "task" => tasks(context, &argument.value).await?,
        _ => Vec::new(),
    };
    let values = CompletionInfo::new(values).map_err(|detail| ErrorData::internal_error(detail, None))?;
    Ok(CompleteResult::new(values))
}

/// Numbers of open tasks: those that begin so, or whose title has the words.
async fn tasks(context: &ToolContext, typed: &str) -> Result<Vec<String>, ErrorData> {
    let typed = typed.trim().trim_start_matches('#');
    let is_number = typed.chars().all(|c| c.is_ascii_digit());
    let mut filter = Filter::Status(Status::Pending);
    if !is_number {
        filter = filter.and(Filter::Text(typed.chars().take(100).collect()));
    }
    let query = TaskQuery { limit: 100, ..TaskQuery::new(filter) };
    let page = context.scope.tasks_uncounted(&query, &context.language.now).await.map_err(unreachable_store)?;
    let numbers = page.tasks.iter().map(|task| task.number.to_string());
    Ok(numbers.filter(|number| !is_number || number.starts_with(typed)).take(MAX).collect())
}

/// Saved filters, labels, and conditions that begin so.
async fn filters(context: &ToolContext, typed: &str) -> Result<Vec<String>, ErrorData> {
    let typed = typed.trim().to_lowercase();
    let saved = context.scope.saved_filters().await.map_err(unreachable_store)?;
    let labels = context.scope.labels().await.map_err(unreachable_store)?;
    let names = saved.into_iter().map(|filter| filter.name);
    let all =
        names.chain(CONDITIONS.map(str::to_owned)).chain(labels.into_iter().map(|label| format!("@{}", label.name)));
    Ok(all.filter(|value| value.to_lowercase().starts_with(&typed)).take(MAX).collect())
}
