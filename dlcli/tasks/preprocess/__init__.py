"""`dlcli preprocess`: images in, enhanced or converted images out; what a model sees; an audit of a folder."""
