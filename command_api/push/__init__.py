"""From a commit to the pages that are open: a hub, one bounded queue per page, server-sent events."""
