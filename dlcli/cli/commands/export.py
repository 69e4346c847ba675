"""`dlcli export RUN`: a thin way to the exporter."""

from importlib import import_module

import typer

from dlcli.cli.build import add_command
from dlcli.cli.commands.train import need_train_extra
from dlcli.export.options import ExportOptions

HELP = "Write a trained network as one .onnx file.\n\nWith its card, checked against torch; needs the extra [train]."
EXAMPLES = ("dlcli export runs/mine", "dlcli export runs/mine --int8 --out mine.onnx")


def add_to(app: typer.Typer) -> None:
    add_command(app, "export", HELP, (ExportOptions,), _export, EXAMPLES)


EXPORTERS = {  # task of the run -> module and function of (options, report)
    "detect": ("dlcli.export.detector", "export_run"),
    "classify": ("dlcli.export.classifier", "export_classifier"),
    "segment": ("dlcli.export.segmenter", "export_segmenter"),
    "style-transfer": ("dlcli.export.style", "export_style"),
}


def _export(options: ExportOptions) -> None:
    need_train_extra("dlcli export")
    from dlcli.console import rich_stderr
    from dlcli.models.run_folder import read_run
    from dlcli.training.log import TrainingReport

    module, function = EXPORTERS[read_run(options.run).card.task]
    getattr(import_module(module), function)(options, TrainingReport(rich_stderr(), options.quiet))
