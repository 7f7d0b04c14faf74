//! Projects: made on the fly or by command; deleting one sends its tasks back to the inbox.

use todo_domain::{DomainError, Outcome, Project, error::Code, task::ProjectRef};
use uuid::Uuid;

use super::{
    Change, Unit,
    update::{check_color, duplicate, project_name},
};
use crate::{
    error::Result,
    labels::name_key,
    projects::{self, ProjectRecord},
    vals,
};

/// What changes in a project.
pub(super) struct Patch {
    pub name: Option<String>,
    pub color: Option<Option<String>>,
    pub parent_id: Option<Option<Uuid>>,
    pub archived: Option<bool>,
}

impl Unit<'_> {
    /// All projects of the user, read once.
    pub(super) async fn projects(&mut self) -> Result<&mut Vec<ProjectRecord>> {
        if self.projects.is_none() {
            self.projects = Some(projects::all(self.tx, self.user).await?);
        }
        Ok(self.projects.get_or_insert_default())
    }

    /// The id of a project that a task names; one that is named by a new name is made.
    pub(super) async fn project(&mut self, project: &ProjectRef) -> Result<Uuid> {
        let name = match project {
            ProjectRef::Id(id) => return Ok(self.project_record(*id).await?.id),
            ProjectRef::Name(name) => name,
        };
        let key = name_key(name);
        if let Some(known) = self.projects().await?.iter().find(|known| name_key(&known.name) == key) {
            return Ok(known.id);
        }
        let project = ProjectRecord {
            id: Uuid::now_v7(),
            name: name.clone(),
            color: None,
            parent_id: None,
            archived: false,
            created_at: self.timestamp(),
        };
        let id = project.id;
        self.add_project(project).await?;
        Ok(id)
    }

    pub(super) async fn add_project(&mut self, project: ProjectRecord) -> Result<()> {
        projects::insert(self.tx, self.user, &project).await?;
        self.projects().await?.push(project.clone());
        self.changes.push(Change::Project {
            before: None,
            after: Some(project),
            tasks: Vec::new(),
            children: Vec::new(),
        });
        Ok(())
    }

    pub(super) async fn project_record(&mut self, id: Uuid) -> Result<ProjectRecord> {
        let found = self.projects().await?.iter().find(|project| project.id == id).cloned();
        Ok(found.ok_or_else(|| DomainError::new(Code::ProjectNotFound, "There is no such project."))?)
    }

    /// Writes a project's new properties.
    pub(super) async fn set_project(&mut self, before: &ProjectRecord, after: ProjectRecord) -> Result<()> {
        let key = name_key(&after.name);
        let known = self.projects().await?;
        if known.iter().any(|project| project.id != after.id && name_key(&project.name) == key) {
            return Err(duplicate(Code::DuplicateProject, "project").into());
        }
        check_parent(known, after.id, after.parent_id)?;
        for project in known {
            if project.id == after.id {
                *project = after.clone();
            }
        }
        self.tx
            .defer(
                "UPDATE projects SET name = $3, name_key = $4, color = $5, parent_id = $6, archived = $7 WHERE user_id = $1 AND id = $2",
                vals![self.user, after.id, &after.name, key, after.color.clone(), after.parent_id, after.archived],
            )
            .await?;
        self.changes.push(Change::Project {
            before: Some(before.clone()),
            after: Some(after),
            tasks: Vec::new(),
            children: Vec::new(),
        });
        Ok(())
    }

    /// Deletes a project; its tasks go to the inbox, the projects under it go to the top.
    pub(super) async fn drop_project(&mut self, project: ProjectRecord) -> Result<()> {
        let ids = |rows: Vec<(Uuid,)>| rows.into_iter().map(|row| row.0).collect::<Vec<_>>();
        let tasks = self
            .tx
            .query(
                "UPDATE tasks SET project_id = NULL, version = version + 1, updated_at = $3 \
                 WHERE user_id = $1 AND project_id = $2 RETURNING id",
                &vals![self.user, project.id, self.timestamp()],
            )
            .await?;
        let children = self
            .tx
            .query(
                "UPDATE projects SET parent_id = NULL WHERE user_id = $1 AND parent_id = $2 RETURNING id",
                &vals![self.user, project.id],
            )
            .await?;
        self.tx.defer("DELETE FROM projects WHERE user_id = $1 AND id = $2", vals![self.user, project.id]).await?;
        let known = self.projects().await?;
        known.retain(|known| known.id != project.id);
        for child in known.iter_mut().filter(|known| known.parent_id == Some(project.id)) {
            child.parent_id = None;
        }
        self.changes.push(Change::Project {
            before: Some(project),
            after: None,
            tasks: ids(tasks),
            children: ids(children),
        });
        Ok(())
    }
}

/// Refuses a parent that does not exist or that would close a circle.
fn check_parent(known: &[ProjectRecord], id: Uuid, parent: Option<Uuid>) -> Result<()> {
    let mut above = parent;
    // A chain is never longer than there are projects.
    for _ in 0..=known.len() {
        let Some(next) = above else { return Ok(()) };
        if next == id {
            return Err(DomainError::invalid("parent_id", "A project can't be under itself.").into());
        }
        let Some(project) = known.iter().find(|project| project.id == next) else {
            return Err(DomainError::invalid("parent_id", "`parent_id` names no project of yours.").into());
        };
        above = project.parent_id;
    }
    Err(DomainError::invalid("parent_id", "A project can't be under itself.").into())
}

pub(super) async fn create(
    mut unit: Unit<'_>,
    name: &str,
    color: Option<String>,
    parent_id: Option<Uuid>,
) -> Result<Outcome> {
    let name = project_name(name)?;
    let key = name_key(&name);
    let project = ProjectRecord {
        id: Uuid::now_v7(),
        name,
        color: check_color(color)?,
        parent_id,
        archived: false,
        created_at: unit.timestamp(),
    };
    let known = unit.projects().await?;
    if known.iter().any(|project| name_key(&project.name) == key) {
        return Err(duplicate(Code::DuplicateProject, "project").into());
    }
    check_parent(known, project.id, parent_id)?;
    unit.add_project(project.clone()).await?;
    conclude(unit, "create_project", "Added", project.with_count(0)).await
}

pub(super) async fn update(mut unit: Unit<'_>, id: Uuid, patch: Patch) -> Result<Outcome> {
    let before = unit.project_record(id).await?;
    let mut after = before.clone();
    if let Some(name) = patch.name {
        after.name = project_name(&name)?;
    }
    if let Some(color) = patch.color {
        after.color = check_color(color)?;
    }
    after.parent_id = patch.parent_id.unwrap_or(after.parent_id);
    after.archived = patch.archived.unwrap_or(after.archived);
    if before != after {
        unit.set_project(&before, after.clone()).await?;
    }
    let count = projects::open_tasks(unit.tx, unit.user, id).await?;
    conclude(unit, "update_project", "Changed", after.with_count(count)).await
}

pub(super) async fn delete(mut unit: Unit<'_>, id: Uuid) -> Result<Outcome> {
    let project = unit.project_record(id).await?;
    unit.drop_project(project.clone()).await?;
    conclude(unit, "delete_project", "Deleted", project.with_count(0)).await
}

async fn conclude(mut unit: Unit<'_>, kind: &str, verb: &str, project: Project) -> Result<Outcome> {
    let operation = unit.finish(kind, || format!("{verb} project “{}”", project.name)).await?;
    Ok(Outcome { operation, project: Some(project), ..Outcome::default() })
}
