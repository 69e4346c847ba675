"""`--model torchvision/NAME`: random weights in a cache of the test's own, against torchvision itself."""

import json

import numpy as np
import pytest
import torch
from torchvision import models

from dlcli.errors import DataError, ExitCode, MissingError
from dlcli.imaging.reader import read_image
from dlcli.models.checksums import file_digest
from dlcli.nets.torchvision.models import card_of, load_network, registered
from dlcli.records import Source
from dlcli.tasks.network_input import to_input
from tests.hostile.inside import Outcome, outcome
from tests.program import CAT, validate_records

DETECTOR, CLASSIFIER = "fasterrcnn_mobilenet_v3_large_320_fpn", "resnet18"
SEGMENTER = "lraspp_mobilenet_v3_large"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return tmp_path / "hub" / "checkpoints"


def fill_cache(name: str):
    """Random weights, made by torchvision and saved where its own would be."""
    torch.manual_seed(3)
    backbone = {} if name == CLASSIFIER else {"weights_backbone": None}
    net = models.get_model(name, weights=None, **backbone)
    if name == DETECTOR:
        make_it_look(net)
    network = registered(f"torchvision/{name}")
    network.path.parent.mkdir(parents=True)
    torch.save(net.state_dict(), network.path)
    return network, net.eval()


def make_it_look(net: torch.nn.Module) -> None:
    """Random detectors see the same everywhere: measure what their batch norms divide by, and be surer of classes."""
    noise = torch.rand(2, 3, 320, 320)
    with torch.no_grad():
        for layer in net.backbone.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.momentum = None
        net.backbone.train()(noise)
        head = net.roi_heads.box_predictor.cls_score
        head.weight.normal_(0, 3)


def record_of(ran: Outcome) -> dict:
    assert ran.code == 0, ran.err
    validate_records(ran.out)
    return json.loads(ran.out)


@pytest.fixture
def pixels():
    return read_image(Source.of_file(CAT)).pixels


def test_a_detector(pixels):
    network, _ = fill_cache(DETECTOR)
    theirs = load_network(network)  # torchvision's own thresholds: scores above 0.05, IoU up to 0.5, the best 100
    ours = record_of(outcome(["detect", str(CAT), "-m", f"torchvision/{DETECTOR}", "--conf", "0.05", "--iou", "0.5",
                              "--max-det", "100", "--json"]))  # fmt: skip
    with torch.inference_mode():
        found = theirs([torch.from_numpy(pixels).permute(2, 0, 1).float() / 255])[0]
    assert len(set(found["labels"].tolist())) > 2
    assert [d["class_id"] for d in ours["detections"]] == found["labels"].tolist()
    np.testing.assert_allclose([d["score"] for d in ours["detections"]], found["scores"], atol=1e-4)
    np.testing.assert_allclose([d["box"] for d in ours["detections"]], found["boxes"], atol=0.02)
    names = network.weights.meta["categories"]
    assert all(d["label"] in (names[d["class_id"]], f"N/A {d['class_id']}") for d in ours["detections"])
    assert ours["model"] == f"torchvision/{DETECTOR}@sha256:{file_digest(network.path)[:12]}"
    some = ours["detections"][0]["label"]
    only = record_of(outcome(["detect", str(CAT), "-m", f"torchvision/{DETECTOR}", "--classes", some, "--conf", "0.05",
                              "--iou", "0.5", "--json"]))  # fmt: skip
    assert only["detections"] == [d for d in ours["detections"] if d["label"] == some]


def test_a_classifier(pixels):
    network, net = fill_cache(CLASSIFIER)
    ours = record_of(outcome(["classify", str(CAT), "-m", f"torchvision/{CLASSIFIER}", "--top", "3", "--json"]))
    tensor, _ = to_input(card_of(network, "classify"), pixels)
    with torch.inference_mode():
        scores = net(torch.from_numpy(tensor)).softmax(1)[0]
    best = scores.topk(3)
    assert [c["class_id"] for c in ours["classes"]] == best.indices.tolist()
    np.testing.assert_allclose([c["score"] for c in ours["classes"]], best.values, atol=2e-4)
    names = network.weights.meta["categories"]
    assert [c["label"] for c in ours["classes"]] == [names[i] for i in best.indices]


