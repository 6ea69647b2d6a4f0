"""`python -m bench [figure ...]`: measure these figures, or all of them."""

from __future__ import annotations

import argparse
import sys

from bench.figures import main
from labkit.errors import LabError


def run() -> int:
    """The exit status: 0 when every figure was measured, 1 when one was not, 2 when a name is unknown."""
    parser = argparse.ArgumentParser(
        prog="bench", description="Measure, print a table of figures and write bench.json."
    )
    parser.add_argument("names", nargs="*", help="only these figures; all by default")
    try:
        return main(parser.parse_args().names)
    except LabError as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(run())
