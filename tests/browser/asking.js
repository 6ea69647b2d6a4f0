// A panel that has nothing but the shared way of asking why.

import { connect, el, frame, setText, whyButton } from "../../labkit/widgets/js/shared.js";

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
