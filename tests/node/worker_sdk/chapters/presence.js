// What becomes of the Activity when the last session of a Worker has ended.

const { Place, until } = require("../place.js");

async function play(t) {
  const place = await t.place();
  const people = {};
  for (const name of ["Alice", "Bob", "Carol"]) {
    people[name] = await place.addWorker(name);
  }
  const activityOf = async (worker) => (await place.get(`Workers/${worker.sid}`)).activity_name;
  const gone = (worker) => until(async () => (await activityOf(worker)) === "Offline", 3);

  const stays = await place.connect(people.Bob, { setWorkerOfflineIfDisconnected: false });
  const silent = await place.connect(people.Carol);
  const first = await place.connect(people.Alice, { setWorkerOfflineIfDisconnected: true });
  const last = await place.connect(people.Alice, { setWorkerOfflineIfDisconnected: true });
  for (const { me } of [stays, silent, first]) {
    me.disconnect();
  }
  await last.me.setAttributes({ still: "here" });
  await last.ear.next("worker.attributesUpdated");
  t.is("who has another session stays", await activityOf(people.Alice), "Available");
  last.me.disconnect();
  await gone(people.Alice);
  t.ok("with the last one the Worker is Offline", true);
  t.is("but for whoever did not want that", await activityOf(people.Bob), "Available");
  t.is("or did not say so", await activityOf(people.Carol), "Available");
  await inFlex(t);
}

/** In a Workspace of this name it is so unless one says otherwise. */
async function inFlex(t) {
  const place = await Place.make("Flex Task Assignment");
  t.places.push(place);
  const dave = await place.addWorker("Dave");
  const { me } = await place.connect(dave);
  me.disconnect();
  const offline = async () => (await place.get(`Workers/${dave.sid}`)).activity_name === "Offline";
  t.ok("in Flex the Worker goes Offline unless told otherwise", await until(offline, 3));
}

module.exports = { play };
