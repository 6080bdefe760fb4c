"""The demo: a server with simulated customers, shown in the terminal."""
