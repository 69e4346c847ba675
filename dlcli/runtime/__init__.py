"""ONNX Runtime: sessions, and images as tensors."""
