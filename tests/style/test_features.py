"""The feature network: its layers are the backbone's own, gradients reach the image, the weights stay."""

import torch

from dlcli.nets.efficientnet_lite import EfficientNetLite0Classifier
from dlcli.nets.lite_features import CONTENT_TAPS, TAPS, LiteFeatures
from dlcli.nets.weights import load_weights
from tests.style.images import WEIGHTS, lite, sample


def test_layers_are_what_the_backbone_computes_on_its_way():
    net = EfficientNetLite0Classifier().eval()
    load_weights(WEIGHTS, net)
    seen = []
    modules = [net.backbone.stem, *(net.backbone.blocks[tap].depthwise for tap in TAPS[1:])]
    hooks = [module.register_forward_hook(lambda _m, _i, out: seen.append(out)) for module in modules]
    image = sample("cat", 96)
    image = image[:, :, : image.shape[2] // 32 * 32]
    with torch.no_grad():
        net.backbone((image * 255 - 127) / 128)
    for hook in hooks:
        hook.remove()
    with torch.no_grad():
        found = LiteFeatures(net.backbone).of(image)
    assert [f.shape[1] for f in found] == [32, 32, 96, 144, 240, 480]
    assert len(found) == len(seen)
    assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(found, seen, strict=True))  # of values up to 6


def test_strides_and_content_layers():
    features = lite()
    found = features.of(torch.rand(1, 3, 64, 96))
    assert [tuple(f.shape[2:]) for f in found] == [(32, 48), (32, 48), (16, 24), (8, 12), (4, 6), (4, 6)]
    assert [TAPS[i] for i in features.content_layers] == list(CONTENT_TAPS)
    assert features.style_layers == (0, 1, 2, 3, 4, 5)


def test_an_image_of_any_size_has_features():
    for size in ((16, 16), (17, 33), (16, 200)):
        assert all(torch.isfinite(f).all() for f in lite().of(torch.rand(1, 3, *size)))


def test_gradients_reach_every_pixel_and_no_weight():
    features = lite()
    image = torch.rand(1, 3, 48, 48, requires_grad=True)
    sum(f.square().mean() for f in features.of(image)).backward()
    assert (image.grad.abs().sum(1) > 0).all()
    assert all(p.grad is None and not p.requires_grad for p in features.parameters())
