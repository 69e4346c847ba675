"""Gates once more, slowly: Python reads the condition itself, and shares are counted pixel by pixel."""

GRID = 4  # parts of a pixel's side


def detection(label, score, box):
    return {"label": label, "class_id": 0, "score": score, "box": box}


def record_of(*detections, source="a.jpg", size=(9, 9)):
    width, height = size
    return {
        "schema": "dlcli.detect/1",
        "source": source,
        "ok": True,
        "width": width,
        "height": height,
        "exif_orientation": 1,
        "model": "m",
        "detections": list(detections),
        "truncated": False,
    }


def found(record, label):
    return [d for d in record["detections"] if label == "*" or d["label"].lower() == label.lower()]


def count(record, label):
    return len(found(record, label))


def score(record, label):
    return max([0.0] + [d["score"] for d in found(record, label)])


def share(record, label):
    """By looking at each of GRID x GRID parts of each pixel; for boxes whose corners lie between these."""
    boxes = [d["box"] for d in found(record, label)]
    columns, rows = record["width"] * GRID, record["height"] * GRID
    inside = 0
    for y in range(rows):
        for x in range(columns):
            inside += any(x1 * GRID <= x < x2 * GRID and y1 * GRID <= y < y2 * GRID for x1, y1, x2, y2 in boxes)
    return inside / (columns * rows)


def meets(text, values):
    """text: a condition in which labels are Python strings, * too. values: (quantity, label) -> number."""
    names = {name: (lambda label, name=name: values(name, label)) for name in ("count", "score", "share")}
    return bool(eval(text, {"__builtins__": {}}, names))


def of_record(record):
    return lambda quantity, label: {"count": count, "score": score, "share": share}[quantity](record, label)


def of_run(records):
    def value(quantity, label):
        each = [of_record(record)(quantity, label) for record in records]
        if quantity == "count":
            return sum(each)
        if quantity == "score":
            return max(each, default=0)
        return round(sum(each) / len(each), 9) if each else 0

    return value


def judged(option, scope, text, records):
    """(broken, names) of a gate; see the brief in dlcli.batch.gates.scopes."""
    good = [record for record in records if record["ok"]]
    answers = [(record["source"], meets(text, of_record(record))) for record in good]
    on_nothing = meets(text, lambda quantity, label: 0)
    if option == "--fail-if":
        if not good:
            return False, []
        if scope == "any":
            names = [name for name, answer in answers if answer]
            return bool(names), names
        return (all(a for _, a in answers) if scope == "all" else meets(text, of_run(good))), []
    if scope == "all":
        names = [name for name, answer in answers if not answer]
        return bool(names), names
    if scope == "any":
        return not (any(a for _, a in answers) if good else on_nothing), []
    return not meets(text, of_run(good)), []
