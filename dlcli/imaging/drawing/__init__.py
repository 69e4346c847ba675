"""Images for people to look at: boxes, masks, labels, sheets."""
