// Twilio's Worker SDK (npm twilio-taskrouter), unmodified, against a sandbox: prints one line of JSON, a list of
// {chapter, name, problem}, where `problem` is null for a check that held. The chapters are the files in chapters/; each
// has a Workspace of its own, and a few are played at once. With names of chapters as arguments only these are.

const { readdirSync } = require("node:fs");
const { join, parse } = require("node:path");
const { isDeepStrictEqual, inspect } = require("node:util");
const { Place } = require("./place.js");

const FOLDER = join(__dirname, "chapters");
const LONGEST = ["tokens", "wire"];
const AT_ONCE = 4;
const LIMIT_SECONDS = 60;

/** The checks of one chapter. */
class Chapter {
  constructor(name, found) {
    this.name = name;
    this.found = found;
    this.places = [];
  }

  /** A Workspace for this chapter. */
  async place(options) {
    const place = await Place.make(this.name, options);
    this.places.push(place);
    return place;
  }

  note(name, problem) {
    this.found.push({ chapter: this.name, name, problem });
  }

  is(name, actual, expected) {
    const same = isDeepStrictEqual(actual, expected);
    this.note(name, same ? null : `${inspect(actual)} is not ${inspect(expected)}`);
  }

  ok(name, value, told = value) {
    this.note(name, value ? null : `not so: ${inspect(told)}`);
  }

  /** The promise must be rejected, with a message that the pattern matches. */
  async refused(name, promise, pattern, errorName = "REQUEST_INVALID") {
    try {
      await promise;
      this.note(name, "it was not refused");
    } catch (error) {
      const fits = error.name === errorName && pattern.test(error.message);
      this.note(name, fits ? null : `refused as ${error.name}: ${error.message}`);
    }
  }
}

async function played(name, found) {
  const chapter = new Chapter(name, found);
  try {
    await require(join(FOLDER, name)).play(chapter);
    chapter.note("played to its end", null);
  } catch (error) {
    chapter.note("played to its end", String(error.stack ?? error));
  }
  for (const place of chapter.places) {
    place.leave();
  }
}

async function main() {
  const found = [];
  process.on("unhandledRejection", (error) => {
    found.push({ chapter: "all", name: "no promise is rejected unheard", problem: String(error.stack ?? error) });
  });
  const given = process.argv.slice(2);
  const chosen = given.length ? given : readdirSync(FOLDER).map((file) => parse(file).name);
  const late = setTimeout(() => {
    found.push({ chapter: "all", name: "in time", problem: `not after ${LIMIT_SECONDS} s` });
    end(found);
  }, LIMIT_SECONDS * 1000);
  const waiting = chosen.sort((one, other) => LONGEST.includes(other) - LONGEST.includes(one));
  const playOn = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      await played(name, found);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, playOn));
  clearTimeout(late);
  end(found);
}

/** The SDK keeps timers that would hold the process for an hour. */
function end(found) {
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
}

main();
