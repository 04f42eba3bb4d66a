"""Reading what readers type: shapes and slices, by hand and never by `eval`."""

import math
import re

MOST_ELEMENTS = 10**12
MOST_TYPED = 200  # characters: what is pasted by mistake may be a whole file, and would take minutes to look through


def short(typed):
    """What was typed as text. ValueError if it is longer than anybody types."""
    text = str(typed)
    if len(text) > MOST_TYPED:
        raise ValueError(f"{len(text):,} characters are too many: at most {MOST_TYPED}, please")
    return text


def parse_shape(text, most_axes=5, wildcard=False):
    """ "(3, 1)" or "3 1" or "3x1" → (3, 1); "()" → (). ValueError says in plain words what is wrong.

    wildcard: one -1 is allowed, as in reshape.
    """
    inside = short(text).strip().removeprefix("(").removesuffix(")").strip()
    parts = [part for part in re.split(r"[\s,x×]+", inside) if part]
    for part in parts:
        if not re.fullmatch(r"\d{1,7}|-1", part) or (part == "-1" and not wildcard):
            raise ValueError(f"{part!r} is not a length: write whole numbers, such as (3, 1)")
    shape = tuple(map(int, parts))
    if math.prod(shape) > MOST_ELEMENTS:
        raise ValueError("these are more numbers than any memory holds")
    if len(shape) > most_axes:
        raise ValueError(f"{len(shape)} axes are too many to draw: at most {most_axes}")
    if shape.count(-1) > 1:
        raise ValueError("only one length can be -1")
    return shape


def parse_index(text):
    """What stands between the brackets for one axis: "10:100", "::2", "-3", "" or "[0, 2]" → slice, int or list."""
    text = short(text).strip()
    if listed := re.fullmatch(r"\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*,?\s*\]", text):
        return [int(n) for n in listed[1].split(",")]
    if re.fullmatch(r"-?\d{1,9}", text):
        return int(text)
    parts = text.split(":") if text else ["", ""]
    if not 2 <= len(parts) <= 3 or not all(re.fullmatch(r"\s*(-?\d{1,9})?\s*", part) for part in parts):
        raise ValueError(f"{text!r} is not a slice: write start:stop:step, a number, or a list such as [0, 2]")
    numbers = [int(part) if part.strip() else None for part in parts]
    if len(numbers) == 3 and numbers[2] == 0:
        raise ValueError("the step cannot be 0")
    return slice(*numbers)


def parse_number(name, typed, largest):
    """A decimal number as readers type it: "-0.5", "3", ".25"."""
    decimal = re.fullmatch(r"\s*-?([0-9]{1,4}(\.[0-9]{0,3})?|\.[0-9]{1,3})\s*", short(typed))
    if not decimal or abs(float(typed)) > largest:
        raise ValueError(
            f"{name}: {str(typed)[:20]!r} is not a number from -{largest} to {largest} with at most 3 decimals"
        )
    return float(typed)
