"""The painter: its normalization against NumPy, sizes, range, and blends of styles."""

import numpy as np
import pytest
import torch

from dlcli.nets.style_network import EPS, MirrorConv, StyledNorm, StyleNetwork

RNG = np.random.default_rng(2)


def painter(styles: int = 3) -> StyleNetwork:
    torch.manual_seed(0)
    return StyleNetwork(styles, (4, 6, 8), blocks=2).eval()


def test_styled_norm_against_numpy():
    norm = StyledNorm(4, 2)
    with torch.no_grad():
        norm.gain.copy_(torch.from_numpy(RNG.random((2, 4))))
        norm.bias.copy_(torch.from_numpy(RNG.random((2, 4))))
    x, style = RNG.standard_normal((2, 4, 5, 6)).astype(np.float32), np.array([[0, 1], [0.3, 0.7]], np.float32)
    expected = np.empty_like(x)
    for b in range(2):
        gain, bias = style[b] @ norm.gain.detach().numpy(), style[b] @ norm.bias.detach().numpy()
        for c in range(4):
            plane = x[b, c]
            expected[b, c] = (plane - plane.mean()) / np.sqrt(plane.var() + EPS) * gain[c] + bias[c]
    got = norm(torch.from_numpy(x), torch.from_numpy(style)).detach().numpy()
    assert np.allclose(got, expected, atol=1e-5)


def test_edges_are_mirrored():
    conv = MirrorConv(1, 1, 3)
    with torch.no_grad():
        conv.conv.weight.fill_(1 / 9)
        conv.conv.bias.zero_()
    x = RNG.random((5, 6)).astype(np.float32)
    padded = np.pad(x, 1, mode="reflect")
    expected = sum(padded[i : i + 5, j : j + 6] for i in range(3) for j in range(3)) / 9
    assert np.allclose(conv(torch.from_numpy(x)[None, None])[0, 0].detach().numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("size", [(16, 16), (32, 20), (24, 100)])
def test_the_painted_image_has_the_size_and_range_of_the_image(size):
    painted = painter()(torch.rand(2, 3, *size) * 255, torch.eye(3)[:2])
    assert painted.shape == (2, 3, *size)
    assert 0 <= painted.min() < painted.max() <= 255


def test_untrained_it_already_shows_the_image():
    """Light stays light: what is painted is added to the image."""
    image = torch.zeros(1, 3, 32, 32)
    image[..., 16:] = 255
    painted = painter()(image, torch.eye(3)[:1])
    assert painted[..., 20:].mean() > painted[..., :12].mean() + 50


def test_images_of_a_batch_do_not_see_each_other():
    net, images, styles = painter(), torch.rand(2, 3, 16, 16) * 255, torch.eye(3)[1:]
    alone = [net(images[i : i + 1], styles[i : i + 1]) for i in range(2)]
    assert torch.allclose(net(images, styles), torch.cat(alone), atol=1e-3)


def test_styles_differ_once_their_gains_do_and_a_blend_is_neither():
    net, image = painter(), torch.rand(1, 3, 16, 16) * 255
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, StyledNorm):
                module.gain.copy_(torch.rand_like(module.gain) * 2)
    first, second, blend = (net(image, torch.tensor([w])) for w in ([1.0, 0, 0], [0, 1.0, 0], [0.5, 0.5, 0]))
    assert not torch.allclose(first, second, atol=1)
    assert not torch.allclose(blend, first, atol=1)
    assert not torch.allclose(blend, second, atol=1)


def test_every_weight_learns():
    net = painter(1)
    net(torch.rand(1, 3, 32, 32) * 255, torch.ones(1, 1)).square().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters())
    matrices = [p for p in net.parameters() if p.ndim == 4]
    assert all(p.grad.abs().sum() > 0 for p in matrices)
