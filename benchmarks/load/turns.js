// Sends turns to the REST channel and prints what came back, as one JSON line.
//
//   node turns.js '{"url", "token", "seconds", "connections", "rate"?, "senders", "questions"}'
//
// Each request is one turn: the answer comes with the reply. Senders take turns, so that none is
// asked twice at once. Without `rate`, each connection asks again as soon as it is answered. With
// it, as many customers as `rate` ask once a second each, evenly one after another; the second in
// which they arrive is not counted. autocannon's own `overallRate` has all connections ask at once
// at the beginning of each second, and its correction takes seconds for milliseconds.

import autocannon from "autocannon";

const given = JSON.parse(process.argv[2]);
let sent = 0;
let silent = 0;
const latencies = [];

const run = (options) =>
  new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url: given.url,
        duration: given.seconds,
        timeout: 20,
        requests: [
          {
            method: "POST",
            path: "/webhooks/rest/webhook",
            headers: { "content-type": "application/json", ...given.headers },
            setupRequest: (request) => {
              const number = sent++;
              const message = given.questions[number % given.questions.length];
              return { ...request, body: JSON.stringify({ sender: given.senders[number % given.senders.length], message }) };
            },
            onResponse: (status, body) => {
              const replies = status === 200 ? JSON.parse(body) : [];
              if (!replies.some((reply) => reply.text)) silent++;
            },
          },
        ],
        ...options,
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
    instance.on("response", (_client, _status, _bytes, milliseconds) => {
      if (performance.now() >= counted) latencies.push(milliseconds);
    });
  });

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// arrives in its part of the first second, and stays until all go
const customer = async (number) => {
  const late = number / given.rate;
  await pause(late * 1000);
  return run({
    connections: 1,
    connectionRate: 1,
    ignoreCoordinatedOmission: true,
    duration: 1 + given.seconds - late,
  });
};

const counted = performance.now() + (given.rate ? 1000 : 0);
const results = await Promise.all(
  given.rate
    ? Array.from({ length: given.rate }, (_, number) => customer(number))
    : [run({ connections: given.connections })],
);

latencies.sort((one, other) => one - other);
const quantile = (share) =>
  Math.round(10 * latencies[Math.floor(share * (latencies.length - 1))]) / 10;
const total = (name) => results.reduce((sum, result) => sum + result[name], 0);
console.log(
  JSON.stringify({
    turns_per_second: Math.round((100 * latencies.length) / given.seconds) / 100,
    turns: latencies.length,
    p50: quantile(0.5),
    p90: quantile(0.9),
    p99: quantile(0.99),
    max: quantile(1),
    failed: total("errors") + total("timeouts") + total("non2xx"),
    silent,
  }),
);
