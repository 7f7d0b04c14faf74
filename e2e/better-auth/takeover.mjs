// A genuine Better Auth server makes users, sessions, keys and a reset link; then it stops, and ours runs on its database.

import assert from "node:assert/strict";
import { PASSWORD, visitor } from "./flows.mjs";
import { freePort, genuine, ours, sql } from "./servers.mjs";

const USERS = ["ann", "bob", "cleo"];
const address = (name) => `${name}@example.com`;
const password = (name) => `${PASSWORD} Ünïcode ${name} ①`;

export async function takeover(databaseUrl, check) {
  const port = await freePort();
  const before = await genuine(databaseUrl, port);
  const people = new Map();
  for (const name of USERS) {
    const { client, jar } = visitor(before);
    const { data } = await client.signUp.email({ name, email: address(name), password: password(name) });
    const { data: minted } = await client.token();
    people.set(name, { client, jar, token: data.token, user: data.user, jwt: minted.token });
  }
  const ann = people.get("ann");
  await ann.client.requestPasswordReset({ email: address("ann"), redirectTo: "/choose" });
  const resetToken = new URL(before.mail(address("ann"))).pathname.split("/").at(-1);
  const oldKeys = (await ann.client.$fetch("/jwks")).data.keys;
  await before.stop();
  // As the tables of Better Auth 1.4 are.
  await sql(databaseUrl, "ALTER TABLE jwks DROP COLUMN IF EXISTS alg, DROP COLUMN IF EXISTS crv");

  const after = await ours("takeover", databaseUrl, port);
  try {
    for (const [name, person] of people) {
      await check(`takeover: ${name}'s live cookie stays valid`, async () => {
        const { data } = await person.client.getSession();
        assert.equal(data.user.id, person.user.id);
        assert.equal(data.user.email, address(name));
        assert.equal(data.session.token, person.token);
      });
      await check(`takeover: ${name}'s bearer token stays valid`, async () => {
        const headers = { authorization: `Bearer ${person.token}` };
        const { data } = await visitor(after).client.getSession({ fetchOptions: { headers } });
        assert.equal(data.user.id, person.user.id);
      });
      await check(`takeover: ${name}'s old token opens the API`, async () => {
        const headers = { authorization: `Bearer ${person.jwt}` };
        const own = await fetch(`${after.base}/api/${person.user.id}/tasks`, { headers });
        assert.equal(own.status, 200);
        const foreign = await fetch(`${after.base}/api/somebody-else/tasks`, { headers });
        assert.equal(foreign.status, 403);
      });
      await check(`takeover: ${name} signs in with the old password, whose hash becomes argon2id`, async () => {
        const hash = async () =>
          (await sql(databaseUrl, `SELECT password FROM account WHERE "userId" = $1`, [person.user.id]))[0].password;
        assert.match(await hash(), /^[0-9a-f]{32}:[0-9a-f]{128}$/);
        const wrong = await visitor(after).client.signIn.email({ email: address(name), password: `${password(name)}x` });
        assert.equal(wrong.error.code, "INVALID_EMAIL_OR_PASSWORD");
        const { data } = await visitor(after).client.signIn.email({ email: address(name), password: password(name) });
        assert.equal(data.user.id, person.user.id);
        assert.match(await hash(), /^\$argon2id\$/);
        const again = await visitor(after).client.signIn.email({ email: address(name), password: password(name) });
        assert.equal(again.error, null);
      });
    }
    await check("takeover: no token is stored as it is", async () => {
      const rows = await sql(databaseUrl, "SELECT token FROM session");
      assert.ok(rows.length >= USERS.length);
      assert.ok(rows.every((row) => /^sha256:[0-9a-f]{64}$/.test(row.token)));
      const links = await sql(databaseUrl, "SELECT identifier FROM verification");
      assert.ok(links.every((row) => !row.identifier.includes(resetToken)));
    });
    await check("takeover: the key is the same, and it signs", async () => {
      const { data: jwks } = await visitor(after).client.$fetch("/jwks");
      assert.deepEqual(jwks.keys, oldKeys);
      const { data } = await people.get("bob").client.token();
      const header = JSON.parse(Buffer.from(data.token.split(".")[0], "base64url"));
      assert.deepEqual(header, { alg: "EdDSA", kid: oldKeys[0].kid });
    });
    await check("takeover: a reset link that was mailed before still works, once", async () => {
      const { client } = visitor(after);
      const reset = () => client.resetPassword({ newPassword: "a wholly new password", token: resetToken });
      assert.equal((await reset()).error, null);
      assert.equal((await reset()).error.code, "INVALID_TOKEN");
      const { error } = await visitor(after).client.signIn.email({ email: address("ann"), password: "a wholly new password" });
      assert.equal(error, null);
    });
    await check("takeover: a task can be made and is the user's", async () => {
      const { user, jwt } = people.get("cleo");
      const headers = { authorization: `Bearer ${jwt}`, "content-type": "application/json" };
      const made = await fetch(`${after.base}/api/${user.id}/tasks`, { method: "POST", headers, body: '{"title":"Buy milk"}' });
      assert.equal(made.status, 201);
    });
  } finally {
    await after.stop();
  }
}
