"""Groups by number and bytes; sources that another process can read."""

import pickle
import zipfile
from pathlib import Path, PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.cluster.groups import groups_of, portable
from dlcli.batch.sources.paths import find_images
from dlcli.records import Source
from tests.program import SAMPLES

CAT = SAMPLES / "cat.jpg"


@given(st.lists(st.integers(0, 30)), st.integers(1, 5), st.integers(1, 60))
def test_groups_hold_all_in_order_within_the_limits(sizes, most, limit):
    sources = [Source(str(i), None, PurePosixPath("x"), bytes(size)) for i, size in enumerate(sizes)]
    groups = list(groups_of(sources, most, limit))
    assert [source for group in groups for source in group] == sources
    for group in groups:
        assert 1 <= len(group) <= most
        assert sum(len(source.data or b"") for source in group[:-1]) < limit  # the last may go beyond


def test_members_of_archives_go_with_their_bytes_and_files_by_their_path(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(CAT, "cat.jpg")
        archive.writestr("bad.jpg", b"x" * 1000)
    damaged = bytearray((tmp_path / "a.zip").read_bytes())
    damaged[damaged.index(b"x" * 1000) + 5] = 0
    (tmp_path / "a.zip").write_bytes(damaged)
    bad, cat = (pickle.loads(pickle.dumps(portable(source))) for source in find_images([str(tmp_path / "a.zip")]))
    assert cat.content == CAT.read_bytes()
    assert bad.failure is not None
    assert bad.failure.kind == "damaged"
    (file,) = map(portable, find_images([str(CAT)]))
    assert (file.path, file.data) == (Path(CAT), None)
