"""The panels' scripts: files that import and export, put together as the one ES module that anywidget takes.

There is no build step: a panel's script is read when its class is made. Each file becomes a function that is called
once and returns what the file exports, so that a file is a scope of its own, and what it imports comes before it.

A file says at the beginning of a line, and in no other way:
`import { name, other as another } from "./file.js";`, `export function`, `export async function`, `export const`,
`export class`, and `export default` in the panel's own file.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

# Each begins with the end of a line and not with a "^", which would be tried at every character.
_IMPORT = re.compile(r'\nimport \{([^{}]*)\} from "([^"\n]+)";')
_EXPORT = re.compile(r"\nexport (?=(?:async function|function|const|class) (\w+))")
_DEFAULT = re.compile(r"\nexport default ")
_OTHER = re.compile(r"\n[ \t]*((?:import|export)\b.*)")


def one_module(entry: str, *, root: Path) -> str:
    """The text of one ES module with the default export of `entry`, and with all that it imports.

    Args:
        entry: the file that has the `export default`, such as `inbox/panel.js`, below `root`.
        root: the folder that no import may leave.

    Raises:
        ValueError: an import leads nowhere, out of `root` or round in a circle; a name is exported twice, or imported
            and not exported; or an import or export is written in another way than above.
    """
    modules = _Modules(root)
    name = modules.add_file(entry, wanted="default", by="the panel")
    return "\n".join([*modules.parts, f"export default {name}.default;\n"])


class _Modules:
    """The files so far, each named by its path below the root, and the variables that have what they export."""

    def __init__(self, root: Path) -> None:
        self.parts: list[str] = []
        self._root = root
        self._exports: dict[str, frozenset[str]] = {}
        self._begun: list[str] = []

    def add_file(self, path: str, *, wanted: str, by: str) -> str:
        """The variable that has what this file exports; `wanted` is what `by` imports of it, as it is written there."""
        name = "$" + re.sub(r"\W", "$", path.removesuffix(".js"))
        if name not in self._exports:
            self._exports[name] = self._write(path, name, by=by)
        self._check(wanted, name, by=by, of=path)
        return name

    def _write(self, path: str, name: str, *, by: str) -> frozenset[str]:
        if path in self._begun:
            raise ValueError(f"imports in a circle: {' → '.join([*self._begun[self._begun.index(path) :], path])}")
        self._begun.append(path)
        body = _IMPORT.sub(lambda found: self._imported(path, found), "\n" + self._text(path, by=by))
        body, exports = _exported(body, of=path)
        returned = ", ".join("default: $default" if each == "default" else each for each in exports)
        self.parts.append(f"const {name} = (() => {{ // {path}{body}\nreturn {{ {returned} }};\n}})();")
        self._begun.pop()
        return frozenset(exports)

    def _text(self, path: str, *, by: str) -> str:
        if path.startswith("../"):
            raise ValueError(f"{by} imports {path}, which is outside of {self._root.name}")
        try:
            return (self._root / path).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ValueError(f"{by} imports {path}, and there is no such file") from None

    def _imported(self, path: str, found: re.Match[str]) -> str:
        wanted, where = found.groups()
        if not where.startswith("."):
            raise ValueError(f"{path} imports {where}, which is not a file (./{where}.js)")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), where))
        source = self.add_file(target, wanted=wanted, by=path)
        return f"\nconst {{{wanted.replace(' as ', ': ')}}} = {source};"

    def _check(self, wanted: str, name: str, *, by: str, of: str) -> None:
        names = {part.split(" as ")[0].strip() for part in wanted.split(",")} - {""}
        unknown = sorted(names - self._exports[name])
        if unknown:
            raise ValueError(f"{by} imports {', '.join(unknown)} from {of}, which does not export it")


def _exported(body: str, *, of: str) -> tuple[str, list[str]]:
    """The text without the word `export`, and the names that it exports."""
    exports = _EXPORT.findall(body) + ["default" for _ in _DEFAULT.findall(body)]
    twice = sorted({name for name in exports if exports.count(name) > 1})
    if twice:
        raise ValueError(f"{of} exports {', '.join(twice)} twice")
    body = _DEFAULT.sub("\nconst $default = ", _EXPORT.sub("\n", body))
    other = _OTHER.search(body)
    if other:
        raise ValueError(f"{of} has an import or export in a form that is not known here: {other[1]}")
    return body, exports
