"""What the pages share on screen, and nothing else: words, marks, charts, the table, the tab's memory."""
