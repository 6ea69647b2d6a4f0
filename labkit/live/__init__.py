"""What is so in the Workspace now, and what has happened in it: from the stream and REST, for the panels to draw.

Nothing here needs a browser, a widget or a notebook.
"""
