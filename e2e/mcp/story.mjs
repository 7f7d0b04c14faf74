// What an agent does, with any of the clients: `client` has their common methods.

import { equal, ok } from "../checks.mjs";

export async function story(client) {
  const { tools } = await client.listTools();
  for (const name of ["add_task", "list_tasks", "complete_task", "delete_task", "update_task"]) {
    ok(tools.some((tool) => tool.name === name), `${name} is not offered`);
  }
  const call = (name, args) => client.callTool({ name, arguments: args });

  const made = await call("add_task", { title: "Buy milk", due_date: "tomorrow 5pm", labels: ["shop"] });
  ok(!made.isError, JSON.stringify(made));
  const number = made.structuredContent.task_id;
  equal(made.structuredContent.task.due_date, "2026-11-19T17:00:00+01:00");
  equal(JSON.parse(made.content[0].text), made.structuredContent, "text and structured content");

  const listed = await call("list_tasks", { filter: "@shop" });
  equal(listed.structuredContent.tasks.map((task) => task.title), ["Buy milk"]);
  const done = await call("complete_task", { task_id: number });
  equal(done.structuredContent.status, "completed");
  const undone = await call("undo", {});
  equal(undone.structuredContent.status, "undone");

  const wrong = await call("complete_task", { task_id: 4711 });
  ok(wrong.isError === true && wrong.content[0].text.includes("no such task"), JSON.stringify(wrong));
  const misfit = await call("add_task", { titel: "x" });
  ok(misfit.isError === true && misfit.content[0].text.includes("titel"), JSON.stringify(misfit));
  const unknown = await call("no_such_tool", {}).then(() => null, (error) => error);
  equal(unknown?.code, -32602, "an unknown tool");

  const { resources } = await client.listResources();
  ok(resources.some((resource) => resource.uri === "todo://today"), JSON.stringify(resources));
  const read = await client.readResource({ uri: `todo://tasks/${number}` });
  equal(JSON.parse(read.contents[0].text).title, "Buy milk");
  const missing = await client.readResource({ uri: "todo://tasks/4711" }).then(() => null, (error) => error);
  ok([-32002, -32602].includes(missing?.code), `a missing task: ${missing}`);
  const { resourceTemplates } = await client.listResourceTemplates();
  equal(resourceTemplates.length, 2, "templates");

  const { prompts } = await client.listPrompts();
  ok(prompts.some((prompt) => prompt.name === "plan_my_day"), JSON.stringify(prompts));
  const prompt = await client.getPrompt({ name: "break_down", arguments: { task: String(number) } });
  ok(JSON.stringify(prompt.messages).includes("Buy milk"), JSON.stringify(prompt));
  const suggested = await client.complete({
    ref: { type: "ref/resource", uri: "todo://filters/{filter}" },
    argument: { name: "filter", value: "over" },
  });
  equal(suggested.completion.values, ["overdue"]);

  const removed = await call("delete_task", { task_id: number });
  equal(removed.structuredContent.status, "deleted");
}
