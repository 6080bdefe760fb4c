"""The sources: who talks with one provider in its dialect."""
