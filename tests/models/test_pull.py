"""What is fetched is whole and of the sum that its name tells, or it is not there."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dlcli.errors import DataError, DlcliError, MissingError
from dlcli.models.pull import pull

DATA = bytes(range(256)) * 5000
NAME = f"net-{hashlib.sha256(DATA).hexdigest()[:8]}.pth"


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        if "none" in self.path:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA[:1000] if "short" in self.path else DATA)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_fetched_whole(server, tmp_path):
    path = tmp_path / "hub" / "checkpoints" / NAME
    assert pull(f"{server}/{NAME}", path) == len(DATA)
    assert path.read_bytes() == DATA
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("address", "name", "error", "words"),
    [
        ("/x", "net-00000000.pth", DataError, r"expected a SHA-256 of 00000000\.\.\., got .*; nothing was kept"),
        (
            "/none",
            NAME,
            MissingError,
            "cannot be fetched: Not Found; fetch it where there is a network, and put it to ",
        ),
        ("/short", NAME, MissingError, r"ended after 1000 of 1280000 bytes|cannot be fetched"),
    ],
)
def test_nothing_is_kept(server, tmp_path, address, name, error, words):
    with pytest.raises(error, match=words):
        pull(server + address, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "name"), [("file:///etc/passwd", NAME), ("ftp://127.0.0.1/x", NAME), ("http://127.0.0.1/x", "net.pth")]
)
def test_addresses_that_are_refused(tmp_path, url, name):
    with pytest.raises(DataError, match="expected an address of http or https"):
        pull(url, tmp_path / name)


def test_no_server(tmp_path):
    with pytest.raises(MissingError, match=r"cannot be fetched: .*refused"):
        pull("http://127.0.0.1:1/x", tmp_path / NAME)


def test_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DlcliError, match="set TORCH_HOME to another folder"):
        pull("http://127.0.0.1:1/x", tmp_path / "file" / NAME)
