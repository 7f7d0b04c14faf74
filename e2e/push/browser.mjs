// A browser's side of push, by Node's own cryptography: keys of a subscription, and reading what arrives (RFC 8291 over RFC 8188).
import assert from "node:assert/strict";
import { createDecipheriv, createECDH, hkdfSync, randomBytes, randomUUID } from "node:crypto";

export class Subscription {
  constructor(service) {
    this.ecdh = createECDH("prime256v1");
    this.ecdh.generateKeys();
    this.auth = randomBytes(16);
    this.path = `/push/${randomUUID()}`;
    this.endpoint = service + this.path;
  }

  /** As `PushSubscription.toJSON` has it. */
  toJSON() {
    const keys = { p256dh: this.ecdh.getPublicKey("base64url"), auth: this.auth.toString("base64url") };
    return { endpoint: this.endpoint, expirationTime: null, keys };
  }

  /** The message in the body of a request. */
  open(body) {
    const salt = body.subarray(0, 16);
    const size = body.readUInt32BE(16);
    const length = body.readUInt8(20);
    const sender = body.subarray(21, 21 + length);
    const sealed = body.subarray(21 + length);
    assert.equal(length, 65);
    assert.ok(body.length <= 4096 && sealed.length <= size, `${body.length} bytes in one record`);
    const derive = (secret, salt, info, size) => Buffer.from(hkdfSync("sha256", secret, salt, info, size));
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.ecdh.getPublicKey(), sender]);
    const ikm = derive(this.ecdh.computeSecret(sender), this.auth, info, 32);
    const key = derive(ikm, salt, "Content-Encoding: aes128gcm\0", 16);
    const nonce = derive(ikm, salt, "Content-Encoding: nonce\0", 12);
    const decipher = createDecipheriv("aes-128-gcm", key, nonce);
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    const end = plain.findLastIndex((byte) => byte !== 0);
    assert.equal(plain[end], 2, "the delimiter of the last record");
    return JSON.parse(plain.subarray(0, end).toString("utf8"));
  }
}
