"""`dlcli preprocess`: pictures in, enhanced or converted pictures out; what a model sees; an audit of a folder."""
