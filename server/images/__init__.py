"""What a file is, found out from its bytes, and what may be shown of it.

Rule: nothing that a file or its sender says of itself is believed, and bytes from outside are only
ever opened in a process of their own (`sandbox`). No HTTP, no SQL.
"""
