"""Checkpoint to ONNX with its card; parity of torch and ONNX Runtime on real images; int8."""
