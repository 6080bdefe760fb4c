"""What customers keep of their own for the pages that show it: preferences, favourites, what they have read."""
