"""dlcli from Python: `dlcli.TASK(image)` and `dlcli.load(TASK)` over the predictors of the commands.

docs/python.md is for its users. dlcli/__init__.py imports this when one of its names is first asked for.
"""
