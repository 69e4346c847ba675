"""The words of the options on optimization. Light."""

from enum import StrEnum


class OptimizerName(StrEnum):
    SGD = "sgd"
    MOMENTUM = "momentum"
    RMSPROP = "rmsprop"
    ADAM = "adam"
    ADAMW = "adamw"


class InitName(StrEnum):
    DEFAULT = "default"
    XAVIER = "xavier"
    KAIMING = "kaiming"


class ScheduleName(StrEnum):
    COSINE = "cosine"
    WARM_RESTARTS = "warm-restarts"
    STEP = "step"
    PLATEAU = "plateau"
    CONSTANT = "constant"
