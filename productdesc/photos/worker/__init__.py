"""Fenced child processes: native code that reads strangers' pixels runs without files,
sockets, secrets or forks, with limits on memory and time. One rule for all of them.

To add one: a module with a `Program` (see `child_program.py`) and a `Work` that names it.
"""
