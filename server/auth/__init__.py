"""Who is calling: a device by its credential, a person by their session.

Rule: secrets are compared in constant time and kept as SHA-256; nothing here says which half of a
secret was wrong. `provide_*` are the dependencies that routes name.
"""

from server.auth.attempts import Attempts, provide_address
from server.auth.devices import CALLED, Device, provide_caller, provide_device
from server.auth.passwords import Passwords, check_password
from server.auth.people import SignedIn, provide_signed_in

__all__ = [
    "CALLED",
    "Attempts",
    "Device",
    "Passwords",
    "SignedIn",
    "check_password",
    "provide_address",
    "provide_caller",
    "provide_device",
    "provide_signed_in",
]
