use jiff::Zoned;
use uuid::Uuid;

use super::*;
use crate::{
    due::Due,
    id::UserId,
    priority::Priority,
    reminder::Reminder,
    task::{ProjectRef, Status},
};

fn context() -> language::Context {
    language::Context::new("2026-11-18T10:00:00[Europe/Paris]".parse::<Zoned>().unwrap())
}

fn ids() -> impl FnMut() -> Uuid {
    let mut next = 0_u128;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

fn plan(format: Format, text: &str) -> Plan {
    read(format, text, &context(), &mut ids()).unwrap()
}

fn task(number: i64, title: &str) -> Task {
    Task {
        id: Uuid::from_u128(100 + u128::try_from(number).unwrap()),
        number,
        user_id: UserId::new("u"),
        title: title.to_owned(),
        description: Some("Two\nlines, with; marks\\".to_owned()),
        status: Status::Pending,
        priority: Priority::High,
        labels: vec!["home".to_owned()],
        project_id: Some(Uuid::from_u128(7)),
        due: Some(Due::At("2026-12-24T18:00:00[Europe/Paris]".parse().unwrap())),
        reminders: vec![Reminder::Before { minutes: 10 }],
        recurrence: Some("FREQ=WEEKLY;BYDAY=TH".parse().unwrap()),
        series_id: None,
        occurrence: 1,
        duration_minutes: Some(30),
        parent_id: None,
        position: 1.0,
        created_at: "2026-11-01T08:00:00Z".parse().unwrap(),
        updated_at: "2026-11-02T08:00:00Z".parse().unwrap(),
        completed_at: None,
        version: 1,
    }
}

fn family() -> Vec<Task> {
    let parent = task(1, "Plan the «feast», \"now\"");
    let mut child =
        task(2, "Ünïcode 買牛奶 that is long enough to be folded over several lines in a calendar file, twice");
    child.recurrence = None;
    child.parent_id = Some(parent.id);
    let mut done = task(3, "Done");
    done.status = Status::Completed;
    done.recurrence = None;
    done.due = Some(Due::Day("2026-12-01".parse().unwrap()));
    done.completed_at = Some("2026-11-10T08:00:00Z".parse().unwrap());
    vec![parent, child, done]
}

fn export(format: Format, tasks: &[Task]) -> String {
    let projects = [Project {
        id: Uuid::from_u128(7),
        name: "Winter".to_owned(),
        color: None,
        parent_id: None,
        archived: false,
        created_at: "2026-11-01T08:00:00Z".parse().unwrap(),
        open_tasks: 2,
    }];
    let now = "2026-11-18T09:00:00Z".parse().unwrap();
    let mut writer = Writer::new(format, Vec::new(), projects.to_vec(), now);
    let mut text = writer.begin().unwrap();
    // In pieces of one, and of none.
    for task in tasks {
        text.push_str(&writer.tasks(vec![task.clone()]).unwrap());
        text.push_str(&writer.tasks(Vec::new()).unwrap());
    }
    writer.end().for_each(|piece| text.push_str(&piece.unwrap()));
    text
}

#[test]
fn a_todoist_subtask_stands_below_its_parent_and_a_file_without_tasks_reads_back() {
    let [parent, child, _] = family().try_into().unwrap();
    let other = task(9, "Between");
    let text = export(Format::Todoist, &[parent, other, child]);
    let indents: Vec<&str> = text.lines().filter(|line| line.starts_with("task,")).collect();
    assert_eq!(indents.len(), 3, "{text}");
    let plan = plan(Format::Todoist, &text);
    assert_eq!(plan.tasks[1].task.parent_id, plan.tasks[0].task.id);
    assert!(plan.tasks[1].task.title.starts_with("Ünï") && plan.tasks[2].task.title == "Between", "{plan:?}");
    for format in [Format::Json, Format::Csv, Format::Todoist, Format::Taskwarrior, Format::Icalendar] {
        assert_eq!(self::plan(format, &export(format, &[])), Plan::default(), "{format:?}");
    }
}

#[test]
fn own_formats_lose_nothing() {
    let tasks = family();
    for format in [Format::Json, Format::Csv] {
        let plan = plan(format, &export(format, &tasks));
        assert_eq!(plan.skipped, [], "{format:?}");
        assert_eq!(plan.tasks.len(), 3);
        for (planned, task) in plan.tasks.iter().zip(&tasks) {
            let new = &planned.task;
            assert_eq!(new.title, task.title);
            assert_eq!(new.description, task.description);
            assert_eq!(new.status, task.status);
            assert_eq!(new.priority, task.priority);
            assert_eq!(new.labels, task.labels);
            assert_eq!(new.due, task.due, "{format:?}");
            assert_eq!(new.reminders, task.reminders);
            assert_eq!(new.recurrence, task.recurrence);
            assert_eq!(new.duration_minutes, task.duration_minutes);
            assert_eq!(new.project, Some(ProjectRef::Name("Winter".to_owned())));
            assert_eq!(new.created_at, Some(task.created_at));
            assert_eq!(new.completed_at, task.completed_at);
        }
        assert_eq!(plan.tasks[1].task.parent_id, plan.tasks[0].task.id);
    }
}

#[test]
fn icalendar_round_trips_what_it_can_say() {
    let tasks = family();
    let text = export(Format::Icalendar, &tasks);
    assert!(text.lines().all(|line| line.len() <= 76), "folded");
    let plan = plan(Format::Icalendar, &text);
    assert_eq!(plan.skipped, []);
    for (title, index) in [("Plan", 0), ("Ünï", 1), ("Done", 2)] {
        let new = &plan.tasks.iter().find(|planned| planned.task.title.starts_with(title)).unwrap().task;
        assert_eq!(new.title, tasks[index].title);
        assert_eq!(new.description, tasks[index].description);
        assert_eq!(new.priority, tasks[index].priority);
        assert_eq!(new.recurrence, tasks[index].recurrence);
        assert_eq!(new.reminders, tasks[index].reminders);
        assert_eq!(new.status, tasks[index].status);
    }
}

#[test]
fn todoist_templates_bring_indent_labels_and_words() {
    let text = "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\n\
        section,Kitchen,,,,,,,,\n\
        task,Paint the wall @home @weekend,White,2,1,,,2026-12-01,en,\n\
        task,Buy paint,,4,2,,,,en,\n\
        note,The matt one,,,,,,,,\n\
        task,,,4,1,,,,en,\n\
        task,Odd,,9,1,,,,en,\n";
    let plan = plan(Format::Todoist, text);
    let [wall, paint] = plan.tasks.as_slice() else { panic!("{plan:?}") };
    assert_eq!(wall.task.title, "Paint the wall");
    assert_eq!(wall.task.labels, ["home", "weekend"]);
    assert_eq!(wall.task.priority, Priority::High);
    assert_eq!(wall.task.due, Some(Due::Day("2026-12-01".parse().unwrap())));
    assert_eq!(paint.task.parent_id, wall.task.id);
    assert_eq!(paint.task.description.as_deref(), Some("The matt one"));
    assert_eq!(plan.skipped.iter().map(|skipped| skipped.line).collect::<Vec<_>>(), [6, 7]);
}

#[test]
fn taskwarrior_brings_tags_annotations_and_states() {
    let text = r#"[{"uuid":"a","description":"Call Sam","status":"pending","entry":"20261101T080000Z","due":"20261119T230000Z",
        "tags":["phone"],"priority":"H","project":"Home.Garden","annotations":[{"entry":"20261101T080000Z","description":"after 5"}]},
        {"uuid":"b","description":"Old","status":"completed","end":"20261102T080000Z"},
        {"uuid":"c","description":"Gone","status":"deleted"}]"#;
    let plan = plan(Format::Taskwarrior, text);
    let call = &plan.tasks[0].task;
    assert_eq!((call.title.as_str(), call.priority), ("Call Sam", Priority::High));
    assert_eq!(call.due, Some(Due::Day("2026-11-20".parse().unwrap())), "midnight in the reader's zone is a day");
    assert_eq!(call.description.as_deref(), Some("after 5"));
    assert_eq!(plan.tasks[1].task.status, Status::Completed);
    assert_eq!(plan.skipped.len(), 1);
    let again = self::plan(Format::Taskwarrior, &export(Format::Taskwarrior, &family()));
    assert_eq!(again.tasks.len(), 3);
}

