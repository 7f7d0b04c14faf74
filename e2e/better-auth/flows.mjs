// Every flow of the stock client. The same steps run against the genuine server and against ours.

import assert from "node:assert/strict";
import { createAuthClient } from "better-auth/client";
import { jwtClient } from "better-auth/client/plugins";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { browser } from "./jar.mjs";

export const PASSWORD = "correct horse battery";

export function visitor(server) {
  const jar = browser(server.base);
  const client = createAuthClient({
    baseURL: server.base,
    plugins: [jwtClient()],
    fetchOptions: { customFetchImpl: jar.fetch },
  });
  return { client, jar };
}

// The data of a call that must succeed.
function data(result) {
  assert.equal(result.error, null, JSON.stringify(result.error));
  return result.data;
}

// Status and code of a call that must be refused.
function refusal(result) {
  assert.equal(result.data, null);
  return [result.error.status, result.error.code];
}

// The token in a mailed link, which carries it in the path or in the query.
function mailedToken(link) {
  const url = new URL(link);
  return url.searchParams.get("token") ?? url.pathname.split("/").at(-1);
}

export function flows(server) {
  const steps = [];
  const step = (name, run) => steps.push([`${server.name}: ${name}`, run]);
  const email = "ann@example.com";
  const { client: ann, jar } = visitor(server);

  step("nobody is signed in", async () => assert.equal(data(await ann.getSession()), null));
  step("sign-up answers token and user", async () => {
    const { token, user } = data(await ann.signUp.email({ name: "Ann", email: "Ann@Example.com", password: PASSWORD }));
    assert.equal(token.length, 32);
    assert.equal(user.email, email);
    assert.equal(user.emailVerified, false);
    assert.equal(user.image, null);
    assert.ok(user.createdAt instanceof Date);
    assert.deepEqual(Object.keys(user).sort(), ["createdAt", "email", "emailVerified", "id", "image", "name", "updatedAt"]);
  });
  step("the session is there", async () => {
    const { session, user } = data(await ann.getSession());
    assert.equal(user.name, "Ann");
    assert.ok(session.expiresAt instanceof Date);
    assert.equal(session.userId, user.id);
    assert.match(jar.last.headers.get("set-auth-jwt"), /^ey/);
  });
  step("a taken address is refused", async () =>
    assert.deepEqual(refusal(await visitor(server).client.signUp.email({ name: "Eve", email, password: PASSWORD })), [
      422,
      "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL",
    ]));
  step("a short password is refused", async () =>
    assert.deepEqual(refusal(await visitor(server).client.signUp.email({ name: "E", email: "e@example.com", password: "short" })), [
      400,
      "PASSWORD_TOO_SHORT",
    ]));
  step("a long password is refused", async () =>
    assert.deepEqual(
      refusal(await visitor(server).client.signUp.email({ name: "E", email: "e@example.com", password: "x".repeat(129) })),
      [400, "PASSWORD_TOO_LONG"],
    ));
  step("no address is refused", async () =>
    assert.deepEqual(refusal(await visitor(server).client.signUp.email({ name: "E", email: "nobody", password: PASSWORD })), [
      400,
      "VALIDATION_ERROR",
    ]));
  step("wrong password and unknown address look alike", async () => {
    const { client } = visitor(server);
    const wrong = await client.signIn.email({ email, password: "wrong password" });
    const unknown = await client.signIn.email({ email: "unknown@example.com", password: "wrong password" });
    assert.deepEqual(refusal(wrong), [401, "INVALID_EMAIL_OR_PASSWORD"]);
    assert.deepEqual(wrong.error, unknown.error);
  });
  step("sign-out ends the session", async () => {
    assert.deepEqual(data(await ann.signOut()), { success: true });
    assert.equal(jar.cookies.size, 0);
    assert.equal(data(await ann.getSession()), null);
  });
  step("sign-in opens one", async () => {
    const { redirect, token, user } = data(await ann.signIn.email({ email, password: PASSWORD }));
    assert.equal(redirect, false);
    assert.equal(user.email, email);
    assert.equal(jar.last.headers.get("set-auth-token").split(".")[0], token);
    assert.equal(data(await ann.getSession()).session.token, token);
  });
  step("not to be remembered", async () => {
    const { client, jar: other } = visitor(server);
    data(await client.signIn.email({ email, password: PASSWORD, rememberMe: false }));
    assert.ok(other.cookies.has("better-auth.dont_remember"));
    const { session } = data(await client.getSession());
    assert.ok(session.expiresAt - session.createdAt <= 86_400_000);
    await client.signOut();
  });
  step("a bearer token, signed and raw", async () => {
    const { token } = data(await visitor(server).client.signIn.email({ email, password: PASSWORD }));
    const signed = decodeURIComponent(jar.cookies.get("better-auth.session_token"));
    for (const bearerToken of [token, signed]) {
      const { client } = visitor(server);
      const headers = { authorization: `Bearer ${bearerToken}` };
      assert.equal(data(await client.getSession({ fetchOptions: { headers } })).user.email, email);
    }
  });
  step("a tampered cookie is nobody", async () => {
    const { client, jar: other } = visitor(server);
    other.cookies.set("better-auth.session_token", jar.cookies.get("better-auth.session_token").replace(/^./, "~"));
    assert.equal(data(await client.getSession()), null);
    assert.equal(other.cookies.size, 1, "and no cookie is cleared");
  });
  step("list and revoke one session", async () => {
    const { client: phone } = visitor(server);
    const { token } = data(await phone.signIn.email({ email, password: PASSWORD }));
    const list = data(await ann.listSessions());
    assert.ok(list.length >= 2);
    assert.ok(list.every((session) => session.expiresAt instanceof Date && session.userId === list[0].userId));
    assert.deepEqual(data(await ann.revokeSession({ token })), { status: true });
    assert.equal(data(await phone.getSession()), null);
  });
  step("a listed session is revoked by what is listed", async () => {
    const { client: phone } = visitor(server);
    data(await phone.signIn.email({ email, password: PASSWORD }));
    const id = data(await phone.getSession()).session.id;
    const listed = data(await ann.listSessions()).find((session) => session.id === id);
    data(await ann.revokeSession({ token: listed.token }));
    assert.equal(data(await phone.getSession()), null);
    assert.notEqual(data(await ann.getSession()), null);
  });
  step("an unknown session is answered alike", async () =>
    assert.deepEqual(data(await ann.revokeSession({ token: "unknown" })), { status: true }));
  step("revoke the others", async () => {
    const { client: phone } = visitor(server);
    data(await phone.signIn.email({ email, password: PASSWORD }));
    assert.deepEqual(data(await ann.revokeOtherSessions()), { status: true });
    assert.equal(data(await phone.getSession()), null);
    assert.notEqual(data(await ann.getSession()), null);
  });
  step("sessions need a session", async () =>
    assert.deepEqual(refusal(await visitor(server).client.listSessions()), [401, "UNAUTHORIZED"]));
  step("update the user", async () => {
    assert.deepEqual(data(await ann.updateUser({ name: "Annabel", image: "https://example.com/a.png" })), { status: true });
    const { user } = data(await ann.getSession());
    assert.deepEqual([user.name, user.image], ["Annabel", "https://example.com/a.png"]);
  });
  step("an address is not updated like a name", async () =>
    assert.deepEqual(refusal(await ann.updateUser({ email: "eve@example.com" })), [400, "EMAIL_CAN_NOT_BE_UPDATED"]));
  step("nothing to update is refused", async () => {
    // The client sends a call without fields as GET, so the request is made by hand.
    const result = await ann.$fetch("/update-user", { method: "POST", body: {} });
    assert.deepEqual([result.error.status, result.error.message], [400, "No fields to update"]);
  });
  step("the ways of signing in", async () => {
    const accounts = data(await ann.listAccounts());
    assert.deepEqual(accounts.map((account) => account.providerId), ["credential"]);
    assert.ok(!("password" in accounts[0]));
  });
  step("a token verifies by the published keys", async () => {
    const { token } = data(await ann.token());
    const keys = createRemoteJWKSet(new URL(`${server.base}/api/auth/jwks`));
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: server.base, audience: server.base });
    assert.equal(payload.email, email);
    assert.equal(payload.sub, payload.id);
    assert.equal(payload.exp - payload.iat, 900);
    assert.equal(protectedHeader.alg, "EdDSA");
    const set = data(await ann.$fetch("/jwks"));
    assert.deepEqual(Object.keys(set.keys[0]).sort(), ["alg", "crv", "kid", "kty", "x"]);
  });
  step("change the password, wrong and right", async () => {
    const change = (currentPassword, newPassword, revokeOtherSessions) =>
      ann.changePassword({ currentPassword, newPassword, revokeOtherSessions });
    assert.deepEqual(refusal(await change("wrong password", "another password")), [400, "INVALID_PASSWORD"]);
    assert.deepEqual(refusal(await change(PASSWORD, "short")), [400, "PASSWORD_TOO_SHORT"]);
    assert.equal(data(await change(PASSWORD, "another password")).token, null);
    const before = data(await ann.getSession()).session.token;
    const { token } = data(await change("another password", PASSWORD, true));
    assert.notEqual(token, before);
    assert.equal(data(await ann.getSession()).session.token, token);
  });
  step("reset the password by link", async () => {
    const known = data(await ann.requestPasswordReset({ email, redirectTo: "/choose" }));
    const unknown = data(await ann.requestPasswordReset({ email: "unknown@example.com", redirectTo: "/choose" }));
    assert.deepEqual(known, unknown);
    const link = server.mail(email);
    const landed = await jar.fetch(link);
    assert.equal(landed.status, 302);
    const token = new URL(landed.headers.get("location"), server.base).searchParams.get("token");
    assert.equal(token, mailedToken(link));
    const { client } = visitor(server);
    assert.deepEqual(refusal(await client.resetPassword({ newPassword: "third password", token: "nonsense" })), [400, "INVALID_TOKEN"]);
    assert.deepEqual(data(await client.resetPassword({ newPassword: "third password", token })), { status: true });
    assert.deepEqual(refusal(await client.resetPassword({ newPassword: "fourth password", token })), [400, "INVALID_TOKEN"]);
    data(await ann.signIn.email({ email, password: "third password" }));
    data(await ann.changePassword({ currentPassword: "third password", newPassword: PASSWORD }));
  });
  step("a bad reset link leads back with an error", async () => {
    const landed = await jar.fetch(`${server.base}/api/auth/reset-password/nonsense?callbackURL=%2Fchoose`);
    assert.equal(landed.status, 302);
    assert.match(landed.headers.get("location"), /\/choose\?error=INVALID_TOKEN$/);
  });
  step("prove the address by link", async () => {
    const { client } = visitor(server);
    data(await client.signUp.email({ name: "Vera", email: "vera@example.com", password: PASSWORD }));
    assert.deepEqual(data(await client.sendVerificationEmail({ email: "vera@example.com", callbackURL: "/done" })), { status: true });
    const token = mailedToken(server.mail("vera@example.com"));
    assert.deepEqual(refusal(await client.verifyEmail({ query: { token: "nonsense" } })), [401, "INVALID_TOKEN"]);
    assert.equal(data(await client.verifyEmail({ query: { token } })).status, true);
    assert.equal(data(await client.getSession()).user.emailVerified, true);
    assert.deepEqual(refusal(await client.sendVerificationEmail({ email: "vera@example.com" })), [400, "EMAIL_ALREADY_VERIFIED"]);
    assert.deepEqual(refusal(await client.sendVerificationEmail({ email: "x@example.com" })), [400, "EMAIL_MISMATCH"]);
  });
  step("an open redirect is refused", async () =>
    assert.deepEqual(
      refusal(await visitor(server).client.signIn.email({ email, password: PASSWORD, callbackURL: "https://evil.example" })),
      [403, "INVALID_CALLBACK_URL"],
    ));
  step("a foreign origin with cookies is refused", async () => {
    const headers = { origin: "https://evil.example" };
    assert.deepEqual(refusal(await ann.updateUser({ name: "Eve", fetchOptions: { headers } })), [403, "INVALID_ORIGIN"]);
  });
  step("what is not there is 404", async () => {
    const answer = await jar.fetch(`${server.base}/api/auth/nothing`);
    assert.deepEqual([answer.status, await answer.text()], [404, ""]);
  });
  step("another kind of body is refused", async () => {
    const answer = await fetch(`${server.base}/api/auth/sign-in/email`, { method: "POST", headers: { "content-type": "text/plain" }, body: "x" });
    assert.equal(answer.status, 415);
  });
  step("malformed JSON is refused", async () => {
    const answer = await fetch(`${server.base}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{",
    });
    assert.equal(answer.status, 400);
    assert.deepEqual(await answer.json(), { message: "Invalid JSON in request body", code: "BAD_REQUEST" });
  });
  step("revoke all", async () => {
    assert.deepEqual(data(await ann.revokeSessions()), { status: true });
    assert.equal(data(await ann.getSession()), null);
  });
  step("delete the account", async () => {
    data(await ann.signIn.email({ email, password: PASSWORD }));
    assert.deepEqual(refusal(await ann.deleteUser({ password: "wrong password" })), [400, "INVALID_PASSWORD"]);
    assert.deepEqual(data(await ann.deleteUser({ password: PASSWORD })), { success: true, message: "User deleted" });
    assert.equal(data(await ann.getSession()), null);
    assert.deepEqual(refusal(await ann.signIn.email({ email, password: PASSWORD })), [401, "INVALID_EMAIL_OR_PASSWORD"]);
  });
  return steps;
}
