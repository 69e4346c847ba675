"""Whether several images a run cost less than one at a time: processor time an image of the bundled networks' run().

The bundled files take one image; here their batch axis is freed: the first dimension of what they take and give, and
a leading 1 in the shapes that they reshape to.
"""

import time
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from dlcli.models import BUNDLED
from dlcli.runtime.quiet_import import load_onnxruntime

SIZES, ROUNDS, IMAGES = (1, 2, 4, 8), 7, 24


def freed(path: Path) -> bytes:
    """The network with a batch of any size."""
    model = onnx.load(path)
    for item in (*model.graph.input, *model.graph.output):
        item.type.tensor_type.shape.dim[0].dim_param = "n"
    shapes = {node.input[1] for node in model.graph.node if node.op_type == "Reshape"}
    constants = {node.output[0]: node.attribute[0].t for node in model.graph.node if node.op_type == "Constant"}
    constants |= {tensor.name: tensor for tensor in model.graph.initializer}
    for name in shapes:
        tensor = constants[name]
        shape = numpy_helper.to_array(tensor).copy()
        if len(shape) > 1 and shape[0] == 1:
            shape[0] = 0 if -1 in shape else -1
            tensor.CopyFrom(numpy_helper.from_array(shape, tensor.name))
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())


def cost(session: object, images: np.ndarray, size: int) -> float:
    """Milliseconds of the processor an image."""
    name = session.get_inputs()[0].name  # type: ignore[attr-defined]
    began = time.process_time()
    for first in range(0, len(images), size):
        session.run(None, {name: images[first : first + size]})  # type: ignore[attr-defined]
    return 1000 * (time.process_time() - began) / len(images)


def main() -> None:
    ort = load_onnxruntime()
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    for model in ("coco", "imagenet", "voc-seg"):
        session = ort.InferenceSession(freed(BUNDLED / f"{model}.onnx"), options, providers=["CPUExecutionProvider"])
        shape = session.get_inputs()[0].shape[1:]
        images = np.random.default_rng(0).normal(size=(IMAGES, *shape)).astype(np.float32)
        alone, together = session.run(None, {"image": images[:1]}), session.run(None, {"image": images[:8]})
        equal = all(np.array_equal(one[0], eight[0]) for one, eight in zip(alone, together, strict=True))
        costs = {size: sorted(cost(session, images, size) for _ in range(ROUNDS))[ROUNDS // 2] for size in SIZES}
        said = ", ".join(f"{size} a run {costs[size]:.1f} ms" for size in SIZES)
        print(f"{model}: {said}; the numbers are {'equal' if equal else 'not equal'}")


if __name__ == "__main__":
    main()
