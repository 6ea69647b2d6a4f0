// Twilio's official Node SDK, unmodified but for the host that it talks to. Reads LAB_URL.

const twilio = require("twilio");

/** The SDK's own HTTP client, turned to the sandbox. */
class Turned extends twilio.RequestClient {
  request(options) {
    const asked = new URL(options.uri);
    return super.request({ ...options, uri: process.env.LAB_URL + asked.pathname + asked.search });
  }
}

/** A client of the sandbox. */
const clientOf = (account, token) => twilio(account, token, { httpClient: new Turned() });

/** Prints what a promise leads to as one line of JSON, or ends with its error. */
function tell(promise) {
  promise.then(
    (found) => console.log(JSON.stringify(found)),
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}

module.exports = { clientOf, tell };
