"""VGG-19 from torchvision's cache: what is said where it is missing, what is read where it is there."""

from pathlib import Path

import pytest
import torch
from torchvision.models import vgg19

from dlcli.errors import DataError, MissingError
from dlcli.style.vgg import FILE, load_vgg_features


@pytest.fixture
def cache(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def test_a_missing_file_is_told_with_its_place_and_how_to_get_it(cache):
    with pytest.raises(MissingError, match=rf"{cache / FILE}.*python -c .*vgg19\(weights="):
        load_vgg_features()


@pytest.mark.parametrize("data", [b"", b"no weights", b"PK\3\4 cut off"])
def test_a_bad_file_is_named(cache, data):
    (cache / FILE).write_bytes(data)
    with pytest.raises(DataError, match=FILE):
        load_vgg_features()


def test_layers_are_those_of_torchvision(cache):
    torch.manual_seed(0)
    with torch.device("meta"):
        layers = vgg19().features
    layers = layers.to_empty(device="cpu")
    for weight in layers.parameters():
        torch.nn.init.normal_(weight, std=0.05)
    torch.save({f"features.{k}": v.half() for k, v in layers.state_dict().items()}, cache / FILE)
    layers.load_state_dict({k: v.half() for k, v in layers.state_dict().items()})
    features = load_vgg_features()
    image = torch.rand(1, 3, 32, 48, requires_grad=True)
    found = features.of(image)
    assert [f.shape[1] for f in found] == [64, 128, 256, 512, 512, 512]
    mean, std = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1), torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    with torch.no_grad():
        assert torch.allclose(found[0], layers[:2]((image - mean) / std), atol=1e-6)
        pooled = torch.nn.functional.avg_pool2d(layers[:4]((image - mean) / std), 2)
        assert torch.allclose(found[1], layers[5:7](pooled), atol=1e-6)
    found[-1].sum().backward()
    assert image.grad.abs().sum() > 0
    assert all(p.grad is None for p in features.parameters())
