"""What the office reads of signatures, and the link by which one is given later.

Rule: words for people stand in the app; here are the codes that they are made from.
"""

from typing import Literal

# genuine: sealed with a device's key, and whole. older: an app of before sealed the document alone.
# by-link: given by a link on the signer's own phone, for which no device's key stands.
# unsealed: no device sealed it. broken: it does not verify; the faults say why.
SealVerdict = Literal["genuine", "older", "by-link", "unsealed", "broken"]

# digest: the document's bytes are not those of the digest. form: it is not canonical (RFC 8785).
# subject: it speaks of something or somebody else than the record. op: the record is not what was
# received. key: nobody registered that key. seal: the key did not seal this.
SealFault = Literal["digest", "form", "subject", "op", "key", "seal"]
