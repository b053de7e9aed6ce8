"""``frontdesk test``: an assistant's own end-to-end stories, played and judged."""
