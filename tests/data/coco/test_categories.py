"""The ids of categories where no annotation file gave any."""

from dlcli.data.coco.categories import COCO_IDS, COCO_LABELS, usual_category_ids
from dlcli.models.store import find_model


def test_a_background_has_no_category_and_others_keep_their_number():
    assert usual_category_ids("abc") == {0: 1, 1: 2, 2: 3}
    assert usual_category_ids("abc", 0) == {1: 1, 2: 2}
    assert usual_category_ids("abc", 2) == {0: 1, 1: 2}


def test_cocos_classes_have_cocos_ids():
    """As in instances_val2017.json: the last is 90, and the numbers of ten things that were left out are free."""
    labels = find_model("coco", "detect").card.labels
    ids = usual_category_ids(labels)
    assert list(ids.values()) == [COCO_IDS[label] for label in labels]
    known = {
        "person": 1,
        "stop sign": 13,
        "backpack": 27,
        "wine glass": 46,
        "dining table": 67,
        "tv": 72,
        "toothbrush": 90,
    }
    assert {label: COCO_IDS[label] for label in known} == known
    assert len(set(COCO_IDS.values())) == 80
    assert labels == COCO_LABELS


def test_other_orders_keep_the_id_of_each_name():
    ids = usual_category_ids(["background", *reversed(COCO_LABELS)], 0)
    assert (ids[1], ids[80]) == (90, 1)
    assert 0 not in ids


def test_a_part_of_cocos_classes_is_a_set_of_its_own():
    assert usual_category_ids(["person", "toothbrush"]) == {0: 1, 1: 2}
