"""What hears how a run goes."""

from pipeline.transform.records import NodeResult, PlannedNode


class RunListener:
    """Hears how a run goes; a listener takes up what it wants to hear."""

    def loading(self, path: str, percent: int) -> None:
        """A path of the run is loaded so far."""

    def plan(self, nodes: list[PlannedNode]) -> None:
        """These steps are going to run."""

    def note(self, node: NodeResult) -> None:
        """A step starts or ends."""

    def searching(self, node: NodeResult, trials: int) -> None:
        """A step failed, and what makes it fail is looked for; so many trials were begun."""
