"""Printed tags, one as a picture or many as sheets, and links as QR codes.

Rule: values in, bytes out; no HTTP, no SQL. Drawing is work for the processor: callers that draw
many run it in a worker thread.
"""
