// @ts-check
// A small client for TaskRouter's event bridge, under the name that Twilio's own SDK has in a page: TaskRouter.
// It has what the agent page uses, by the same names, and nothing else.

import { Worker } from "./worker.js";
import { Workspace } from "./workspace.js";

Object.assign(globalThis, { TaskRouter: { Worker, Workspace } });
