// HighLevel's own middleware for Node, unmodified, over requests that a destination received.
//
// Usage: NODE_PATH=… node webhooks_node.js < requests.json
//   {"app_id", "public_key", "requests": [{"headers", "body"}]}, each body in base64
// Needs: npm install @gohighlevel/api-client
// Prints, for each request, whether the middleware took its signature for valid, as JSON: once where the application keeps
// the raw body, and once where a JSON parser came first and the library has to write the body again.
"use strict";

const { HighLevel } = require("@gohighlevel/api-client");

async function judge(middleware, headers, body) {
  const request = { method: "POST", url: "/hook", headers, body };
  const error = await new Promise((next) => middleware(request, {}, next));
  if (error || request.skippedSignatureVerification !== false) {
    throw error ?? new Error("the middleware did not look at the signature");
  }
  return request.isSignatureValid;
}

async function main() {
  const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const client = new HighLevel({
    clientId: `${given.app_id}-suffix`,
    clientSecret: "not used",
    webhookPublicKey: given.public_key,
    logLevel: "none",
  });
  const middleware = client.webhooks.subscribe();
  const verdicts = [];
  for (const { headers, body } of given.requests) {
    const raw = Buffer.from(body, "base64");
    const parsed = JSON.parse(raw.toString("utf8"));
    verdicts.push([await judge(middleware, headers, raw), await judge(middleware, headers, parsed)]);
  }
  console.log(JSON.stringify(verdicts));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
