"""`dlcli style-transfer`: images painted in the manner of others."""
