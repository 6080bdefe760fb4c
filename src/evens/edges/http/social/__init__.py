"""Profiles and the leaderboard."""
