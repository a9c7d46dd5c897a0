"""``report.html``: an export as a page to look at."""
