"""What every test relies on, wherever the tests are started from."""

import os
import signal

from hypothesis import settings

from dlcli.tasks.registry import all_tasks
from tests.browser import browser  # noqa: F401 - a fixture

# A shell starts background jobs with Ctrl-C ignored, and every process below inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is slow now and then; that is no fault of the code under test.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# ONNX Runtime reports its use unless it is told not to before it is imported; some tests import it themselves.
os.environ["ORT_DISABLE_TELEMETRY"] = os.environ["ORT_TELEMETRY_DISABLED"] = "1"

# As the program does at its start: records of the tasks that were found can be read.
all_tasks()
