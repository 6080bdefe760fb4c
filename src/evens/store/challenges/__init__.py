"""The challenges' tables."""
