"""Commands that are not picture tasks."""
