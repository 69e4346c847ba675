"""dlcli: vision on the command line. The version stands here and in no other place."""

__version__ = "0.1.0"
