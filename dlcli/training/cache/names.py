"""The words of --cache. Light."""

from enum import StrEnum


class CacheName(StrEnum):
    NONE = "none"
    RAM = "ram"
    DISK = "disk"
