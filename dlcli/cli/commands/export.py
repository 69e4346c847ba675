"""`dlcli export RUN`: a thin way to the exporter."""

import typer

from dlcli.cli.build import add_command
from dlcli.cli.commands.train import need_train_extra
from dlcli.export.options import ExportOptions

HELP = "Write a trained detector as one .onnx file with its card, checked against torch; needs dlcli[train]."


def add_to(app: typer.Typer) -> None:
    add_command(app, "export", HELP, (ExportOptions,), _export)


def _export(options: ExportOptions) -> None:
    need_train_extra("dlcli export")
    from dlcli.console import rich_stderr
    from dlcli.export.detector import export_run
    from dlcli.training.report import TrainingReport

    export_run(options, TrainingReport(rich_stderr(), options.quiet))
