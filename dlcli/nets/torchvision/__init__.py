"""torchvision's networks by name."""
