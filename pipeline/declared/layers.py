"""The medallion layers in the order in which data flows through them."""

from enum import Enum


class Layer(Enum):
    """One layer: its name (also the dbt tag and the model folder) and its medallion label."""

    LANDING_ZONE = ("landing_zone", "bronze")
    STANDARD_MODEL = ("standard_model", "silver")
    ENTERPRISE_DATASETS = ("enterprise_datasets", "gold")
    FEATURE_STORE = ("feature_store", "features")

    def __init__(self, label: str, medallion: str) -> None:
        self.label = label
        self.medallion = medallion

    @property
    def selector(self) -> str:
        """The dbt selection that builds this layer."""
        return f"tag:{self.label}"

    @classmethod
    def named(cls, label: str) -> "Layer":
        """The layer called `label`; raises KeyError when there is none."""
        for layer in cls:
            if layer.label == label:
                return layer
        raise KeyError(label)
