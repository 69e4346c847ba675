"""`dlcli models ...`: what models there are, what each says of itself, whether its file is as it was recorded."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli.commands.models_import import add_to as add_import
from dlcli.console import Console
from dlcli.tasks.options import THERE

if TYPE_CHECKING:
    from dlcli.models.inventory import Entry

AS_JSON = typer.Option("--json", help="One line of JSON for each.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(
        group,
        name="models",
        help="List, check, import and pull models.\n\nBundled ones, imported ones and runs; only pull opens a socket.",
    )
    group.command("list", help="List models: name, kind, task, classes, size, license.")(list_all)
    group.command("info", help="Show a model's card: labels, input, scores, license.")(info)
    group.command("verify", help="Verify model files against their recorded SHA-256.")(verify_sums)
    group.command("path", help="Print where the .onnx file of a model is.")(path_of)
    group.command("remove", help="Remove a model that was imported.")(remove)
    add_import(group)
    group.command("networks", help="List the networks that train can build, by name.")(networks)
    group.command("pull", help="Download torchvision's weights; this opens a socket.")(pull)


def list_all(
    folders: Annotated[list[Path] | None, typer.Argument(help="Also the runs below these folders.", **THERE)] = None,
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from dlcli.errors import DlcliError
    from dlcli.models.inventory import inventory

    console, failed = Console(), None
    rows: list[tuple[str, ...]] = []
    for entry in inventory(folders or []):
        if isinstance(entry, DlcliError):
            console.failure(f"dlcli: {entry}")
            failed = entry
        elif as_json:
            console.data(json.dumps(_fields(entry), ensure_ascii=False))
        else:
            rows.append(_row(entry))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        console.line("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def info(
    model: Annotated[str, typer.Argument(help="A bundled or imported model, an .onnx file or a run folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="The card as one line of JSON.")] = False,
) -> None:
    from dlcli.card import read_card
    from dlcli.models.card_page import card_page
    from dlcli.models.checksums import file_digest
    from dlcli.models.store import locate

    path = locate(model, "MODEL")
    card = json.loads(read_card(path).to_json())
    console = Console()
    if as_json:
        console.data(json.dumps(card | {"sha256": file_digest(path)}, ensure_ascii=False))
        return
    for line in (*card_page(card), f"file: {path}", f"sha256: {file_digest(path)}"):
        console.line(line)


def verify_sums(
    name: Annotated[str, typer.Argument(help="A bundled or imported model; all of them unless given.")] = "",
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    from dlcli.errors import ExitCode
    from dlcli.models.inventory import verify

    console, bad = Console(), 0
    for path, fault in verify(name):
        bad += fault is not None
        if as_json:
            console.data(json.dumps({"path": str(path), "ok": fault is None, "error": str(fault) if fault else None}))
        elif fault is None:
            console.line(f"{path}: OK")
        if fault is not None:
            console.failure(f"dlcli: {fault}")
    if bad:
        raise typer.Exit(ExitCode.STOPPED)


def path_of(model: Annotated[str, typer.Argument(help="A bundled or imported model, or a run folder.")]) -> None:
    from dlcli.models.store import locate

    Console().line(str(locate(model, "MODEL")))


def remove(name: Annotated[str, typer.Argument(help="The name that it was imported by.")]) -> None:
    from dlcli.models.user_folder import remove_model

    Console().say(f"removed: {remove_model(name)}")


def networks(as_json: Annotated[bool, AS_JSON] = False) -> None:
    from dataclasses import asdict

    from dlcli.training.networks import networks_by_training

    console = Console()
    for training, net in networks_by_training():
        if as_json:
            console.data(json.dumps({"task": training, **asdict(net)}))
        else:
            console.line(f"{training:8}  {net.name:10}  {net.parameters / 1e6:5.1f} M  {net.summary}")
    if not as_json:
        console.say(
            "dlcli train TASK DATA --net NAME; torchvision/NAME, timm/NAME and smp/ARCH-ENCODER name those of libraries"
        )


def pull(name: Annotated[str, typer.Argument(help="Such as torchvision/resnet18.")]) -> None:
    from dlcli.distribution import install_command
    from dlcli.errors import MissingError, UsageError
    from dlcli.models.decodings import REGISTRY

    if not name.startswith(REGISTRY):
        raise UsageError(f"NAME {name}: expected a name of torchvision's registry, such as {REGISTRY}resnet18")
    try:
        from dlcli.nets.torchvision.models import registered

        network = registered(name)
    except ImportError as error:
        advice = install_command("train")
        raise MissingError(f"{name} needs {error.name}, not installed here; run: {advice}") from None
    from dlcli.models.pull import pull as fetch

    console = Console()
    if network.path.is_file():
        console.say(f"{network.path}: is there already")
        return
    size = fetch(network.url, network.path, console)
    console.say(f"{network.path}: {size:,} bytes from {network.url}")


def _fields(entry: "Entry") -> dict[str, object]:
    from dlcli.models.checksums import file_digest

    return {
        "name": entry.name,
        "kind": entry.kind,
        "task": entry.card.task,
        "classes": len(entry.card.labels),
        "bytes": entry.bytes,
        "license": entry.card.license,
        "sha256": file_digest(entry.path),
        "path": str(entry.path),
    }


def _row(entry: "Entry") -> tuple[str, ...]:
    classes = f"{len(entry.card.labels) or 'no'} classes"
    license = entry.card.license or "license not stated"
    return entry.name, entry.kind, entry.card.task, classes, f"{entry.bytes / 1e6:.1f} MB", license
