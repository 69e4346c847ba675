"""`dlcli models list|info`: what is bundled, and what a model file says of itself."""

import json
from typing import Annotated

import typer

from dlcli.console import Console


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="models", help="The bundled models, and the card in a model file.")
    group.command("list", help="The bundled models, one a line.")(list_all)
    group.command("info", help="The card of a model: labels, input, scores, training data, licence.")(info)


def list_all() -> None:
    from dlcli.models.store import list_models

    for model in list_models():
        card, megabytes = model.card, model.path.stat().st_size / 1e6
        Console().line(f"{model.name}  {card.task}  {len(card.labels)} classes  {megabytes:.1f} MB  {card.licence}")


def info(
    model: Annotated[str, typer.Argument(help="A bundled model, an .onnx file or a run folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="The card as one line of JSON.")] = False,
) -> None:
    from dlcli.card import read_card
    from dlcli.models.digest import file_digest
    from dlcli.models.store import locate

    path = locate(model)
    card = json.loads(read_card(path).to_json())
    console = Console()
    if as_json:
        console.data(json.dumps(card | {"sha256": file_digest(path)}, ensure_ascii=False))
        return
    console.line(f"file: {path}")
    console.line(f"sha256: {file_digest(path)}")
    for name, value in card.items():
        console.line(f"{name}: {_shown(value)}")


def _shown(value: object) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
