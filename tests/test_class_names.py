"""VOC's names and COCO's of one class."""

from dlcli.class_names import COCO_NAMES, common_name
from dlcli.models.store import open_model


def test_each_alias_means_a_class_of_the_bundled_detector():
    labels = open_model("coco").card.labels
    assert set(COCO_NAMES.values()) <= set(labels)
    assert not set(COCO_NAMES) & set(labels)
    assert len({common_name(label) for label in labels}) == len(labels)


def test_coco_names_and_unknown_ones_stay():
    assert [common_name(name) for name in ("sofa", "couch", "cat", "lynx")] == ["couch", "couch", "cat", "lynx"]
