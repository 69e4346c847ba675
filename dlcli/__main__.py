"""The way into the program, as `dlcli` and as `python -m dlcli`: signals first: the rest takes a while to load."""

from dlcli.signals import take_over


def main() -> None:
    take_over()
    from dlcli.cli.app import main as run_program

    run_program()


if __name__ == "__main__":
    main()
