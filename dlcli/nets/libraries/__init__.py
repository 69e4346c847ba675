"""Networks of timm and segmentation_models_pytorch by name; the libraries load when asked, each an extra of its own."""