def test_a_classifiers_card_is_torchvisions_transform(pixels):
    """Resized by other programs, so alike and not equal."""
    network = registered(f"torchvision/{CLASSIFIER}")
    card = card_of(network, "classify")
    assert (card.input, card.crop, card.resize) == ((224, 224), 0.875, "crop")
    ours, _ = to_input(card, pixels)
    theirs = network.weights.transforms()(torch.from_numpy(pixels).permute(2, 0, 1))[None].numpy()
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.98


def test_a_segmenter():
    network, net = fill_cache(SEGMENTER)
    ours = record_of(outcome(["segment", str(CAT), "-m", f"torchvision/{SEGMENTER}", "--json"]))
    names = network.weights.meta["categories"]
    assert {(c["label"], c["class_id"]) for c in ours["classes"]} <= set(zip(names, range(21), strict=True))
    assert sum(c["share"] for c in ours["classes"]) == pytest.approx(1, abs=0.01)
    assert set(net.state_dict()) == set(load_network(network).state_dict())


@pytest.mark.parametrize(("command", "name"), [("detect", DETECTOR), ("classify", CLASSIFIER), ("segment", SEGMENTER)])
def test_without_the_weights(command, name, cache):
    ran = outcome([command, str(CAT), "--model", f"torchvision/{name}"])
    path = registered(f"torchvision/{name}").path
    assert (ran.code, ran.out) == (ExitCode.MISSING, "")
    assert ran.err == (
        f"dlcli: torchvision/{name}: its weights {path} are not there; run: dlcli models pull torchvision/{name}\n"
    )
    assert path.parent == cache


class Code:
    def __reduce__(self):
        return (print, ("this pickle has run code",))


def test_a_pickle_with_code_does_not_run(capfd):
    network, _ = fill_cache(CLASSIFIER)
    torch.save({"x": Code()}, network.path)
    with pytest.raises(DataError, match=r"expected the weights of torchvision's resnet18; remove it and run: dlcli"):
        load_network(network)
    assert "has run" not in capfd.readouterr().out


def test_weights_of_another_network(cache):
    network, _ = fill_cache(CLASSIFIER)
    torch.save(models.resnet34().state_dict(), network.path)
    with pytest.raises(DataError, match="expected the weights of torchvision's resnet18"):
        load_network(network)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["detect", "-m", "torchvision/resnet18"], ExitCode.USAGE, "expected a model for detect, got one for classify"),
        (["detect", "-m", "torchvision/fastrcnn"], ExitCode.MISSING, "the nearest are torchvision/"),
        (["detect", "-m", f"torchvision/{DETECTOR}", "--runtime", "onnx"], ExitCode.USAGE, "runs in torch"),
        (["preprocess", "--for", "torchvision/resnet18", "--out", "o"], ExitCode.USAGE, "runs in torch"),
        (["models", "pull", "resnet18"], ExitCode.USAGE, "expected a name of torchvision's registry"),
        (["models", "pull", "torchvision/none"], ExitCode.MISSING, "torchvision has no such network"),
    ],
)
def test_refused(arguments, code, words):
    ran = outcome([*arguments, *([] if arguments[0] == "models" else [str(CAT)])])
    assert (ran.code, words in ran.err, len(ran.err.splitlines())) == (code, True, 1), ran.err


@pytest.mark.parametrize("module", [models.detection, models.segmentation, models])
def test_every_network_of_the_registry_has_a_card(module):
    for name in models.list_models(module=module):
        network = registered(f"torchvision/{name}")
        card = card_of(network, "any")
        assert len(card.labels) == len(network.weights.meta["categories"])


def test_what_is_no_name():
    with pytest.raises(MissingError, match="no such network"):
        registered("torchvision/../resnet18")
