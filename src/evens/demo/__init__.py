"""The demo: a house with simulated customers, shown in the terminal."""
