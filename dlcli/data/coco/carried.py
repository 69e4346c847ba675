"""What a COCO file says beyond boxes, outlines and names, kept for a conversion to COCO."""

from collections.abc import Mapping
from typing import Any

from dlcli.data.carried import Carried
from dlcli.data.coco.content import Key, coco_key, field_of

LAYOUT = "coco"
OF_OBJECTS = {"image_id", "category_id", "iscrowd", "ignore", "score"}  # what the writer makes itself
OF_IMAGES = {"id", "file_name", "width", "height"}
OF_SETS = {"images", "annotations", "categories"}
HEADS = "heads"  # of a set: what stands beside the lists
CATEGORIES = "categories"  # of a set: by class name, each without id and name
ALL_CATEGORIES = "all_categories"  # of a set: the list as it stands, those that are no classes too


def carried_by_object(entry: Mapping[str, Any]) -> Carried:
    """Ids as numbers where they are numbers, and one polygon in a list of polygons, as other tools expect them."""
    values = {key: value for key, value in entry.items() if key not in OF_OBJECTS}
    if "id" in values and (key := coco_key(values["id"])) is not None:
        values["id"] = key
    shape = values.get("segmentation")
    if isinstance(shape, list) and shape and not any(isinstance(item, list) for item in shape):
        values["segmentation"] = [shape]
    return Carried(LAYOUT, values)


def carried_by_image(entry: Mapping[str, Any]) -> Carried:
    return Carried(LAYOUT, {key: value for key, value in entry.items() if key not in OF_IMAGES})


def carried_by_set(content: Mapping[str, Any], names: Mapping[Key, str]) -> Carried:
    categories = {
        names[key]: {name: value for name, value in entry.items() if name not in ("id", "name")}
        for entry in content["categories"]
        if (key := coco_key(field_of(entry, "id"))) is not None and key in names
    }
    heads = {key: value for key, value in content.items() if key not in OF_SETS}
    return Carried(LAYOUT, {HEADS: heads, CATEGORIES: categories, ALL_CATEGORIES: content["categories"]})
