"""Classes that COCO and PASCAL VOC have in common under different names."""

from collections.abc import Sequence

COCO_NAMES = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}
OTHER_NAMES = COCO_NAMES | {coco: voc for voc, coco in COCO_NAMES.items()}  # either's -> the other's


def aliases_of(labels: Sequence[str]) -> dict[str, str]:
    """The other's name of each label that has one, where that is none of the labels: {"sofa": "couch"}."""
    return {OTHER_NAMES[label]: label for label in labels if label in OTHER_NAMES and OTHER_NAMES[label] not in labels}


def common_name(name: str) -> str:
    """COCO's name of a class, whichever of the two is given; other names stay as they are."""
    return COCO_NAMES.get(name, name)
