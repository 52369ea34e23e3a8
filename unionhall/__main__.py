"""`python -m unionhall` is the `unionhall` command."""

import sys

from unionhall.cli import main

if __name__ == "__main__":
    sys.exit(main())
