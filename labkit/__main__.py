"""`python -m labkit`: see labkit/cli/parser.py."""

import sys

from labkit.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
