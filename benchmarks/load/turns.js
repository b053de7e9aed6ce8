// Sends turns to the REST channel and prints what came back, as one JSON line.
//
//   node turns.js '{"url", "seconds", "connections", "rate"?, "headers"?, "senders", "questions"}'
//
// Each request is one turn: the answer comes with the reply. Senders take turns, so that none is
// asked twice at once. Without `rate`, each of autocannon's connections asks again as soon as it is
// answered. With it, the questions go out evenly one after another, whether the earlier ones are
// answered or not; the first second is not counted. autocannon cannot do that: its own
// `overallRate` has all connections ask at once at the beginning of each second, and one instance
// for each customer takes a second of processor time to start, which all who wait meanwhile feel.

import http from "node:http";

const given = JSON.parse(process.argv[2]);
const PATH = "/webhooks/rest/webhook";
const HEADERS = { "content-type": "application/json", ...given.headers };
const PATIENCE = 20_000;
let sent = 0;
let failed = 0;
let silent = 0;
const latencies = [];

const question = () => {
  const number = sent++;
  const message = given.questions[number % given.questions.length];
  return JSON.stringify({ sender: given.senders[number % given.senders.length], message });
};

const answered = (status, body) => {
  const replies = status === 200 ? JSON.parse(body) : [];
  if (status !== 200) failed++;
  if (!replies.some((reply) => reply.text)) silent++;
};

const flatOut = async () => {
  const { default: autocannon } = await import("autocannon");
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: given.url,
        duration: given.seconds,
        connections: given.connections,
        timeout: PATIENCE / 1000,
        requests: [
          {
            method: "POST",
            path: PATH,
            headers: HEADERS,
            setupRequest: (request) => ({ ...request, body: question() }),
            onResponse: answered,
          },
        ],
      },
      (error, result) => {
        if (error) return reject(error);
        failed += result.errors;
        return resolve();
      },
    );
    instance.on("response", (_client, _status, _bytes, milliseconds) => latencies.push(milliseconds));
  });
};

const ask = (agent, counted) =>
  new Promise((resolve) => {
    const began = performance.now();
    const body = question();
    const lost = () => resolve(failed++);
    const headers = { ...HEADERS, "content-length": Buffer.byteLength(body) };
    const options = { method: "POST", agent, headers, timeout: PATIENCE };
    const request = http.request(given.url + PATH, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (text += part));
      response.on("error", lost);
      response.on("end", () => {
        if (counted) latencies.push(performance.now() - began);
        answered(response.statusCode, text);
        resolve();
      });
    });
    request.on("timeout", () => request.destroy());
    request.on("error", lost);
    request.end(body);
  });

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const evenly = async () => {
  const agent = new http.Agent({ keepAlive: true });
  const begun = performance.now();
  const turns = [];
  for (let number = 0; number < given.rate * (1 + given.seconds); number++) {
    const due = begun + (1000 * number) / given.rate;
    if (due > performance.now()) await pause(due - performance.now());
    turns.push(ask(agent, number >= given.rate));
  }
  await Promise.all(turns);
  agent.destroy();
};

await (given.rate ? evenly() : flatOut());

latencies.sort((one, other) => one - other);
const quantile = (share) =>
  Math.round(10 * latencies[Math.floor(share * (latencies.length - 1))]) / 10;
console.log(
  JSON.stringify({
    turns_per_second: Math.round((100 * latencies.length) / given.seconds) / 100,
    turns: latencies.length,
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
    max: quantile(1),
    failed,
    silent,
  }),
);
