"""The `evens` command line: rich tables for people, `--json` for scripts, exit codes that mean something.

Commands that change something speak to the running server over HTTP, as any other client does.
"""
