"""Records made by hand, and what `dlcli diff` finds between two lists of them."""

import json

import numpy as np

from dlcli.evaluation.diff.change import Limits
from dlcli.evaluation.diff.compare import compare
from dlcli.evaluation.diff.record_file import sort_records
from dlcli.ops.masks import counts_by_class, rle_to_string

HEAD = {"ok": True, "width": 100, "height": 80, "exif_orientation": 1, "model": "m@sha256:0"}


def record(task, source="a.jpg", **fields):
    return {"schema": f"dlcli.{task}/1", "source": source, **HEAD, **fields}


def box(label, score, *corners):
    return {"label": label, "class_id": ord(label[0]), "score": score, "box": list(corners)}


def images(*lists, **fields):
    """A detect record for each list of boxes."""
    return [
        record("detect", f"{i}.jpg", detections=found, **{"truncated": False, **fields})
        for i, found in enumerate(lists)
    ]


def failure(source="0.jpg", kind="truncated", message="ends early"):
    error = {"kind": kind, "message": message}
    return {"schema": "dlcli.detect/1", "source": source, "ok": False, "error": error}


def file(records, name="f.jsonl"):
    return sort_records("".join(json.dumps(r) + "\n" for r in records).encode(), name)


def difference(a, b, **limits):
    return compare(file(a, "a.jsonl"), file(b, "b.jsonl"), Limits(**limits))


def kinds(a, b, **limits):
    return [(change.thing, change.kind, change.name) for _, change in difference(a, b, **limits).changes]


DOG, CAT, CUP = box("dog", 0.9, 10, 10, 60, 60), box("cat", 0.8, 0, 0, 100, 80), box("cup", 0.5, 70, 5, 90, 30)


def scores(**named):
    items = [{"label": label, "class_id": ord(label[0]), "score": score} for label, score in named.items()]
    return [record("classify", classes=sorted(items, key=lambda item: -item["score"]))]


def regions(mask):
    return [
        {
            "label": "wxyz"[number],
            "class_id": number,
            "share": round(int((mask == number).sum()) / mask.size, 4),
            "rle": {"size": list(mask.shape), "counts": rle_to_string(counts)},
        }
        for number, counts in counts_by_class(mask.astype(np.uint8)).items()
        if number
    ]
