"""`python -m supervisor` is the `lookout` command."""

from supervisor.cli import main

main()
