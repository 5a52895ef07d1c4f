"""`python -m scripts.vehicle`."""

import sys

from scripts.vehicle.cli import main

if __name__ == "__main__":
    sys.exit(main())
