"""`python -m scripts.district`."""

import sys

from scripts.district.cli import main

if __name__ == "__main__":
    sys.exit(main())
