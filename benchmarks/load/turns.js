// Sends turns to the REST channel and prints what came back, as one JSON line.
//
//   node turns.js '{"url", "token", "seconds", "connections", "rate"?, "senders", "questions"}'
//
// Each request is one turn: the answer comes with the reply. Senders take turns, so that none is
// asked twice at once. With `rate` requests are sent at that many a second in all, and latencies
// are corrected for those that had to wait to be sent (coordinated omission).

import autocannon from "autocannon";

const given = JSON.parse(process.argv[2]);
let sent = 0;
let silent = 0;

const result = await autocannon({
  url: given.url,
  connections: given.connections,
  duration: given.seconds,
  timeout: 20,
  ...(given.rate ? { overallRate: given.rate } : {}),
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
});

const { p50, p90, p99, max } = result.latency;
console.log(
  JSON.stringify({
    turns_per_second: result.requests.average,
    turns: result.requests.total,
    p50,
    p90,
    p99,
    max,
    failed: result.errors + result.timeouts + result.non2xx,
    silent,
  }),
);
