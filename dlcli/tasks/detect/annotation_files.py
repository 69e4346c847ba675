"""What `detect --save` writes for other tools: YOLO, VOC, LabelMe, COCO. Loaded when one of them is asked for."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject, annotated_item
from dlcli.data.coco.categories import usual_category_ids
from dlcli.data.coco.writer import coco_json
from dlcli.data.labelme.writer import labelme_json
from dlcli.data.records.objects import images_of_records
from dlcli.data.voc.writer import voc_xml
from dlcli.data.yolo.writer import yolo_boxes
from dlcli.records import Boxes, DecodedImage
from dlcli.tasks.contract import SHOWN_PIXEL, SHOWN_SCORE, Output
from dlcli.tasks.outputs import COCO, annotation_name


def of_image(
    image: DecodedImage, place: PurePosixPath, boxes: Boxes, labels: tuple[str, ...], saves: tuple[str, ...]
) -> Iterator[Output]:
    """The files of one image, as Result.outputs gives them."""
    found = annotated(image, place.as_posix(), boxes)
    if "yolo" in saves:
        yield annotation_name("yolo", place), yolo_boxes(found).encode()
    if "voc" in saves:
        yield annotation_name("voc", place), voc_xml(found, labels)
    if "labelme" in saves:
        yield annotation_name("labelme", place), labelme_json(found, labels, place.name).encode()


def of_run(records: Iterable[dict[str, Any]], labels: Sequence[str], background: int | None = None) -> Output:
    """coco.json, of all records of a run. background: a class id that is no category."""
    categories = usual_category_ids(labels, background)
    return COCO, coco_json(images_of_records(records), labels, categories).encode()


def annotated(image: DecodedImage, name: str, boxes: Boxes) -> AnnotatedItem:
    """The boxes as writers of annotation formats take them, with as many decimals as the record has."""
    found = []
    for box, class_id, score in zip(boxes.xyxy, boxes.class_ids, boxes.scores, strict=True):
        x1, y1, x2, y2 = (round(float(value), SHOWN_PIXEL) for value in box)
        found.append(AnnotatedObject(int(class_id), (x1, y1, x2, y2), round(float(score), SHOWN_SCORE)))
    return annotated_item(name, name, image.width, image.height, tuple(found))
