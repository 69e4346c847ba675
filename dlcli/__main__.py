"""`python -m dlcli` is `dlcli`."""

from dlcli.cli.app import main

if __name__ == "__main__":
    main()
