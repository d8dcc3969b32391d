"""What a run did, as OpenLineage events, for a catalogue of lineage such as Marquez or DataHub.

The events of a run are made from its record, so they are the same whenever they are asked for: the
run itself, each load and each model that was built, with rows, columns and what each column is made
of. They name relations, columns and loads, and hold no cell and no name of a delivered file.
Schema: https://openlineage.io/spec/2-0-2/OpenLineage.json, by the official client.
"""

import json
import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from pipeline.config import Settings
from pipeline.config.project import project_version
from pipeline.declared.column_inputs import load_inputs
from pipeline.errors import InputRefused
from pipeline.store.control import run_nodes, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.control.runs import Run
from pipeline.store.sqlite.clock import parsed
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import column_types, relation_names

PRODUCER = "urn:icon-health:workbench:"
JOBS = "icon-health"
#: How the end of a run is called there.
STATES = {"succeeded": "COMPLETE", "held": "COMPLETE", "failed": "FAIL", "cancelled": "ABORT"}


def as_json(settings: Settings, run_id: str) -> list[dict[str, Any]]:
    """The events of a run that has ended, as plain values. Raises as `events` does."""
    made = list(events(settings, run_id))
    from openlineage.client.serde import Serde

    return [json.loads(Serde.to_json(event)) for event in made]


def events(settings: Settings, run_id: str) -> Iterator[Any]:
    """The events of a run that has ended, in the order of their times.

    Raises InputRefused when there is no such run, when it has not ended, or without the client.
    """
    need_client()
    with open_control(settings) as control:
        run = runs.get(control, run_id)
        if run is None:
            raise InputRefused("is not on record", run_id, "icon-health runs list")
        if run.is_active or run.started_at is None:
            raise InputRefused("has no end, or no start, yet", run_id, "icon-health runs wait")
        nodes = run_nodes.of_run(control, run_id)
    columns: dict[str, dict[str, str]] = {}
    if warehouse_exists(settings):
        with open_warehouse(settings) as warehouse:
            columns = {
                name: column_types(warehouse, name)
                for name in sorted(relation_names(warehouse))
                if not name.startswith("sqlite_")
            }
    yield from _Story(settings, run, run.started_at, columns).events(nodes)