#[test]
fn tables_of_any_spreadsheet_are_read() {
    for (mark, eol) in [(",", "\n"), (";", "\r\n"), ("\t", "\r\n")] {
        let text = ["\u{feff}Title,Priority,labels", "\"One; two, three\",high,\"a,b\"", "Four,,"].join(eol);
        // The marks within quotes stay.
        let text = text.replacen("Title,Priority,labels", &["Title", "Priority", "labels"].join(mark), 1);
        let text = text.replacen("\",high,\"", &format!("\"{mark}high{mark}\""), 1).replacen(
            "Four,,",
            &format!("Four{mark}{mark}"),
            1,
        );
        let plan = plan(Format::Csv, &text);
        assert_eq!(plan.skipped, [], "{text}");
        let titles: Vec<&str> = plan.tasks.iter().map(|planned| planned.task.title.as_str()).collect();
        assert_eq!(titles, ["One; two, three", "Four"], "{text}");
        assert_eq!(plan.tasks[0].task.labels, ["a", "b"]);
        assert_eq!(plan.tasks[0].task.priority.as_str(), "high");
    }
}

#[test]
fn what_is_no_such_file_is_refused_with_a_reason() {
    for format in [Format::Json, Format::Csv, Format::Todoist, Format::Taskwarrior, Format::Icalendar] {
        let error = read(format, "\u{1}garbage", &context(), &mut ids()).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("file"), "{format:?}");
    }
    assert!(Format::parse("docx").is_err());
}
