"""`dlcli export RUN`: a thin way to the exporter."""

import typer

from dlcli.cli.build import add_command
from dlcli.cli.commands.train import need_train_extra
from dlcli.errors import UsageError
from dlcli.export.options import ExportOptions
from dlcli.tasks.registry import find_task, import_name
from dlcli.training.registry import all_trainings

HELP = "Write a trained network as one .onnx file.\n\nWith its card, checked against torch; needs the extra [train]."
EXAMPLES = ("dlcli export runs/mine", "dlcli export runs/mine --int8 --out mine.onnx")


def add_to(app: typer.Typer) -> None:
    add_command(app, "export", HELP, (ExportOptions,), _export, EXAMPLES)


def _export(options: ExportOptions) -> None:
    need_train_extra("dlcli export")
    from dlcli.console import rich_stderr
    from dlcli.models.run_folder import read_run
    from dlcli.training.log import TrainLog

    name = read_run(options.run).card.task
    training = all_trainings().get(name)
    exporter = training.exporter if training and training.exporter else find_task(name).exporter
    if not exporter:
        raise UsageError(f"{options.run}: is a run of {name}, whose networks have no ONNX form")
    import_name(exporter)(options, TrainLog(rich_stderr(), options.quiet))
