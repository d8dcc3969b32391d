"""Bridges and parts of random graphs, as counted by taking each edge away."""

import numpy as np
import pytest

from pipeline.privacy import rings


def _reached(edges: list[tuple[int, int]], start: int) -> set[int]:
    reached, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        for one, other in edges:
            if node in (one, other):
                for end in {one, other} - reached:
                    reached.add(end)
                    waiting.append(end)
    return reached


@pytest.mark.parametrize("seed", range(60))
def test_an_edge_is_a_bridge_where_its_ends_part_without_it(seed):
    chance = np.random.default_rng(seed)
    nodes, count = int(chance.integers(2, 12)), int(chance.integers(0, 18))
    pairs = [tuple(chance.choice(nodes, 2, replace=False).tolist()) for _ in range(count)]
    edges = np.array(pairs, dtype=int).reshape(-1, 2)
    expected = [
        number
        for number, (one, other) in enumerate(pairs)
        if other not in _reached(pairs[:number] + pairs[number + 1 :], one)
    ]
    assert sorted(rings.bridges(edges, nodes).tolist()) == expected
    parts = rings.components(edges, nodes)
    for node in range(nodes):
        assert {other for other in range(nodes) if parts[other] == parts[node]} == _reached(
            pairs, node
        )


@pytest.mark.parametrize("seed", range(60))
def test_nodes_are_strongly_connected_that_lead_to_each_other(seed):
    chance = np.random.default_rng(seed)
    nodes, count = int(chance.integers(1, 12)), int(chance.integers(0, 22))
    pairs = [tuple(chance.choice(nodes, 2).tolist()) for _ in range(count)]
    reached = {node: {node} for node in range(nodes)}
    for _ in range(nodes):
        for one, other in pairs:
            for ends in reached.values():
                if one in ends:
                    ends.add(other)
    parts = rings.strong_components(np.array(pairs, dtype=int).reshape(-1, 2), nodes)
    for one in range(nodes):
        for other in range(nodes):
            leads = other in reached[one] and one in reached[other]
            assert (parts[one] == parts[other]) == leads


def test_a_graph_of_nothing_has_no_parts_and_no_bridges():
    nothing = np.zeros((0, 2), dtype=int)
    for nodes in (0, 3):
        assert rings.bridges(nothing, nodes).tolist() == []
        assert rings.components(nothing, nodes).tolist() == list(range(nodes))
        assert rings.strong_components(nothing, nodes).tolist() == list(range(nodes))
