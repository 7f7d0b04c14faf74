// The clients' stories, then the conformance runner.

import { check, equal, finish, ok } from "../checks.mjs";
import { conformance, conformanceWithFixtures } from "./conformance.mjs";
import { current, earlier, python } from "./clients.mjs";
import { account, installation, program, serve } from "./server.mjs";
import { story } from "./story.mjs";

const server = await serve("server");
const token = await (await account(server.base, "ada")).makeToken();
const url = `${server.base}/mcp`;

for (const [name, open] of [["sdk, HTTP", earlier.http], ["client, HTTP", current.http]]) {
  await check(`TypeScript ${name}`, async () => {
    const client = await open(url, token);
    await story(client);
    await client.close();
  });
}
for (const [name, open] of [["sdk, standard input", earlier.stdio], ["client, standard input", current.stdio]]) {
  await check(`TypeScript ${name}`, async () => {
    const { client, ended } = await open(program, ["mcp"], installation(`stdio ${name}`));
    await story(client);
    await client.close();
    equal(await ended(), 0, "exit code at the end of the input");
  });
}
await check("TypeScript client says which era was spoken", async () => {
  const client = await current.http(url, token);
  equal(client.getNegotiatedProtocolVersion?.() ?? "2026-07-28", "2026-07-28");
  await client.close();
});
await check("without a token: turned away with the way to one", async () => {
  const answer = await fetch(url, { method: "POST", body: "{}" });
  equal(answer.status, 401);
  const document = /resource_metadata="([^"]+)"/.exec(answer.headers.get("www-authenticate"))[1];
  equal((await (await fetch(document)).json()).resource, url);
});
for (const mode of ["auto", "legacy", "2026-07-28"]) {
  await check(`Python, HTTP, ${mode}`, () => python(mode, { url, token }));
  await check(`Python, standard input, ${mode}`, () => python(mode, { program, env: installation(`python ${mode}`) }));
}
await conformance(server.base, token, check);
await check("nothing went wrong inside", () => {
  const lines = server.log().split("\n").filter((line) => /"level":"ERROR"|panicked/.test(line));
  ok(lines.length === 0, lines.slice(0, 5).join("\n"));
});
await server.stop();

const fixtures = await serve("fixtures", process.env.TODO_E2E_FIXTURE_BIN);
const { session } = await account(fixtures.base, "ada");
await conformanceWithFixtures(fixtures.base, session, check);
await fixtures.stop();
finish();
