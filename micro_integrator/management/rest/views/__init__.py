"""The kinds of artifacts, one file each: what their list shows, and what is told about one.

Every list has carbonApp and file, every detail the fingerprint and the configuration as well; `view` adds them. Start
with `sequences`, the shortest; a new kind is a file like it and a name in `fixed` in `api`.
"""
