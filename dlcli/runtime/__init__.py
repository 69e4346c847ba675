"""ONNX Runtime: sessions, and pictures as tensors."""
