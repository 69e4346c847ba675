"""The command tree in three forms: JSON for programs, a page and a manual page for people.

`python -m dlcli.cli.reference docs` writes docs/reference.md and docs/dlcli.1 again.
"""
