"""A small part of `make fuzz`: always the same attacks."""

import fuzz


def test_no_attack_gets_through(tmp_path):
    happened = set(fuzz.attacks(seed=1, cases=60, folder=tmp_path))
    assert {"idx plain: read", "idx zip damaged: refused", "idx bomb: refused"} <= happened
    assert {f"weights {kind}: refused" for kind in ("bytes", "header", "numbers", "members")} <= happened
    assert {"weights bytes: loaded", "weights header: loaded", "messages: some refused"} <= happened


def test_the_oracle_knows_good_from_bad():
    header = bytes([0, 0, 8, 1, 0, 0, 0, 3])
    assert fuzz.meaning(header + b"abc") == (">u1", (3,), b"abc")
    assert [fuzz.meaning(raw) for raw in (header + b"ab", header + b"abcd", header[:6], b"")] == [None] * 4
