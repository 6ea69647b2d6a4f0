// Plays the steps of same_answers.json through the Node SDK, and prints what each was answered.
// Reads LAB_URL, LAB_ACCOUNT_SID and LAB_AUTH_TOKEN.

const { clientOf, tell } = require("./turned.js");
const { steps } = require("./same_answers.json");

/** A value of a step, with what earlier steps made in the place of "$step.field". */
function filled(value, made) {
  if (Array.isArray(value)) return value.map((each) => filled(each, made));
  if (typeof value !== "string") return value;
  return value.replace(/\$(\w+)\.(\w+)/g, (_, step, field) => made[step][field]);
}

/** A field of an answer, such as "reason" or "eventData.worker_name"; null where there is none. */
function read(answer, field) {
  return field.split(".").reduce((value, name) => value[name] ?? null, answer);
}

/** The resource that a path leads to, such as ["workspaces", "$here.sid", "tasks"]. */
function resourceAt(taskrouter, path, made) {
  let place = taskrouter;
  for (const part of filled(path, made))
    place = typeof place === "function" && /^[A-Z]{2}/.test(part) ? place(part) : place[part];
  return place;
}

async function answerOf(taskrouter, step, made) {
  const fields = Object.fromEntries(
    Object.entries(step.with ?? {}).map(([name, value]) => [name, filled(value, made)]),
  );
  try {
    const answer = await resourceAt(taskrouter, step.on, made)[step.do](...(step.with ? [fields] : []));
    const one = Array.isArray(answer) ? answer[0] : answer;
    made[step.name] = one;
    return Object.fromEntries((step.read ?? []).map((field) => [field, read(one, field)]));
  } catch (error) {
    if (!error.status) throw error;
    return { refused: [error.status, error.code, error.message] };
  }
}

async function play(taskrouter) {
  const made = {};
  const answers = {};
  for (const step of steps) answers[step.name] = await answerOf(taskrouter, step, made);
  return answers;
}

tell(play(clientOf(process.env.LAB_ACCOUNT_SID, process.env.LAB_AUTH_TOKEN).taskrouter.v1));
