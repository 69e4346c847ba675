"""`dlcli doctor`: is this installation sound, and is this data set?"""
