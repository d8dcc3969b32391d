"""What is connected in a graph, which may have several edges between two nodes. Edges are rows of
two node numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class _Neighbours:
    """Where arcs lead: those of node n are `numbers[first[n]:first[n + 1]]`, their ends `ends`."""

    first: np.ndarray
    numbers: np.ndarray
    ends: np.ndarray

    @classmethod
    def along(cls, arcs: np.ndarray, nodes: int) -> "_Neighbours":
        """Of arcs from the first to the second node of each row."""
        numbers = np.argsort(arcs[:, 0], kind="stable")
        first = np.searchsorted(arcs[numbers, 0], np.arange(nodes + 1))
        return cls(first, numbers, arcs[numbers, 1])

    def of(self, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All arcs that leave these nodes: the node, the number of the arc, where it leads."""
        counts = self.first[nodes + 1] - self.first[nodes]
        ahead = np.cumsum(counts) - counts
        places = np.repeat(self.first[nodes] - ahead, counts) + np.arange(counts.sum())
        return np.repeat(nodes, counts), self.numbers[places], self.ends[places]


@dataclass(frozen=True)
class _Forest:
    """A forest of shortest ways from one node of each part: of each node the one `above` it (-1 at
    the top) and the number of the `edge` between them; `levels` are the nodes by their distance.
    """

    part: np.ndarray
    above: np.ndarray
    edge: np.ndarray
    levels: list[np.ndarray]


def components(edges: np.ndarray, nodes: int) -> np.ndarray:
    """Of each node the number of the part that the edges connect it to."""
    return _forest(edges, nodes).part


def bridges(edges: np.ndarray, nodes: int) -> np.ndarray:
    """Numbers of the edges whose removal parts their two nodes: those on no ring.

    Each edge outside a spanning forest gets a random label of 63 bits, each edge of the forest the
    exclusive or of those that close a ring with it: a bridge closes none and has 0 (Pritchard and
    Thurimella, ACM Transactions on Algorithms 2011;7:46). Any other edge has 0 with a probability
    of 2^-63.
    """
    forest = _forest(edges, nodes)
    below = np.flatnonzero(forest.above >= 0)
    labels = np.random.default_rng(len(edges)).integers(1, 2**63, len(edges), dtype=np.int64)
    labels[forest.edge[below]] = 0
    closed = np.zeros(nodes, dtype=np.int64)
    for side in (0, 1):
        np.bitwise_xor.at(closed, edges[:, side], labels)
    for level in forest.levels[:0:-1]:
        np.bitwise_xor.at(closed, forest.above[level], closed[level])
    return forest.edge[below[closed[below] == 0]]


def strong_components(arcs: np.ndarray, nodes: int) -> np.ndarray:
    """Of each node the number of the part whose nodes all lead to each other along the arcs."""
    if not nodes:
        return np.arange(0)
    ways = (
        _Neighbours.along(arcs, nodes),
        _Neighbours.along(arcs[:, ::-1], nodes),
    )
    # most nodes are of one large part, which the node with most arcs belongs to
    start = int(np.argmax(np.diff(ways[0].first) * np.diff(ways[1].first)))
    large = _reached(ways[0], start, nodes) & _reached(ways[1], start, nodes)
    part = np.where(large, start, np.arange(nodes))
    others = arcs[~large[arcs[:, 0]] & ~large[arcs[:, 1]]]
    leads: dict[int, list[int]] = {}
    for one, other in others.tolist():
        leads.setdefault(one, []).append(other)
    for together in _strongly_connected(leads):
        part[np.array(together)] = together[0]
    return part


def _forest(edges: np.ndarray, nodes: int) -> _Forest:
    both = np.concatenate([edges, edges[:, ::-1]])
    neighbours = _Neighbours.along(both, nodes)
    tops = _least_of_part(edges, nodes)
    part = tops.copy()
    above, edge = np.full(nodes, -1), np.full(nodes, -1)
    level = np.flatnonzero(tops == np.arange(nodes))
    seen = np.zeros(nodes, dtype=bool)
    levels: list[np.ndarray] = []
    while len(level):
        seen[level] = True
        levels.append(level)
        upper, number, lower = neighbours.of(level)
        is_new = ~seen[lower]
        next_level, first = np.unique(lower[is_new], return_index=True)
        above[next_level] = upper[is_new][first]
        edge[next_level] = number[is_new][first] % max(len(edges), 1)
        level = next_level
    return _Forest(part, above, edge, levels)


def _least_of_part(edges: np.ndarray, nodes: int) -> np.ndarray:
    """Of each node the least node of its part."""
    least = np.arange(nodes)
    while True:
        ends = least[edges]
        lower, upper = ends.min(axis=1), ends.max(axis=1)
        if (lower == upper).all():
            return least
        np.minimum.at(least, upper, lower)
        while (least[least] != least).any():
            least = least[least]


def _reached(neighbours: _Neighbours, start: int, nodes: int) -> np.ndarray:
    reached = np.zeros(nodes, dtype=bool)
    level = np.array([start])
    while len(level):
        reached[level] = True
        ends = neighbours.of(level)[2]
        level = np.unique(ends[~reached[ends]])
    return reached


def _strongly_connected(leads: dict[int, list[int]]) -> Iterator[list[int]]:
    """Tarjan's algorithm without recursion: the nodes of each strongly connected part."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    open_nodes: list[int] = []
    is_open: set[int] = set()
    for root in leads:
        if root in order:
            continue
        stack = [(root, iter(leads.get(root, ())))]
        order[root] = low[root] = len(order)
        open_nodes.append(root)
        is_open.add(root)
        while stack:
            node, rest = stack[-1]
            after = next(rest, None)
            if after is None:
                stack.pop()
                if stack:
                    low[stack[-1][0]] = min(low[stack[-1][0]], low[node])
                if low[node] == order[node]:
                    place = open_nodes.index(node)
                    together = open_nodes[place:]
                    del open_nodes[place:]
                    is_open.difference_update(together)
                    yield together
            elif after not in order:
                order[after] = low[after] = len(order)
                open_nodes.append(after)
                is_open.add(after)
                stack.append((after, iter(leads.get(after, ()))))
            elif after in is_open:
                low[node] = min(low[node], order[after])
