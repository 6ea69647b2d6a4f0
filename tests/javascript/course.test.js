// @ts-check
// How the map of the course opens a notebook.

import assert from "node:assert/strict";
import { test } from "node:test";
import { link } from "../../labkit/widgets/course/panel.js";

const LESSON = {
  name: "07_routing",
  number: "07",
  title: "Routing",
  goal: "",
  minutes: 20,
  done: 0,
  steps: 5,
  howFar: "not begun",
  where: "",
  complete: false,
  here: false,
  next: false,
  file: "work/07_routing.ipynb",
  path: "work/07_routing.ipynb",
  url: "/lab/tree/work/07_routing.ipynb",
};

test("a browser finds the notebook in Jupyter", () => {
  assert.deepEqual(link(LESSON), { href: LESSON.url, target: "_blank", rel: "noopener" });
});

test("the notebook that one is in, and one that no server has, are no links", () => {
  for (const lesson of [
    { ...LESSON, here: true },
    { ...LESSON, path: "", url: "" },
  ]) {
    assert.deepEqual(link(lesson), { href: null, target: null, rel: null });
  }
});
