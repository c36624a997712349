"""Backups, and the way back. Rule: one counts once its manifest is whole and on the disk.

A folder of backups holds one folder a backup, and the bytes of all of them in one pool, each once:

    blobs/                          as in the store (`server.blobs`), by content address
    20261122T091500Z-0190a1b2/
        database.sqlite             or tables/NAME.copy, from PostgreSQL
        blobs.ndjson                what of the pool belongs to it
        manifest.json               written last

The database is copied first, and then the bytes: they land before their rows, so all that the copy
speaks of is there. Nothing is collected in between (`server.store.blob_collect.hold`).
"""
