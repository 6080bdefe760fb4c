"""One's own account on the pages that show it: preferences, favourites, notifications."""
