"""A run as one file for other tools and for people: JUnit, SARIF, GitHub, Markdown, CSV, HTML."""
