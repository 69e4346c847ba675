"""YOLOv5 to v9 and v11, and YOLOv6 and YOLOX exported decoded: boxes in pixels for every anchor or cell."""

from dlcli.models.decodings import YOLO_V5, YOLO_V8
from dlcli.tasks.detect.layouts.cells import STRIDES, count
from dlcli.tasks.detect.layouts.layout import Layout, Network, Outputs, are_scores, only
from dlcli.tasks.detect.layouts.yolox import is_relative

MOST_PER_CELL = 9
ALONE = ((8,), (16,), (32,))  # strides of networks with a single level


def yolov8(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """[1, 4 + classes, N]; the other way round it could be something else, and must be asked for."""
    found = only(outputs, 1, 4 + network.classes, None)
    if found is None:
        return None
    columns = outputs[found[0]][0]
    return found if columns.shape[1] > 0 and are_scores(columns[4:]) and not are_scores(columns[:2]) else None


def yolov5(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """[1, N, 5 + classes], N a multiple of the cells."""
    found = only(outputs, 1, None, 5 + network.classes)
    if found is None:
        return None
    rows = outputs[found[0]][0]
    whole = any(
        not len(rows) % cells and 0 < len(rows) // cells <= MOST_PER_CELL
        for cells in (count(network.size, strides) for strides in (*STRIDES, *ALONE))
    )
    return found if whole and are_scores(rows[:, 4:]) and not is_relative(rows) else None


YOLOV8 = Layout(YOLO_V8, "YOLOv8, v9, v11: [1, 4 + classes, N]", yolov8, None)
YOLOV5 = Layout(YOLO_V5, "YOLOv5, v6, v7, YOLOX decoded: [1, N, 5 + classes]", yolov5, None)
LAYOUTS = (YOLOV8, YOLOV5)
