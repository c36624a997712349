"""Printed tags: one as a picture, many as sheets. Rule: values in, bytes out; no HTTP, no SQL.

Drawing is work for the processor: callers run it in a worker thread.
"""
