"""An export replaces models that dlcli wrote, and nothing else."""

import os
from pathlib import Path

import onnx
import pytest
import torch
from safetensors.torch import save_file

from dlcli.card import write_card
from dlcli.errors import UsageError
from dlcli.export.options import ExportOptions
from dlcli.export.places import paths
from dlcli.models.run_folder import read_run
from dlcli.nets.weights import save_weights


@pytest.fixture
def places(run):
    return lambda **options: paths(ExportOptions(run=run, **options), read_run(run))


def write_network(path: Path, card=None) -> None:
    model = onnx.helper.make_model(onnx.helper.make_graph([], "g", [], [])).SerializeToString()
    path.write_bytes(write_card(model, card) if card else model)


def test_where_nothing_is(places, run, tmp_path):
    assert places() == (run / "best.onnx", None)
    assert places(int8=True)[0] == run / "best-int8.onnx"
    assert places(out=tmp_path / "m.onnx", weights=True)[1] == tmp_path / "m.safetensors"


@pytest.mark.parametrize("content", [b"", b"mine", None])
@pytest.mark.parametrize("name", ["m.onnx", "m.safetensors", "run/best.onnx"])
def test_a_file_of_somebody_else_is_refused(places, tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    elif path.suffix == ".onnx":
        write_network(path)
    else:
        save_file({"a": torch.zeros(1)}, path)
    before = path.read_bytes()
    given = {} if "best" in name else {"out": tmp_path / "m.onnx", "weights": True}
    with pytest.raises(UsageError, match=f"{path.name} is there already, and carries no card of dlcli"):
        places(**given)
    assert path.read_bytes() == before


def test_models_of_dlcli_are_replaced_also_behind_a_link(places, tmp_path, card, net):
    write_network(tmp_path / "real.onnx", card)
    (tmp_path / "m.onnx").symlink_to("real.onnx")
    save_weights(tmp_path / "m.safetensors", net, card=card)
    assert places(out=tmp_path / "m.onnx", weights=True) == (tmp_path / "m.onnx", tmp_path / "m.safetensors")


@pytest.mark.parametrize("name", ["m.onnx", "m.safetensors"])
def test_a_link_to_nothing_and_a_folder_are_refused(places, tmp_path, name):
    (tmp_path / name).symlink_to("elsewhere")
    with pytest.raises(UsageError, match=f"{name} is a link to nothing"):
        places(out=tmp_path / "m.onnx", weights=True)
    os.unlink(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match=f"{name} is there already"):
        places(out=tmp_path / "m.onnx", weights=True)


def test_the_weights_of_another_run_stay(places, tmp_path, card, net):
    other = tmp_path / "other"
    other.mkdir()
    save_weights(other / "best.safetensors", net, card=card)
    (other / "config.json").write_text("{}")
    with pytest.raises(UsageError, match="another run's own"):
        places(out=other / "best.onnx", weights=True)
