"""python dnn.py MODEL IMAGE...: a detector of dlcli in OpenCV's dnn, without decoding its boxes; a line an image."""

import sys

import cv2

net = cv2.dnn.readNetFromONNX(sys.argv[1])
for path in sys.argv[2:]:
    blob = cv2.dnn.blobFromImage(cv2.imread(path), 1 / 128, (320, 320), (127, 127, 127), swapRB=True)
    net.setInput(blob)
    print(path, [part.shape for part in net.forward(net.getUnconnectedOutLayersNames())])
