"""Classes that COCO and PASCAL VOC have in common under different names."""

COCO_NAMES = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}


def common_name(name: str) -> str:
    """COCO's name of a class, whichever of the two is given; other names stay as they are."""
    return COCO_NAMES.get(name, name)
