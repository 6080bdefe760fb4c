"""The commands, a module for each group: read the arguments, ask the server or the composition root, show it."""
