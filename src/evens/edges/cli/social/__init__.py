"""The commands of profiles, the leaderboard and following."""
