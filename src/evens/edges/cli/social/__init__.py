"""The commands of profiles and the leaderboard."""
