"""Slow loops that follow the words of a paper or a reference, one group per module under test."""

# --- metrics/detection ---


def voc_ap_slow(pictures, class_id, eleven_points):
    """VOCevaldet.m of the VOC development kits for one class, step by step, in VOC's own 1-based inclusive pixels.

    pictures: list of (boxes, scores, class_ids, truth, truth_class_ids, difficult), xyxy with x2/y2 exclusive.
    Returns NaN where the class has no truth that is not difficult.
    """
    truths, found, count = [], [], 0
    for number, (boxes, scores, class_ids, truth, truth_class_ids, difficult) in enumerate(pictures):
        mine = [i for i in range(len(truth)) if truth_class_ids[i] == class_id]
        truths.append([_voc_pixels(truth[i]) for i in mine])
        truths[-1] = [[box, bool(difficult[i]), False] for box, i in zip(truths[-1], mine, strict=True)]
        count += sum(not is_difficult for _, is_difficult, _ in truths[-1])
        found += [
            (float(scores[i]), number, _voc_pixels(boxes[i])) for i in range(len(boxes)) if class_ids[i] == class_id
        ]
    if not count:
        return float("nan")
    hits = []
    for _, number, box in sorted(found, key=lambda row: -row[0]):  # sorted is stable
        largest, best = float("-inf"), None
        for candidate in truths[number]:
            overlap = _voc_overlap(box, candidate[0])
            if overlap > largest:
                largest, best = overlap, candidate
        if best is None or largest < 0.5:
            hits.append(False)
        elif not best[1]:
            hits.append(not best[2])
            best[2] = True
    return _voc_area(hits, count, eleven_points)


def _voc_pixels(box):
    return [float(box[0]) + 1, float(box[1]) + 1, float(box[2]), float(box[3])]


def _voc_overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0]) + 1
    height = min(a[3], b[3]) - max(a[1], b[1]) + 1
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(c[2] - c[0] + 1) * (c[3] - c[1] + 1) for c in (a, b)]
    return width * height / (sum(areas) - width * height)


def _voc_area(hits, count, eleven_points):
    recall, precision, tp = [], [], 0
    for number, hit in enumerate(hits, 1):
        tp += hit
        recall.append(tp / count)
        precision.append(tp / number)
    if eleven_points:  # VOC 2007
        best = [max([p for p, r in zip(precision, recall, strict=True) if r >= t / 10], default=0) for t in range(11)]
        return sum(best) / 11
    recall, precision = [0.0, *recall, 1.0], [0.0, *precision, 0.0]  # VOC 2010 and later
    for i in range(len(precision) - 2, -1, -1):
        precision[i] = max(precision[i], precision[i + 1])
    steps = [i for i in range(1, len(recall)) if recall[i] != recall[i - 1]]
    return sum((recall[i] - recall[i - 1]) * precision[i] for i in steps)
