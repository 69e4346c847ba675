"""COCO's own classes and their category ids, 1 to 90 with gaps, and the ids of other sets of classes."""

from collections.abc import Sequence

UNUSED = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
COCO_LABELS = (
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "airplane",
    "bus",
    "train",
    "truck",
    "boat",
    "traffic light",
    "fire hydrant",
    "stop sign",
    "parking meter",
    "bench",
    "bird",
    "cat",
    "dog",
    "horse",
    "sheep",
    "cow",
    "elephant",
    "bear",
    "zebra",
    "giraffe",
    "backpack",
    "umbrella",
    "handbag",
    "tie",
    "suitcase",
    "frisbee",
    "skis",
    "snowboard",
    "sports ball",
    "kite",
    "baseball bat",
    "baseball glove",
    "skateboard",
    "surfboard",
    "tennis racket",
    "bottle",
    "wine glass",
    "cup",
    "fork",
    "knife",
    "spoon",
    "bowl",
    "banana",
    "apple",
    "sandwich",
    "orange",
    "broccoli",
    "carrot",
    "hot dog",
    "pizza",
    "donut",
    "cake",
    "chair",
    "couch",
    "potted plant",
    "bed",
    "dining table",
    "toilet",
    "tv",
    "laptop",
    "mouse",
    "remote",
    "keyboard",
    "cell phone",
    "microwave",
    "oven",
    "toaster",
    "sink",
    "refrigerator",
    "book",
    "clock",
    "vase",
    "scissors",
    "teddy bear",
    "hair drier",
    "toothbrush",
)
COCO_IDS = dict(zip(COCO_LABELS, (number for number in range(1, 91) if number not in UNUSED), strict=True))


def usual_category_ids(labels: Sequence[str], background: int | None = None) -> dict[int, int]:
    """By class id, where no annotation file gave any: COCO's own for its 80 classes, else one more than the class id.

    background: has no category; where it is class 0, the others keep their numbers.
    """
    things = {class_id: label for class_id, label in enumerate(labels) if class_id != background}
    if sorted(things.values()) == sorted(COCO_LABELS):
        return {class_id: COCO_IDS[label] for class_id, label in things.items()}
    first = 0 if background == 0 else 1
    return {class_id: class_id + first for class_id in things}