class _Story:
    """The events of one run."""

    def __init__(
        self,
        settings: Settings,
        run: Run,
        started: str,
        columns: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._run, self._started, self._columns = run, started, columns
        self._warehouse = f"sqlite://{socket.gethostname()}{settings.warehouse_path.resolve()}"
        self._engine = settings.target
        self._run_uuid = self._uuid("run", started)

    def events(self, nodes: list[dict[str, Any]]) -> Iterator[Any]:
        run = self._run
        yield self._event("START", self._started, run.verb, self._run_uuid, parent=False)
        for load in run.result.get("loads") or ():
            if load["status"] == "loaded":
                yield self._load(load)
        for node in nodes:
            if node["kind"] in ("model", "seed") and node["status"] in ("success", "error"):
                yield from self._node(node)
        yield self._event(
            STATES[run.status],
            run.finished_at or self._started,
            run.verb,
            self._run_uuid,
            inputs=self._judged(),
            parent=False,
            # the error of a run may name a delivered file
            error=f"{run.run_id} {run.status}: icon-health runs show {run.run_id} says why"
            if run.status in ("failed", "cancelled")
            else None,
        )

    def _load(self, load: Mapping[str, Any]) -> Any:
        from openlineage.client.event_v2 import InputDataset, OutputDataset
        from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

        raw = f"raw_{load['entity']}"
        return self._event(
            "COMPLETE",
            self._started,
            f"load.{load['entity']}",
            self._uuid(load["load_id"], self._started),
            [InputDataset(self._warehouse, f"delivered.{load['load_id']}")],
            [
                OutputDataset(
                    self._warehouse,
                    raw,
                    facets=self._schema(raw),
                    outputFacets={
                        "outputStatistics": statistics.OutputStatisticsOutputDatasetFacet(
                            rowCount=load["received"] - load["rejected"]
                        )
                    },
                )
            ],
        )

    def _node(self, node: Mapping[str, Any]) -> Iterator[Any]:
        from openlineage.client.event_v2 import InputDataset, OutputDataset
        from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

        name, started = node["name"], node["started_at"]
        ended = (parsed(started) + timedelta(seconds=node["seconds"] or 0)).isoformat()
        uuid = self._uuid(node["node"], started)
        yield self._event("START", started, name, uuid)
        if node["status"] == "error":
            yield self._event("FAIL", ended, name, uuid)
            return
        made_of = load_inputs().get(name)
        output_facets: dict[str, Any] = {}
        if node["rows"] is not None:
            output_facets["outputStatistics"] = statistics.OutputStatisticsOutputDatasetFacet(
                rowCount=node["rows"]
            )
        yield self._event(
            "COMPLETE",
            ended,
            name,
            uuid,
            [
                InputDataset(self._warehouse, each)
                for each in (made_of.relations if made_of else ())
            ],
            [
                OutputDataset(
                    self._warehouse,
                    name,
                    facets={**self._schema(name), **self._column_lineage(name)},
                    outputFacets=output_facets,
                )
            ],
        )

    def _judged(self) -> list[Any]:
        """What the rules found in the rows of each source."""
        from openlineage.client.event_v2 import InputDataset
        from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

        by_source: dict[str, list[Any]] = {}
        for rule in self._run.result.get("rules") or ():
            if rule["status"] != "not applicable":
                by_source.setdefault(rule["entity"], []).append(
                    quality.Assertion(
                        assertion=f"{rule['rule_id']} {rule['rule_name']}",
                        success=rule["status"] == "passed",
                        severity="error" if rule["status"] == "failed" else "warn",
                    )
                )
        return [
            InputDataset(
                self._warehouse,
                f"stg_{source}",
                inputFacets={
                    "dataQualityAssertions": quality.DataQualityAssertionsDatasetFacet(assertions)
                },
            )
            for source, assertions in by_source.items()
            if f"stg_{source}" in self._columns
        ]

    def _schema(self, relation: str) -> dict[str, Any]:
        from openlineage.client.facet_v2 import schema_dataset

        types = self._columns.get(relation)
        if not types:
            return {}
        fields = [
            schema_dataset.SchemaDatasetFacetFields(name=column, type=type_ or None)
            for column, type_ in types.items()
        ]
        return {"schema": schema_dataset.SchemaDatasetFacet(fields=fields)}

    def _column_lineage(self, model: str) -> dict[str, Any]:
        from openlineage.client.facet_v2 import column_lineage_dataset as lineage

        made_of = load_inputs().get(model)
        if made_of is None:
            return {}
        fields = {
            column: lineage.Fields(
                [lineage.InputField(self._warehouse, relation, name) for relation, name in read]
            )
            for column, read in made_of.columns.items()
            if read
        }
        return {"columnLineage": lineage.ColumnLineageDatasetFacet(fields=fields)} if fields else {}

    def _event(
        self,
        state: str,
        moment: str,
        job: str,
        uuid: str,
        inputs: list[Any] | None = None,
        outputs: list[Any] | None = None,
        parent: bool = True,
        error: str | None = None,
    ) -> Any:
        from openlineage.client import event_v2
        from openlineage.client.facet_v2 import (
            error_message_run,
            parent_run,
            processing_engine_run,
        )

        facets: dict[str, Any] = {
            "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
                version=project_version(), name=f"icon-health on {self._engine}"
            )
        }
        if parent:
            facets["parent"] = parent_run.ParentRunFacet(
                parent_run.Run(self._run_uuid), parent_run.Job(JOBS, self._run.verb)
            )
        if error:
            facets["errorMessage"] = error_message_run.ErrorMessageRunFacet(error, "python")
        return event_v2.RunEvent(
            eventTime=moment,
            producer=PRODUCER + project_version(),
            run=event_v2.Run(uuid, facets),
            job=event_v2.Job(JOBS, job),
            eventType=event_v2.RunState(state),
            inputs=inputs or [],
            outputs=outputs or [],
        )

    def _uuid(self, what: str, moment: str) -> str:
        """The same for the same run of the same warehouse, whenever it is asked for."""
        from openlineage.client.uuid import generate_static_uuid

        whose = f"{self._warehouse} {self._run.run_id} {what}"
        return str(generate_static_uuid(parsed(moment), whose.encode()))


def need_client() -> None:
    """Raise InputRefused where the client of OpenLineage is not installed."""
    try:
        import openlineage.client  # noqa: F401
    except ImportError as error:
        raise InputRefused(
            "is not installed",
            "the OpenLineage client",
            "pip install 'icon-health-workbench[lineage]'",
        ) from error
