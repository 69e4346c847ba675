"""Small data sets in every layout, written with NumPy and Pillow; the tests of dlcli.data read them back."""

import json

import numpy as np
from PIL import Image

LABELS = ("cat", "dog", "owl")
# per image: width, height, and boxes (class, x1, y1, x2, y2), x2/y2 exclusive
IMAGES = {
    "a": (40, 30, [("dog", 0, 0, 20, 15), ("cat", 10, 6, 40, 30)]),
    "b": (32, 48, [("owl", 4, 8, 12, 40)]),
    "c": (20, 20, []),
}


def write_image(path, width, height, orientation=1):
    """A JPEG or PNG of noise; with an EXIF orientation of 5 to 8 the upright image is height x width."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(width * 1000 + height).integers(0, 255, (height, width, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(path, exif=exif)
    return path


def voc_object(name, x1, y1, x2, y2, difficult=0):
    sides = f"<xmin>{x1 + 1}</xmin><ymin>{y1 + 1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax>"
    return f"<object><name>{name}</name><difficult>{difficult}</difficult><bndbox>{sides}</bndbox></object>"


def voc_xml(width, height, objects):
    size = f"<size><width>{width}</width><height>{height}</height><depth>3</depth></size>"
    return f"<annotation>{size}{''.join(objects)}</annotation>"


def write_voc(folder, splits=None):
    for name, (width, height, boxes) in IMAGES.items():
        write_image(folder / "JPEGImages" / f"{name}.jpg", width, height)
        write_text(folder / "Annotations" / f"{name}.xml", voc_xml(width, height, [voc_object(*box) for box in boxes]))
    for split, names in (splits or {"train": "abc", "val": "b"}).items():
        write_text(folder / "ImageSets" / "Main" / f"{split}.txt", "".join(f"{name}  1\n" for name in names))
    return folder


def coco_content(ids=(7, 2, 40)):
    """The images as a COCO file; category ids leave numbers out and are not in order."""
    categories = [{"id": id_, "name": name} for id_, name in zip(ids, LABELS, strict=True)]
    by_name = dict(zip(LABELS, ids, strict=True))
    images, annotations = [], []
    for number, (name, (width, height, boxes)) in enumerate(IMAGES.items(), 100):
        images.append({"id": number, "file_name": f"{name}.jpg", "width": width, "height": height})
        for label, x1, y1, x2, y2 in boxes:
            entry = {"id": len(annotations) + 1, "image_id": number, "category_id": by_name[label], "iscrowd": 0}
            annotations.append(entry | {"bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1)})
    return {"images": images, "annotations": annotations, "categories": categories}


def write_coco(file, images, content=None):
    for name, (width, height, _) in IMAGES.items():
        write_image(images / f"{name}.jpg", width, height)
    write_text(file, json.dumps(content or coco_content()))
    return file


def yolo_line(name, x1, y1, x2, y2, width, height):
    values = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
    return f"{LABELS.index(name)} " + " ".join(f"{value:.9f}" for value in values)


def write_yolo(images, labels):
    """Images and label files; the image without boxes has no label file."""
    for name, (width, height, boxes) in IMAGES.items():
        write_image(images / f"{name}.jpg", width, height)
        if boxes:
            lines = [yolo_line(*box, width, height) for box in boxes]
            write_text(labels / f"{name}.txt", "\n".join(lines) + "\n")


def write_text(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def assert_is_the_set(dataset, labels=LABELS):
    """The data set holds IMAGES, whatever layout it came from."""
    assert dataset.problems == ()
    assert dataset.labels == labels
    assert [image.path.stem for image in dataset.items] == list(IMAGES)
    for image in dataset.items:
        width, height, boxes = IMAGES[image.path.stem]
        assert image.path.is_file()
        assert (image.width, image.height) == (width, height)
        np.testing.assert_allclose(image.target.xyxy, np.array([box[1:] for box in boxes]).reshape(-1, 4), atol=1e-4)
        assert [labels[index] for index in image.target.class_ids] == [box[0] for box in boxes]
        assert not image.target.ignore.any()
        assert not image.target.crowd.any()
