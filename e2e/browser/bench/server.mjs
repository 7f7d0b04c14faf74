// How long the server takes for a page, seen by a client on the same machine over one kept connection.
import { Agent, request } from "node:http";

export async function serverTime(url, person, rounds) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const once = () =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const asked = request(`${url}/all`, { agent, headers: { cookie: person.cookie } }, (answer) => {
        answer.on("data", () => {}).on("end", () => (answer.statusCode === 200 ? resolve(performance.now() - started) : reject(new Error(`status ${answer.statusCode}`))));
      });
      asked.on("error", reject).end();
    });
  for (let n = 0; n < 50; n++) await once();
  const times = [];
  for (let n = 0; n < rounds; n++) times.push(await once());
  agent.destroy();
  times.sort((a, b) => a - b);
  return { p50: times[Math.floor(rounds * 0.5)], p99: times[Math.floor(rounds * 0.99)] };
}
