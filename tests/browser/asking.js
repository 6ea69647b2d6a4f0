// @ts-check
// A panel that has nothing but the shared way of asking why.

import { el, setText } from "../../labkit/widgets/js/dom.js";
import { frame } from "../../labkit/widgets/js/frame.js";
import { whyButton } from "../../labkit/widgets/js/why.js";
import { connect } from "../../labkit/widgets/js/wire.js";

/**
 * @import { WhyAnswers } from "../../labkit/widgets/js/why.js"
 * @import { KernelTime, Shown, Wire } from "../../labkit/widgets/js/wire.js"
 */

/** @param {Shown<KernelTime & { task: string }>} shown */
function render({ model, el: host }) {
  const view = frame(host, "asking", "Asking");
  const keys = el("output", { text: "" });
  view.root.addEventListener("keydown", (event) => setText(keys, keys.textContent + event.key));
  /** @type {Wire<WhyAnswers>} */
  const wire = connect(model, view, () => {});
  view.body.append(
    whyButton(wire, () => model.get("state").task),
    keys,
  );
  wire.start();
  return wire.stop;
}

export default { render };
