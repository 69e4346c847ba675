"""python ssdlite.py IMAGE...: torchvision's SSDLite in a plain script, as its documentation has it; a line an image."""

import sys

import torch
from torchvision.io import ImageReadMode, decode_image
from torchvision.models.detection import ssdlite320_mobilenet_v3_large

net = ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None).eval()  # its weights take a download
for path in sys.argv[1:]:
    image = decode_image(path, ImageReadMode.RGB).float() / 255
    with torch.inference_mode():
        found = net([image])[0]
    print(path, len(found["boxes"]))
