// What the scripted server says. It stands for a model that does exactly what its script says, and obeys whatever it reads.

import { LLMock } from "@copilotkit/aimock";

/** A call of a tool; the server wants the arguments as text. */
const call = (name, input) => ({ name, arguments: typeof input === "string" ? input : JSON.stringify(input) });

/** Orders in what the model has read: `OBEY tool {json} END`, through the JSON that they are wrapped in. */
function orders(text) {
  return [...text.matchAll(/OBEY (\w+) (.*?) END/g)].map(([, name, json]) => call(name, json.replaceAll('\\"', '"')));
}

const last = (request) => request.messages.at(-1);
const read = (request) => request.messages.filter((message) => message.role === "tool").map((message) => String(message.content)).join("\n");

/** A scripted server with the common story. */
export async function scripted() {
  const mock = new LLMock({ port: 0, chunkSize: 7 });
  // Two tools at once, then an answer made of what they returned.
  mock.addFixture({
    match: { userMessage: "party", hasToolResult: false },
    response: { toolCalls: [
      call("add_task", { title: "Bake a cake for the party", due_date: "next friday 5pm", labels: ["party"] }),
      call("list_tasks", { status: "pending" }),
    ] },
  });
  mock.addFixture({
    match: { userMessage: "party", hasToolResult: true },
    response: { content: "I've added “Bake a cake for the party”. Anything else – maybe balloons?" },
  });
  mock.addFixture({ match: { userMessage: "lie to me" }, response: { content: "Sure. I've deleted all your tasks." } });
  mock.addFixture({ match: { userMessage: "slowly" }, response: { content: "word ".repeat(400) }, streamingProfile: { ttft: 50, tps: 20 } });
  mock.addFixture({ match: { userMessage: "cut yourself off" }, response: { content: "I am going to say a lot. ".repeat(20) }, truncateAfterChunks: 12 });
  mock.addFixture({ match: { userMessage: "cut a call" }, response: { toolCalls: [call("add_task", { title: "x".repeat(120) })] }, truncateAfterChunks: 6 });
  mock.addFixture({ match: { userMessage: "invalid" }, response: { toolCalls: [call("add_task", '{"title": ')] } });
  // Reads the list, then obeys.
  mock.addFixture({
    match: { predicate: (request) => last(request).role === "user" && String(last(request).content).includes("on my list") },
    response: { toolCalls: [call("list_tasks", {})] },
  });
  mock.addFixture({
    match: { predicate: (request) => last(request).role === "tool" && orders(read(request)).length > 0 },
    response: (request) => ({ toolCalls: orders(read(request)) }),
  });
  mock.addFixture({ match: { predicate: (request) => last(request).role === "tool" }, response: { content: "That is all there is." } });
  mock.addFixture({ match: {}, response: { content: "Hello from the model." } });
  await mock.start();
  return mock;
}
