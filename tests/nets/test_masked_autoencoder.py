"""The encoder sees the visible patches alone, patches go back to where they were, and weights fit a classifier."""

import torch

from dlcli.nets.build_classifier import network
from dlcli.nets.classifiers.vit import VisionTransformer
from dlcli.nets.masked_autoencoder import MaskedAutoencoder, from_patches, to_patches

SMALL = {"patch": 8, "channels": 24, "heads": 2, "depth": 2}
SEEN = torch.tensor([[3, 0], [1, 2]])


def small():
    torch.manual_seed(0)
    return MaskedAutoencoder(16, **SMALL).eval()


def test_what_is_hidden_changes_nothing():
    net, x = small(), torch.randn(2, 3, 16, 16)
    found = net(x, SEEN)
    assert found.shape == (2, 4, 192)
    patches = to_patches(x, 8)
    for image in range(2):
        for patch in range(4):
            moved = patches.clone()
            moved[image, patch] += 1
            changed = not torch.equal(net(from_patches(moved, 8, 16), SEEN), found)
            assert changed == (patch in SEEN[image].tolist())


def test_patches_go_back_and_are_what_the_encoder_reads():
    x = torch.randn(2, 3, 24, 24)
    patches = to_patches(x, 8)
    assert torch.equal(from_patches(patches, 8, 24), x)
    assert torch.equal(patches[1, 5].view(3, 8, 8), x[1, :, 8:16, 16:24])


def test_all_patches_seen_is_a_vision_transformer():
    net, x = small(), torch.randn(2, 3, 16, 16)
    vit = VisionTransformer(5, 16, **SMALL).eval()
    missing = vit.load_state_dict(net.state_dict(), strict=False).missing_keys
    assert missing == ["heads.head.weight", "heads.head.bias"]
    ordered = net.encoded(x, torch.arange(4).expand(2, 4))
    assert torch.allclose(vit.heads(ordered[:, 0]), vit(x), atol=1e-5)
    turned = net.encoded(x, torch.tensor([[2, 0, 3, 1]] * 2))
    assert torch.allclose(turned[:, 0], ordered[:, 0], atol=1e-5)


def test_a_gradient_reaches_every_parameter():
    net = small()
    net(torch.randn(2, 3, 16, 16), SEEN).square().sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum()] == []


def test_the_micro_network_is_built_by_name():
    assert network("vit-micro", 3, 32)(torch.zeros(1, 3, 32, 32)).shape == (1, 3)
