"""The panels' scripts are put together from files that import and export."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labkit.widgets.esm import one_module

PANEL = "export default { render };\n"

MISTAKES = {
    "an unknown name": (
        {"panel.js": 'import { two } from "./one.js";\n' + PANEL, "one.js": "export const one = 1;\n"},
        "panel.js imports two from one.js, which does not export it",
    ),
    "an unknown file": (
        {"panel.js": 'import { one } from "./none.js";\n' + PANEL},
        "panel.js imports none.js, and there is no such file",
    ),
    "an unknown library": (
        {"panel.js": 'import { one } from "lodash";\n' + PANEL},
        "panel.js imports lodash, which is not a file (./lodash.js)",
    ),
    "a circle": (
        {
            "panel.js": 'import { a } from "./a.js";\n' + PANEL,
            "a.js": 'import { b } from "./b.js";\nexport const a = 1;\n',
            "b.js": 'import { a } from "./a.js";\nexport const b = 1;\n',
        },
        "imports in a circle: a.js → b.js → a.js",
    ),
    "a path that leaves the folder": (
        {"panel.js": 'import { one } from "../outside.js";\n' + PANEL, "../outside.js": "export const one = 1;\n"},
        "panel.js imports ../outside.js, which is outside of widgets",
    ),
    "a name exported twice": (
        {"panel.js": "export function one() {}\nexport const one = 1;\n" + PANEL},
        "panel.js exports one twice",
    ),
    "nothing to show": (
        {"panel.js": "export const one = 1;\n"},
        "the panel imports default from panel.js, which does not export it",
    ),
    "an import of everything": (
        {"panel.js": 'import * as all from "./one.js";\n' + PANEL, "one.js": "export const one = 1;\n"},
        'not known here: import * as all from "./one.js";',
    ),
    "an export that may change": (
        {"panel.js": "export let one = 1;\n" + PANEL},
        "panel.js has an import or export in a form that is not known here: export let one = 1;",
    ),
}


def module(folder: Path, files: dict[str, str]) -> str:
    """One module of these files, of which `panel.js` is the first."""
    root = folder / "widgets"
    root.mkdir()
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return one_module("panel.js", root=root)


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_an_error_that_names_it(tmp_path: Path, what: str) -> None:
    """The browser would say less, and only when somebody looks at the panel."""
    files, sentence = MISTAKES[what]
    with pytest.raises(ValueError, match=re.escape(sentence)):
        module(tmp_path, files)


def test_what_is_imported_comes_first_and_once(tmp_path: Path) -> None:
    """Depth first, whoever imports it, and whatever the way is called."""
    found = module(
        tmp_path,
        {
            "panel.js": 'import { a } from "./a.js";\nimport { b as other } from "./js/b.js";\n' + PANEL,
            "a.js": 'import { b } from "./js/b.js";\nexport const a = b;\n',
            "js/b.js": "export const b = 1;\n",
        },
    )
    assert [found.count(f"// {name}\n") for name in ("js/b.js", "a.js", "panel.js")] == [1, 1, 1]
    assert found.index("// js/b.js") < found.index("// a.js") < found.index("// panel.js")
    assert "const { b: other } = $js$b;" in found


def test_each_file_is_a_scope_of_its_own(tmp_path: Path) -> None:
    """A name that a file keeps to itself may be another's too; one statement of the module exports."""
    own = "const own = 1;\nexport async function {}() {{ return own; }}\n"
    found = module(
        tmp_path,
        {
            "panel.js": 'import {\n  a,\n} from "./a.js";\nimport { b } from "./b.js";\nconst own = 2;\n' + PANEL,
            "a.js": own.format("a"),
            "b.js": own.format("b"),
        },
    )
    assert found.count("(() => {") == 3
    assert "return { a };" in found
    assert re.findall(r"^export .*", found, flags=re.MULTILINE) == ["export default $panel.default;"]
    assert "import" not in found


def test_comments_may_speak_of_imports(tmp_path: Path) -> None:
    """Types are imported in comments, and no file has to be there for them."""
    text = '/** @import { Model } from "./nowhere.js" */\n// import { a } from "./b.js";\n'
    assert text in module(tmp_path, {"panel.js": text + PANEL})
