"""A run on a cluster: the bytes of a local run, also when a node is lost; what cannot go there is refused."""

import itertools
import json
import os
import shutil
import sys

import pytest

from tests.program import ROOT, SAMPLES, dlcli

NAMES = sorted(path.name for path in SAMPLES.glob("*.jpg"))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--on", "spark"], "--on spark: expected ray, or ray://HOST:PORT"),
        (["--on", "ray://host"], "--on ray://host: expected ray, or ray://HOST:PORT"),
        (["--on", "ray", "--max-memory", "2GB"], "--on and --max-memory do not go together"),
    ],
)
def test_what_does_not_go_together(words, reason):
    ran = dlcli("detect", SAMPLES, *words)
    assert (ran.code, reason in ran.err) == (2, True), ran.err


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    ran = dlcli("detect", SAMPLES, "--on", "ray")
    assert (ran.code, "needs Ray" in ran.err, "[ray]" in ran.err) == (4, True, True), ran.err


@pytest.fixture(scope="module")
def two_nodes():
    """The address of a cluster of two nodes with a processor each, and the second of them."""
    ray = pytest.importorskip("ray")
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(ROOT)}
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    second = cluster.add_node(num_cpus=1)
    yield cluster, second
    ray.shutdown()
    cluster.shutdown()


@pytest.fixture
def many(tmp_path):
    for number, name in zip(range(60), itertools.cycle(NAMES)):
        (tmp_path / "in").mkdir(exist_ok=True)
        shutil.copy(SAMPLES / name, tmp_path / "in" / f"{number:03d}.jpg")
    (tmp_path / "in" / "bad.jpg").write_bytes(b"no image")
    return tmp_path


def tree(folder):
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and "state" not in p.name
    }


def test_records_and_files_are_a_local_runs_although_a_node_is_lost(two_nodes, many, monkeypatch):
    from dlcli.batch.cluster import on_ray

    cluster, second = two_nodes
    settled, seen = on_ray._settled, []

    def lose_a_node(*given):
        seen.append(1)
        if len(seen) == 20:
            cluster.remove_node(second, allow_graceful=False)
        return settled(*given)

    monkeypatch.setattr(on_ray, "_settled", lose_a_node)
    far = dlcli("detect", many / "in", "--on", f"ray://{cluster.address}", "--json", "--out", many / "far")
    near = dlcli("detect", many / "in", "--json", "--out", many / "near")
    assert (far.code, near.code) == (3, 3), far.err
    assert tree(many / "far") == tree(many / "near")
    assert len((many / "far" / "results.jsonl").read_text().splitlines()) == 61
    assert len(seen) == 61
    assert far.lines == near.lines  # and nothing else on standard output

    before = (many / "far" / "results.jsonl").read_bytes()
    (many / "in" / "bad.jpg").write_bytes((SAMPLES / NAMES[0]).read_bytes())
    seen.clear()
    again = dlcli("detect", many / "in", "--on", f"ray://{cluster.address}", "--out", many / "far", "--resume")
    assert again.code == 0, again.err
    assert len(seen) == 1  # what had failed; the rest is not sent
    lines = (many / "far" / "results.jsonl").read_bytes().splitlines()
    assert lines[:60] == before.splitlines()[:60]
    assert json.loads(lines[60])["ok"]


def test_json_is_the_local_runs(two_nodes, many):
    cluster, _ = two_nodes
    gate = ["--json", "--fail-if", "count(cat) > 0"]
    far = dlcli("detect", many / "in", *gate, "--on", f"ray://{cluster.address}")
    near = dlcli("detect", many / "in", *gate)
    assert (far.code, far.lines) == (near.code, near.lines)
