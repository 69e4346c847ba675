"""What `dlcli preprocess` adds to a record, as JSON Schema."""

from typing import Any

_NUMBER = {"type": "number"}
_COUNT = {"type": "integer", "minimum": 1}

SCHEMA: dict[str, Any] = {
    "required": ["bits"],
    "properties": {
        "bits": {**_COUNT, "description": "a sample: of the file written, or with --check of the file read"},
        "size": {
            "description": "width, height",
            "type": "array",
            "items": _COUNT,
            "minItems": 2,
            "maxItems": 2,
        },
        "placement": {
            "description": "the way back: x of the upright source is (x - dx) / sx, y is (y - dy) / sy",
            "type": "object",
            "properties": {"sx": _NUMBER, "sy": _NUMBER, "dx": _NUMBER, "dy": _NUMBER},
            "required": ["sx", "sy", "dx", "dy"],
            "additionalProperties": False,
        },
        "pages_left_out": {**_COUNT, "description": "pages or frames of the file that were not written"},
        "outputs": {"description": "files written, below --out", "type": "array", "items": {"type": "string"}},
        "format": {"description": "with --check: of the content, whatever the name", "type": "string"},
        "frames": {**_COUNT, "description": "with --check: of an animation, pages of a TIFF"},
        "hash": {"description": "with --check: perceptual, 64 bits", "type": "string", "pattern": "^[0-9a-f]{16}$"},
        "findings": {
            "description": "with --check",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "kind": {
                        "enum": [
                            *("wrong-extension", "exif-turned", "16-bit", "cmyk", "alpha", "animated"),
                            "near-duplicate",
                        ]
                    },
                    "message": {"type": "string"},
                    "of": {"type": "string", "description": "the first image of its group"},
                    "distance": {"type": "integer", "minimum": 0, "description": "bits of the hashes that differ"},
                },
                "required": ["kind", "message"],
                "additionalProperties": False,
            },
        },
    },
}
