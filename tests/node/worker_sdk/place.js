// A Workspace of a chapter's own: made over REST, with Workers who connect by the SDK. Reads LAB_URL,
// LAB_ACCOUNT_SID and LAB_AUTH_TOKEN. Tokens are made by Twilio's Node SDK with an API key of the sandbox's.

const { Supervisor, Worker, Workspace } = require("twilio-taskrouter");
const { AccessToken } = require("twilio").jwt;
const { Ear, LIMIT_SECONDS } = require("./ear.js");

const { LAB_URL, LAB_ACCOUNT_SID, LAB_AUTH_TOKEN } = process.env;
const BRIDGE = `${LAB_URL}/v1/wschannels`;
const SOCKET = BRIDGE.replace("http", "ws");
const SERVERS = { ebServer: BRIDGE, wsServer: SOCKET, logLevel: "silent" };
const CREDENTIALS = Buffer.from(`${LAB_ACCOUNT_SID}:${LAB_AUTH_TOKEN}`).toString("base64");

/** Asks over REST; the answer's document and ETag. */
async function ask(method, path, form = {}) {
  const body = method === "POST" ? new URLSearchParams(form) : undefined;
  const headers = { Authorization: `Basic ${CREDENTIALS}` };
  const answer = await fetch(`${LAB_URL}${path}`, { method, body, headers });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  }
  return { ...(text ? JSON.parse(text) : {}), version: (answer.headers.get("ETag") ?? "").replaceAll('"', "") };
}

let key = null;

/** The sandbox's one API key for all chapters, as {sid, secret}. */
function apiKey() {
  key ??= ask("POST", "/_sandbox/keys");
  return key;
}

/** What `found()` gives once it is true; asked again and again, for so long. */
async function until(found, seconds = LIMIT_SECONDS) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await found();
    if (answer) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${seconds} s: ${found}`);
    }
  }
}

class Place {
  /** A new Workspace with the Activities Offline, Available and Unavailable, a TaskQueue for all and a Workflow. */
  static async make(name, { timeout = 60, maxReserved = 1, singleTasking = false } = {}) {
    const place = new Place();
    const form = { FriendlyName: name, MultiTaskEnabled: !singleTasking };
    place.sid = (await ask("POST", "/v1/Workspaces", form)).sid;
    place.connected = [];
    for (const name of singleTasking ? ["Reserved", "Busy"] : []) {
      await place.post("Activities", { FriendlyName: name });
    }
    const { activities } = await place.get("Activities");
    place.activities = Object.fromEntries(activities.map((each) => [each.friendly_name, each.sid]));
    place.queue = await place.addQueue("Everybody", "1==1", { MaxReservedWorkers: maxReserved });
    place.workflow = await place.addWorkflow("Main", place.queue.sid, timeout);
    return place;
  }

  get(path) {
    return ask("GET", `/v1/Workspaces/${this.sid}/${path}`);
  }

  post(path, form) {
    return ask("POST", `/v1/Workspaces/${this.sid}/${path}`, form);
  }

  remove(path) {
    return ask("DELETE", `/v1/Workspaces/${this.sid}/${path}`);
  }

  addQueue(name, expression, more = {}) {
    return this.post("TaskQueues", { FriendlyName: name, TargetWorkers: expression, ...more });
  }

  addWorkflow(name, queue, timeout) {
    const configuration = { task_routing: { default_filter: { queue } } };
    const form = { FriendlyName: name, Configuration: JSON.stringify(configuration), TaskReservationTimeout: timeout };
    return this.post("Workflows", form);
  }

  /** A Worker with an Activity by name. */
  addWorker(name, activity = "Available", attributes = {}) {
    const form = { FriendlyName: name, ActivitySid: this.activities[activity], Attributes: JSON.stringify(attributes) };
    return this.post("Workers", form);
  }

  /** A Task in the Workflow; `more` are further parameters. */
  addTask(attributes = {}, more = {}) {
    return this.post("Tasks", { WorkflowSid: this.workflow.sid, Attributes: JSON.stringify(attributes), ...more });
  }

  setActivity(worker, name) {
    return this.post(`Workers/${worker.sid}`, { ActivitySid: this.activities[name] });
  }

  /** A token; of another role, life or Workspace, or signed otherwise, where that is said. */
  async token(worker, { role, ttl = 3600, workspaceSid = this.sid, account = LAB_ACCOUNT_SID, secret } = {}) {
    const signedBy = await apiKey();
    const options = { identity: "somebody", ttl };
    const made = new AccessToken(account, signedBy.sid, secret ?? signedBy.secret, options);
    made.addGrant(new AccessToken.TaskRouterGrant({ workspaceSid, workerSid: worker?.sid, role }));
    return made.toJwt();
  }

  /** A session of the Worker that has loaded, with what it says; `kind` is Worker or Supervisor. */
  async connect(worker, options = {}, { kind = Worker, ...ofToken } = {}) {
    const session = await this.begin(worker, options, { kind, ...ofToken });
    await session.ear.next("worker.ready");
    return session;
  }

  /** A session that may not have loaded yet. */
  async begin(worker, options = {}, { kind = Worker, token: given, ...ofToken } = {}) {
    const token = given ?? (await this.token(worker, ofToken));
    const ear = new Ear();
    const me = ear.listen("worker", new kind(token, { ...SERVERS, ...options }));
    this.connected.push(me);
    return { me, ear, token };
  }

  /** The SDK's Workspace, by a token of this Worker's or of a role without one. */
  async workspace(worker, ofToken = {}, options = {}) {
    return new Workspace(await this.token(worker, ofToken), { ...SERVERS, ...options });
  }

  /** A Task that this session's Worker is offered, and the Reservation; the session's ear hears it, and forgets others. */
  async offer(session, attributes = {}, more = {}) {
    session.ear.clear();
    const task = await this.addTask(attributes, more);
    const reservation = session.ear.listenTo(await session.ear.next("worker.reservationCreated"));
    return { task, reservation };
  }

  /** The same, accepted; the event of it was heard. */
  async assign(session, attributes = {}, more = {}) {
    const offered = await this.offer(session, attributes, more);
    await offered.reservation.accept();
    await session.ear.next("reservation.accepted");
    return offered;
  }

  leave() {
    for (const worker of this.connected) {
      worker.disconnect();
    }
  }
}

module.exports = { BRIDGE, LAB_AUTH_TOKEN, Place, SOCKET, Supervisor, ask, until };
