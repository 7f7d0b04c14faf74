// A push service on this machine: notes every request, checks who sends it, answers as it is told.
import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";

export class PushService {
  /** Requests that were accepted: path, headers, body. */
  accepted = [];
  /** All requests. */
  seen = [];
  /** Per path: what to answer instead of 201, `{status, headers}`, or a promise to wait for. */
  answers = new Map();

  static async start() {
    const service = new PushService();
    service.server = createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const note = { path: request.url, headers: request.headers, body: Buffer.concat(chunks), at: Date.now() };
      service.seen.push(note);
      const answer = await service.answers.get(request.url)?.shift();
      if (answer === "drop" || response.destroyed) return request.socket.destroy();
      const status = answer?.status ?? 201;
      if (status === 201) service.accepted.push(note);
      response.writeHead(status, answer?.headers ?? {}).end();
    });
    await new Promise((resolve) => service.server.listen(0, "127.0.0.1", resolve));
    service.url = `http://127.0.0.1:${service.server.address().port}`;
    return service;
  }

  /** What the next requests to a subscription are answered. */
  answer(subscription, ...answers) {
    this.answers.set(subscription.path, answers);
  }

  to(subscription, list = this.accepted) {
    return list.filter(({ path }) => path === subscription.path);
  }

  /** The headers of RFC 8030 and the token of RFC 8292 on a request. */
  check(note, publicKey) {
    const { headers } = note;
    assert.equal(headers["content-encoding"], "aes128gcm");
    assert.match(headers.ttl, /^\d+$/);
    assert.ok(Number(headers.ttl) >= 60);
    assert.equal(headers.urgency, "high");
    assert.match(headers.topic, /^[\w-]{1,32}$/);
    const [, token, key] = headers.authorization.match(/^vapid t=([\w.-]+), k=([\w-]+)$/);
    assert.equal(key, publicKey);
    const [head, claims, signature] = token.split(".");
    const point = Buffer.from(key, "base64url");
    const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
    const good = verify("sha256", Buffer.from(`${head}.${claims}`), { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
    assert.ok(good, "the signature of the token");
    const read = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
    assert.deepEqual(read(head), { typ: "JWT", alg: "ES256" });
    const { aud, exp, sub } = read(claims);
    assert.equal(aud, this.url);
    assert.equal(sub, "mailto:operator@example.org");
    const left = exp - Date.now() / 1000;
    assert.ok(left > 0 && left <= 24 * 3600, `${left} s`);
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
