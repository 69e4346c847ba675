"""Whose a file is: random trees, links and states; what no state claims is never replaced or deleted."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.files.ownership import Ownership, read_claims
from dlcli.claims import as_claim, claim_of
from dlcli.errors import ImageError, UsageError

STATES = ("results.state.jsonl", ".results.state.jsonl.part")
NAMES = ("a.jpg", "b.jpg", "sub/a.jpg", "sub/deep/c.txt", "link/a.jpg", "crops/a.jpg/0.jpg", "filelink")
CONTENTS = (b"", b"ours", b"ours, edited", b"somebody else's")
HOSTILE = (
    "../outside/keep.txt",
    "/etc/hostname",
    "link/keep.txt",
    "sub/../../outside/keep.txt",
    "a\0b",
    "",
    ".",
    "sub",
)


def tree(root: Path, files: dict[str, bytes], linked: bool) -> tuple[Path, Path]:
    """OUT with files of unknown origin, and a folder outside of it, which OUT/link may lead to."""
    out, outside = root / "out", root / "outside"
    outside.mkdir(parents=True)
    (outside / "keep.txt").write_bytes(b"kept")
    out.mkdir()
    if linked:
        (out / "link").symlink_to(outside)
        (out / "filelink").symlink_to(outside / "keep.txt")
    for name, data in files.items():
        path = out / name
        if not any(parent.is_symlink() for parent in [path, *path.parents]):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return out, outside


def contents(folder: Path) -> dict[str, bytes]:
    found = [Path(base) / name for base, _, names in os.walk(folder) for name in names]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


claims = st.one_of(
    st.sampled_from(CONTENTS).map(lambda data: list(claim_of(data))),
    st.sampled_from([4, 6, -1, True, None, "x", [4], [4, ""], [4, 5], ["4", "x"], {"size": 4}, [[]], 10**30]),
)
states = st.lists(
    st.dictionaries(st.sampled_from([*NAMES, *HOSTILE]), claims, max_size=6).map(lambda files: {"files": files}),
    max_size=4,
)
trees = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(CONTENTS), max_size=7)


@given(files=trees, linked=st.booleans(), state=states, asked=st.lists(st.sampled_from([*NAMES, *HOSTILE])))
def test_what_no_state_claims_stays(tmp_path_factory, files, linked, state, asked):
    """Whatever a state says, remove() and write() touch only files below OUT that hold what it claims."""
    out, outside = tree(tmp_path_factory.mktemp("t"), files, linked)
    (out / "results.state.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in state))
    known = read_claims([out / "results.state.jsonl"])
    ownership, before = Ownership.of_run(out, STATES), contents(out)
    ownership.remove(asked)
    for name in NAMES:
        try:
            ownership.write(name, b"new")
        except (ImageError, ValueError):
            continue
    after = contents(out)
    assert contents(outside) == {"keep.txt": b"kept"}
    for name, data in before.items():
        claimed = {size for size, sha in known.get(name, ()) if sha in ("", digest(data))}
        ours = bool(known.get(name)) and (len(data) in claimed or data == b"")
        assert ours or after.get(name) == data, name


@given(files=trees, linked=st.booleans(), names=st.lists(st.sampled_from(NAMES), min_size=1))
def test_a_run_is_refused_before_it_would_meet_what_no_run_wrote(tmp_path_factory, files, linked, names):
    out, _ = tree(tmp_path_factory.mktemp("t"), files, linked)
    meets = any(os.path.lexists(out / name) for name in names) or (linked and any(n.startswith("link/") for n in names))
    if meets:
        with pytest.raises(UsageError, match="--out"):
            Ownership.of_run(out, STATES).refuse_foreign(names)
    else:
        Ownership.of_run(out, STATES).refuse_foreign(names)


def test_a_claim_is_known_before_the_file_is_there(tmp_path):
    heard = []
    ownership = Ownership(tmp_path)
    ownership.log = lambda entry: heard.append((entry, (tmp_path / "a.jpg").exists()))
    claim = ownership.write("a.jpg", b"data")
    assert heard == [({"writing": {"a.jpg": claim}}, False)]
    assert ownership.is_ours("a.jpg")


def test_what_is_written_is_ours_until_somebody_changes_it(tmp_path):
    ownership = Ownership(tmp_path)
    ownership.write("a.jpg", b"data")
    ownership.write("a.jpg", b"again")
    (tmp_path / "a.jpg").write_bytes(b"edits")
    with pytest.raises(ImageError, match="no run of dlcli wrote it") as failure:
        ownership.write("a.jpg", b"third")
    assert failure.value.kind == "exists"
    ownership.remove(["a.jpg"])
    assert (tmp_path / "a.jpg").read_bytes() == b"edits"


def test_a_state_without_sums_is_believed_by_size(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"data")
    assert Ownership(tmp_path, {"a.jpg": {(4, "")}}).is_ours("a.jpg")
    assert not Ownership(tmp_path, {"a.jpg": {(5, "")}}).is_ours("a.jpg")


@pytest.mark.parametrize("value", [True, None, "x", [4], [4, ""], [4, 5], [4, "x", 1], {}])
def test_what_is_no_claim(value):
    assert as_claim(value) is None


def test_a_folder_for_several_files_may_hold_none_of_others(tmp_path):
    (tmp_path / "crops" / "a.jpg").mkdir(parents=True)
    Ownership(tmp_path).refuse_foreign(["crops/a.jpg"])
    (tmp_path / "crops" / "a.jpg" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"crops/a.jpg/mine.txt is there already"):
        Ownership(tmp_path).refuse_foreign(["crops/a.jpg"])
