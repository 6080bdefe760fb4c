"""The command that runs the line provider."""
