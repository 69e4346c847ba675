"""What the numbers of a network that dlcli did not train mean: words for a card's `decoding`, light and in one place.

A card of such a network has "output", the name of the output that counts, or "outputs", those of several; and
"layout", "channels", how it takes images, where it does not take them as dlcli's own networks do: [1, 3, h, w] in RGB.
For detect, "kind" is one of LAYOUTS; tasks/detect/layouts has what each means.
"""

YOLO_V8 = "yolov8"  # [1, 4 + classes, N]: center and size in pixels of the input, then a score a class
YOLO_V5 = "yolov5"  # [1, N, 5 + classes]: the same with the objectness before the scores, which it multiplies
BOX_KINDS = (YOLO_V8, YOLO_V5)
LAYOUTS = (
    *BOX_KINDS,
    *("yolox", "end-to-end", "yolov7-nms", "efficientdet", "rtdetr-rows", "nanodet", "picodet", "detr", "rtdetr"),
    *("tensorflow", "ssd", "torchvision-onnx"),
)

SOFTMAX, SIGMOID, PROBABILITIES = "softmax", "sigmoid", "probabilities"  # what makes outputs of a classifier scores
CLASS_SCORES = (SOFTMAX, SIGMOID, PROBABILITIES)

NCHW, NHWC = "nchw", "nhwc"
RGB, BGR = "rgb", "bgr"

TORCHVISION = "torchvision"  # boxes, scores and class ids as torchvision's detectors give them, NMS done
REGISTRY = "torchvision/"  # how names of its registry begin
