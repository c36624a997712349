"""Who is calling: a device by its credential, a person by their session.

Rule: secrets are compared in constant time and kept as SHA-256; nothing here says which half of a
secret was wrong. `provide_*` are the dependencies that routes name.
"""
