"""The commands of pools."""
