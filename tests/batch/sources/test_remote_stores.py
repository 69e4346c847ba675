"""A store and a web server on this machine that are busy, cut bodies and refuse: nothing is lost, no secret shown."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading

import pytest

from dlcli.batch.sources import remote
from dlcli.batch.sources.paths import find_images
from dlcli.errors import DlcliError, ImageError
from tests.batch.sources.test_remote import NAMES, no_waits, without_names  # noqa: F401  the fixture is used by all
from tests.program import ROOT, SAMPLES, dlcli


class Shop:
    """moto's S3 behind a door that is busy for every `busy`-th request, and cuts every `cut`-th body in half."""

    def __init__(self, busy: int = 0, cut: int = 0):
        from moto.server import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import make_server

        self.busy, self.cut, self.asked, self.cuts, self.refused = busy, cut, 0, 0, 0
        self.busy_lists = 0  # listings that will be refused
        self.slow, self.waits = 0.0, threading.Event()  # seconds before each third of a body
        self.inner = DomainDispatcherApplication(create_backend_app)
        self.lock = threading.Lock()
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self.server = make_server("127.0.0.1", 0, self, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.port}"

    def __call__(self, environ, start):
        with self.lock:
            self.asked += 1
            number = self.asked
        if "WRONG" in environ.get("HTTP_AUTHORIZATION", ""):
            body = b"<Error><Code>InvalidAccessKeyId</Code><Message>SECRETWORD</Message></Error>"
            start("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        if "list-type=2" in environ["QUERY_STRING"] and self.busy_lists > 0:
            self.busy_lists -= 1
            start("503 Slow Down", [("Content-Length", "0")])
            return [b""]
        if self.busy and number % self.busy == 0:
            self.refused += 1
            start("503 Slow Down", [("Content-Length", "0")])
            return [b""]
        found = self.inner(environ, start)
        if (
            self.cut
            and number % self.cut == 0
            and environ["REQUEST_METHOD"] == "GET"
            and ".jpg" in environ["PATH_INFO"]
        ):
            self.cuts += 1
            body = b"".join(found)
            return [body[: len(body) // 2]]
        if self.slow and environ["REQUEST_METHOD"] == "GET" and ".jpg" in environ["PATH_INFO"]:
            return self._in_drops(b"".join(found))
        return found

    def _in_drops(self, body):
        for at in range(0, len(body), 1 + len(body) // 3):
            self.waits.wait(self.slow)
            yield body[at : at + 1 + len(body) // 3]


@pytest.fixture
def shop(monkeypatch, tmp_path):
    """A bucket with 60 objects, copies of the sample images."""
    pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    pytest.importorskip("s3fs")
    keys = {"AWS_ACCESS_KEY_ID": "right", "AWS_SECRET_ACCESS_KEY": "right", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    opened = Shop()
    monkeypatch.setenv("AWS_ENDPOINT_URL", opened.address)
    store = boto3.client("s3", endpoint_url=opened.address)
    store.create_bucket(Bucket="photos")
    (tmp_path / "photos").mkdir()
    for number in range(60):
        data = (SAMPLES / NAMES[number % len(NAMES)]).read_bytes()
        store.put_object(Bucket="photos", Key=f"day/{number:03d}.jpg", Body=data)
        (tmp_path / "photos" / f"{number:03d}.jpg").write_bytes(data)
    opened.store = store
    yield opened
    opened.server.shutdown()
    remote._system.cache_clear()


def test_a_store_that_is_busy_and_cuts_bodies_loses_nothing(shop, tmp_path):
    shop.busy, shop.cut = 7, 5
    far = dlcli("classify", "s3://photos/day", "--json")
    near = dlcli("classify", tmp_path / "photos", "--json")
    assert (far.code, near.code) == (0, 0), far.err
    assert shop.refused > 3
    assert shop.cuts > 3
    assert len(far.lines) == 60
    assert without_names(far.lines) == without_names(near.lines)


@pytest.mark.parametrize("text", ["s3://photos/day", "s3://photos/*/*.jpg", "s3://photos"])
def test_a_listing_that_was_refused_is_asked_for_again(shop, text):
    shop.busy_lists = 3
    found = find_images([text], recursive=True)
    assert [source.name for source in found] == [f"s3://photos/day/{number:03d}.jpg" for number in range(60)]
    assert shop.busy_lists == 0


def test_bodies_that_come_slowly_are_waited_for(shop, tmp_path):
    shop.slow, shop.cut = 0.01, 9
    far = dlcli("preprocess", "s3://photos/day", "--pre", "gamma(0.8)", "--out", tmp_path / "far")
    near = dlcli("preprocess", tmp_path / "photos", "--pre", "gamma(0.8)", "--out", tmp_path / "near")
    assert (far.code, near.code) == (0, 0), far.err
    made = [{path.name: path.read_bytes() for path in (tmp_path / side).rglob("*.jpg")} for side in ("far", "near")]
    assert made[0] == made[1]
    assert len(made[0]) == 60
    assert shop.cuts > 2


def test_wrong_credentials_are_told_in_a_sentence_without_a_secret(shop, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "WRONG")
    ran = dlcli("classify", "s3://photos/day")
    assert ran.code == 5
    assert "s3://photos/day: cannot be listed: the credentials are missing or wrong" in ran.err
    one = dlcli("classify", "s3://photos/day/000.jpg", "--json")
    assert one.code == 3
    assert json.loads(one.lines[0])["error"]["kind"] == "unreadable"
    for text in (ran.err, one.err, one.out):
        assert "WRONG" not in text
        assert "SECRETWORD" not in text


def test_results_go_to_the_store_whole_and_the_records_last(shop, tmp_path, monkeypatch):
    shop.busy = 6
    far = dlcli("preprocess", "s3://photos/day", "--pre", "gamma(0.8)", "--out", "s3://photos/made")
    near = dlcli("preprocess", tmp_path / "photos", "--pre", "gamma(0.8)", "--out", tmp_path / "made")
    assert (far.code, near.code) == (0, 0), far.err
    assert "62 files -> s3://photos/made/" in far.err
    shop.busy = 0
    listed = shop.store.list_objects_v2(Bucket="photos", Prefix="made/")["Contents"]
    sent = {
        item["Key"].removeprefix("made/"): shop.store.get_object(Bucket="photos", Key=item["Key"])["Body"].read()
        for item in listed
    }
    here = {str(p.relative_to(tmp_path / "made")): p.read_bytes() for p in (tmp_path / "made").rglob("*.*")}
    assert sent.keys() == here.keys()
    assert all(sent[name] == here[name] for name in here if name.endswith(".jpg"))
    assert without_names(sent["results.jsonl"].decode().splitlines()) == without_names(
        here["results.jsonl"].decode().splitlines()
    )
    again = dlcli("preprocess", "s3://photos/day", "--out", "s3://photos/made", "--pre", "gamma(0.8)")
    assert (again.code, "holds photos/made/" in again.err) == (2, True)


def test_results_that_cannot_be_sent_stay_here(shop, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = dlcli("classify", SAMPLES, "--out", "s3://nowhere/made")
    assert ran.code == 5
    (folder,) = tmp_path.glob("dlcli-out-*")
    assert "cannot be written: there is nothing of that name; check the spelling" in ran.err
    assert f"all results are in {folder}" in ran.err
    assert len((folder / "results.jsonl").read_text().splitlines()) == len(NAMES)


def test_a_run_that_stops_early_sends_nothing_and_names_the_folder_that_goes_on(shop, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    images = tmp_path / "some"
    images.mkdir()
    for number in range(3):
        shutil.copy(SAMPLES / NAMES[0], images / f"{number}.jpg")
    (images / "1.jpg").write_bytes(b"no image")
    ran = dlcli("classify", images, "--out", "s3://photos/early", "--fail-fast", "--threads", "1")
    (folder,) = tmp_path.glob("dlcli-out-*")
    assert ran.code == 3
    assert ran.err.splitlines()[-1] == (
        f"nothing was sent to s3://photos/early; the results so far are in {folder}: the same command with "
        f"--out {folder} --resume goes on"
    )
    assert shop.store.list_objects_v2(Bucket="photos", Prefix="early/")["KeyCount"] == 0
    shutil.copy(SAMPLES / NAMES[0], images / "1.jpg")
    assert dlcli("classify", images, "--out", folder, "--resume").code == 0
    assert len((folder / "results.jsonl").read_text().splitlines()) == 3


def test_an_interrupted_run_names_its_folder_at_the_end(shop, tmp_path):
    """As a program: the signal comes when the first record is there, while a store that is slow holds up the rest."""
    shop.slow = 0.5
    command = [sys.executable, "-m", "dlcli", "classify", "s3://photos/day", "--out", "s3://photos/later", "--json"]
    run = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=run, text=True)
    assert program.stdout.readline()
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=60)
    (folder,) = tmp_path.glob("dlcli-out-*")
    assert program.returncode == 130
    assert f"nothing was sent to s3://photos/later; the results so far are in {folder}: " in err
    assert err.splitlines()[-1].startswith("dlcli: interrupted after ")
    shop.slow = 0


def test_a_store_that_never_answers_is_told(shop):
    shop.busy = 1
    with pytest.raises(DlcliError, match=r"s3://photos/day: cannot be listed: no whole answer in 6 tries .*503"):
        find_images(["s3://photos/day"])
    with pytest.raises(ImageError, match=r"000.jpg: cannot be read: no whole answer in 6 tries"):
        remote.read_address("s3://photos/day/000.jpg")


class Web:
    """Pages by path: what each asks for in turn; "busy" is a 503, "cut" ends in the middle, "slow" comes in drops."""

    def __init__(self, answers: list[str]):
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        data = (SAMPLES / NAMES[0]).read_bytes()
        given: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer = answers[min(len(given), len(answers) - 1)]
                given.append(answer)
                status = {"busy": 503, "shut": 403, "gone": 404}.get(answer, 200)
                self.send_response(status)
                self.send_header("Content-Length", str(len(data) if status == 200 else 0))
                self.end_headers()
                if status == 200:
                    self.wfile.write(data[: len(data) // 2] if answer == "cut" else data)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.given = given
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/a.jpg?size=2"


@pytest.mark.parametrize(
    ("answers", "code", "asked", "words"),
    [
        (["whole"], 0, 1, ""),
        (["busy", "cut", "busy", "whole"], 0, 4, ""),
        (["gone"], 3, 1, "no such object; check the spelling"),
        (["shut"], 3, 1, "the credentials are missing or wrong"),
        (["cut"], 3, remote.TRIES, f"no whole answer in {remote.TRIES} tries"),
    ],
)
def test_the_web(answers, code, asked, words):
    pytest.importorskip("aiohttp")
    web = Web(answers)
    try:
        ran = dlcli("classify", web.address, "--json")
    finally:
        web.server.shutdown()
    assert (ran.code, len(web.given)) == (code, asked), ran.err
    assert words in ran.err
    if code == 0:
        assert (
            without_names(ran.lines)[0]["classes"]
            == without_names(dlcli("classify", SAMPLES / NAMES[0], "--json").lines)[0]["classes"]
        )
