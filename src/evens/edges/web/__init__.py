"""The browser app: the files of its build, the pages around them, and the previews of links."""
