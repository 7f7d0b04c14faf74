// An account with so many tasks, made through the API.
let people = 0;

const WORDS = ["report", "invoice", "garden", "letter", "dentist", "ticket", "window", "paper", "bicycle", "lamp"];

export class Person {
  static async join(url, tasks) {
    const body = JSON.stringify({ name: "Ana", email: `bench${++people}-${Date.now()}@example.org`, password: "a sentence works well" });
    const headers = { "content-type": "application/json", origin: url };
    const answer = await fetch(`${url}/api/auth/sign-up/email`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`sign-up: ${await answer.text()}`);
    const person = new Person();
    person.cookie = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
    const day = (n) => new Date(Date.now() + ((n % 60) - 5) * 86_400_000).toISOString().slice(0, 10);
    const line = (n) => `"Task ${n}: ${WORDS[n % 10]} and ${WORDS[(n * 7 + 3) % 10]}",${["low", "medium", "high"][n % 3]},${n % 4 ? day(n) : ""}`;
    const file = ["title,priority,due_date", ...Array.from({ length: tasks }, (_, n) => line(n))].join("\n");
    const done = await fetch(`${url}/api/import?format=csv&dry_run=false`, { method: "POST", headers: { ...headers, "content-type": "application/octet-stream", cookie: person.cookie, "idempotency-key": crypto.randomUUID() }, body: file });
    if (!done.ok) throw new Error(`import: ${await done.text()}`);
    return person;
  }

  /** The cookies as a browser context takes them. */
  cookies(url) {
    return this.cookie.split("; ").map((pair) => ({ name: pair.slice(0, pair.indexOf("=")), value: pair.slice(pair.indexOf("=") + 1), url }));
  }
}
