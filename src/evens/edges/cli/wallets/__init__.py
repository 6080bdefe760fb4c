"""Commands about users and their money."""
