"""The command line. Rule: an expected fault is one line and exit code 2, never a traceback."""
