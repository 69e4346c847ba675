"""What `dlcli export` makes of a library's network answers as the network does, in ONNX Runtime."""

import numpy as np
import onnxruntime
import pytest
import torch

from dlcli.export.graph import to_graph
from dlcli.nets.build_classifier import network
from dlcli.nets.build_segmenter import segmenter_network

NETWORKS = {
    "timm/test_vit": lambda name: network(name, 3, 64),
    "smp/linknet-tu-test_convnext": lambda name: segmenter_network(name, 3),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_onnx_agrees(name):
    torch.manual_seed(0)
    net = NETWORKS[name](name).eval()
    for weight in net.parameters():  # some begin with a last layer of zeros
        torch.nn.init.normal_(weight, std=0.1)
    image = torch.linspace(-1, 1, 3 * 64 * 64).view(1, 3, 64, 64)
    with torch.inference_mode():
        wanted = net(image).numpy()
    assert wanted.std() > 1e-3
    graph = to_graph(net, (64, 64), ("scores",)).SerializeToString()
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    given = session.run(None, {"image": image.numpy()})[0]
    np.testing.assert_allclose(given, wanted, atol=1e-4 * np.abs(wanted).max())
