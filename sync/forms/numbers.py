"""Numbers alike in Python and JavaScript. Rule: every number of a form passes `round_to`.

A reading is judged by the value that is printed: rounded to the item's `decimals`, half to
even on its decimal digits, and then compared with the limit (the rounded-value comparison of
GB/T 8170-2008, of which excerpts were read). So the report never says "27.0, above 27", binary
noise such as 0.1 + 0.2 never breaks a limit, and a last bit in which two logarithms differ
never makes two verdicts.
"""

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

INTEGER_FROM = 2.0**53  # From here on every double is a whole number.
CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)

# Magnus formula over water: WMO-No. 8, Guide to Instruments and Methods of Observation,
# volume I, annex 4.B; valid from -45 °C to 60 °C.
MAGNUS_A = 17.62
MAGNUS_B = 243.12
MAGNUS_LOW = -45.0
MAGNUS_HIGH = 60.0


def round_to(value: float, decimals: int) -> float:
    """Round half to even on the shortest decimal digits that stand for `value`: 2.675 is a tie."""
    if abs(value) >= INTEGER_FROM:
        return value
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(value)).quantize(step, context=CONTEXT)) + 0.0  # Never -0.0.


def dew_point(temperature: float, humidity: float) -> float | None:
    """Give the dew point in °C of air at `temperature` °C and `humidity` % RH, never above it.

    None outside the formula's range, and for a humidity that is not above 0 and up to 100 %.
    """
    if not MAGNUS_LOW <= temperature <= MAGNUS_HIGH or not 0 < humidity <= 100:
        return None
    gamma = math.log(humidity / 100) + MAGNUS_A * temperature / (MAGNUS_B + temperature)
    return min(temperature, MAGNUS_B * gamma / (MAGNUS_A - gamma))
