"""Slow loops that follow the words of a paper or a reference, one group per module under test."""

import math
import statistics

# --- metrics/detection ---


def voc_ap_slow(images, class_id, eleven_points):
    """VOCevaldet.m of the VOC development kits for one class, step by step, in VOC's own 1-based inclusive pixels.

    images: list of (boxes, scores, class_ids, truth, truth_class_ids, difficult), xyxy with x2/y2 exclusive.
    Returns NaN where the class has no truth that is not difficult.
    """
    truths, found, count = [], [], 0
    for number, (boxes, scores, class_ids, truth, truth_class_ids, difficult) in enumerate(images):
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


# --- nets/roi_pool ---


def roi_max_pool_slow(features, box, size):
    """Fast R-CNN's ROI pooling of nested lists [C][H][W]; box in cells (x1, y1, x2, y2); -> [C][size][size]."""
    x1, y1, x2, y2 = (_round_half_away(value) for value in box)
    wide, high = max(x2 - x1 + 1, 1), max(y2 - y1 + 1, 1)
    return [
        [[_part_maximum(plane, i, j, x1, y1, wide / size, high / size) for j in range(size)] for i in range(size)]
        for plane in features
    ]


def _part_maximum(plane, i, j, x1, y1, wide, high):
    rows = range(y1 + math.floor(i * high), y1 + math.ceil((i + 1) * high))
    columns = range(x1 + math.floor(j * wide), x1 + math.ceil((j + 1) * wide))
    values = [plane[y][x] for y in rows for x in columns if 0 <= y < len(plane) and 0 <= x < len(plane[0])]
    return max(values, default=0.0)


def _round_half_away(value):
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def roi_align_slow(features, box, size, samples):
    """Mask R-CNN's ROI align of nested lists [C][H][W], point by point; box in cells, half a cell shifted."""
    x1, y1, x2, y2 = (value - 0.5 for value in box)
    wide, high = (x2 - x1) / size, (y2 - y1) / size

    def part(plane, i, j):
        points = [
            _interpolated(plane, y1 + (i + (s + 0.5) / samples) * high, x1 + (j + (t + 0.5) / samples) * wide)
            for s in range(samples)
            for t in range(samples)
        ]
        return sum(points) / len(points)

    return [[[part(plane, i, j) for j in range(size)] for i in range(size)] for plane in features]


def _interpolated(plane, y, x):
    height, width = len(plane), len(plane[0])
    if y < -1 or y > height or x < -1 or x > width:
        return 0.0
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = math.floor(y), math.floor(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    above = plane[top][left] * (left + 1 - x) + plane[top][right] * (x - left)
    below = plane[bottom][left] * (left + 1 - x) + plane[bottom][right] * (x - left)
    return above * (top + 1 - y) + below * (y - top)


def slow_iou(a, b):
    """Intersection over union of two xyxy boxes, one number after the other."""
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - wide * high
    return wide * high / union if union > 0 else 0.0


# --- ops ---


def iou_slow(a, b):
    """Intersection over union of two xyxy boxes; 0 where the union has no area."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(wide, 0) * max(high, 0)
    union = sum(max(c[2] - c[0], 0) * max(c[3] - c[1], 0) for c in (a, b)) - shared
    return shared / union if union > 0 else 0.0


def nms_slow(boxes, scores, threshold):
    """Take the best box left (ties: the first), drop what overlaps it by more than the threshold, and so on."""
    left, kept = list(range(len(boxes))), []
    while left:
        best = max(left, key=lambda i: (scores[i], -i))
        kept.append(best)
        left = [i for i in left if i != best and iou_slow(boxes[best], boxes[i]) <= threshold]
    return kept


def match_anchors_slow(table, positive, negative):
    """TOPICS.md's words: "take the largest IoU left, bind that anchor to that box, strike its row and column, until
    each box has one; each other anchor then joins the box it overlaps most, if enough". -1: background, -2: ignored.

    table: a row of IoUs for each anchor, one for each box.
    """
    rows, columns, bound = list(range(len(table))), list(range(len(table[0]) if table else 0)), {}
    while rows and columns:
        anchor, box = max(((r, c) for r in rows for c in columns), key=lambda rc: (table[rc[0]][rc[1]], -rc[0], -rc[1]))
        bound[anchor] = box
        rows.remove(anchor)
        columns.remove(box)
    return [bound.get(r, _joined(row, positive, negative)) for r, row in enumerate(table)]


def match_adaptively_slow(grid, boxes, table):
    """ATSS, arXiv:1912.02424, algorithm 1, anchor by anchor; k = 9 cells a level; each box is bound to one anchor.

    table: as in match_anchors_slow.
    """
    found = {}
    for box, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        middle, candidates, first = ((x0 + x1) / 2, (y0 + y1) / 2), [], 0
        for stride in grid.strides:
            cells = -(-grid.width // stride) * -(-grid.height // stride)
            centers = [grid.cxcywh[first + cell * grid.per_cell, :2].tolist() for cell in range(cells)]
            order = sorted(
                range(cells), key=lambda c: ((centers[c][0] - middle[0]) ** 2 + (centers[c][1] - middle[1]) ** 2, c)
            )
            candidates += [first + c * grid.per_cell + kind for c in order[:9] for kind in range(grid.per_cell)]
            first += cells * grid.per_cell
        ious = [table[anchor][box] for anchor in candidates]
        least = statistics.fmean(ious) + statistics.pstdev(ious) - 1e-6
        for anchor, iou in zip(candidates, ious, strict=True):
            x, y = grid.cxcywh[anchor, :2].tolist()
            others = table[anchor][found[anchor]] if anchor in found else 0
            if x0 < x < x1 and y0 < y < y1 and iou >= least and iou > others:
                found[anchor] = box
    bound = match_anchors_slow(table, 2, 2)
    return [bound[a] if bound[a] >= 0 else found.get(a, -1) for a in range(len(table))]


def _joined(row, positive, negative):
    if not row or max(row) < negative:
        return -1
    return row.index(max(row)) if max(row) >= positive else -2
