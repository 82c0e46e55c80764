"""The self-test from the command line: what holds, in numbers, without a studio."""

from __future__ import annotations

from tests.cli.samajh import Samajh


def test_every_truth_holds_on_the_installed_product_and_is_told_with_its_numbers(fresh: Samajh) -> None:
    said = fresh("selftest", "--json").json
    assert said["held"] == said["total"] == len(said["checks"]) >= 40
    by_name = {check["name"]: check for check in said["checks"]}
    order = by_name["samplers.order_heun"]
    assert abs(order["got"] - 2) < 0.15 and order["expected"] == 2.05
