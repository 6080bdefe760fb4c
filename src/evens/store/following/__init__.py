"""Follows and copies in the database."""
