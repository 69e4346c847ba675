"""What splits are called: names of folders and files that are parts of a set, and which of them mean one another."""

SYNONYMS = {
    "val": ("valid", "validation", "val2017", "dev"),
    "train": ("train2017", "training"),
    "test": ("test2017", "testing"),
}
SPLIT_FOLDERS = frozenset({*SYNONYMS, *(name for names in SYNONYMS.values() for name in names), "trainval"})
