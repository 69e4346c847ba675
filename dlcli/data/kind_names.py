"""The kinds of targets by name; dlcli.data.kinds has what they can do. Light: tasks name theirs without NumPy."""

BOXES = "boxes"
CLASSES = "classes"
MASKS = "masks"
IN_ORDER = (BOXES, MASKS, CLASSES)  # in which labels are looked for; classes last, as nearly any folder holds folders
