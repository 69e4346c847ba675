"""What changed between two files of records; `dlcli diff` calls compare.py and tell.py."""
