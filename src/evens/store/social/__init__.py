"""Records of what customers have won and lost, worked out of what was settled; profiles, and the leaderboard."""
