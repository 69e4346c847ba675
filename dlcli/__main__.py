"""The way into the program, as `dlcli` and as `python -m dlcli`: signals first: the rest takes a while to load."""

from dlcli.signals import take_over


def main() -> None:
    take_over()
    from dlcli.errors import DataError

    try:
        from dlcli.cli.app import main as run_program
    except DataError as error:  # the folder of a task is incomplete
        from dlcli.console import Console

        Console().error(f"dlcli: {error}")
        raise SystemExit(error.exit_code) from None
    run_program()


if __name__ == "__main__":
    main()
