// A panel that has nothing but the shared way of asking why.

import { el, setText } from "../../labkit/widgets/js/dom.js";
import { frame } from "../../labkit/widgets/js/frame.js";
import { whyButton } from "../../labkit/widgets/js/why.js";
import { connect } from "../../labkit/widgets/js/wire.js";

function render({ model, el: host }) {
  const view = frame(host, "asking", "Asking");
  let key = "";
  view.root.addEventListener("keydown", (event) => (key += event.key));
  const wire = connect(model, view, (state) => {
    if (!view.body.firstChild) view.body.append(whyButton(wire, state.task), el("output", { text: "" }));
    setText(view.body.lastChild, key);
  });
  wire.start();
  return wire.stop;
}

export default { render };
