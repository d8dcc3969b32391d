"""What dbt and the database say to each other while a node runs.

dbt turns the project into statements. What it sends next depends on the project, on the relations
that stand, and on the answers to the questions that its macros ask; on nothing else. So a
conversation that was noted once can be held again without dbt, as long as the answers are the same.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

LEADING_COMMENTS = re.compile(r"\A(?:\s|/\*.*?\*/|--[^\n]*(?:\n|\Z))*", re.DOTALL)
#: Questions about what relations and columns stand; `schema_digest` answers all of them at once.
ABOUT_RELATIONS = re.compile(
    r"\A(?:pragma\b|select\b.*?\bsqlite_(?:temp_)?(?:master|schema)\b)", re.DOTALL | re.IGNORECASE
)
QUESTION = re.compile(r"\A(?:select|with|values)\b", re.IGNORECASE)

Speech = Literal["question", "about relations", "statement", "nothing"]


def speech_of(sql: str) -> Speech:
    """What kind of thing a text that dbt sends is."""
    comments = LEADING_COMMENTS.match(sql)
    text = sql[comments.end() :] if comments else sql
    if not text:
        return "nothing"
    if ABOUT_RELATIONS.match(text):
        return "about relations"
    return "question" if QUESTION.match(text) else "statement"


@dataclass(frozen=True)
class Turn:
    """One statement with its parameters; `answer` holds the rows of a question, None otherwise."""

    sql: str
    parameters: tuple[Any, ...] = ()
    answer: tuple[tuple[Any, ...], ...] | None = None


@dataclass
class Conversation:
    """All that was said while one node ran, and how the node ended."""

    node: str
    turns: list[Turn] = field(default_factory=list)
    outcome: dict[str, Any] = field(default_factory=dict)


class ConversationRecorder:
    """Notes the conversations of one call of dbt: hears each statement, and each start and end of
    a node. What is said between nodes, as by a hook of the whole call, is a conversation without
    an outcome.
    """

    def __init__(self) -> None:
        self.conversations: list[Conversation] = []
        self._present = threading.local()

    def start(self, node: str) -> None:
        """A node starts in this thread."""
        self._present.conversation = self._begin(node)

    def end(self, node: str, **outcome: Any) -> None:
        """The node of this thread ends."""
        conversation = getattr(self._present, "conversation", None)
        if conversation is None or conversation.node != node:
            conversation = self._begin(node)
        conversation.outcome = outcome
        self._present.conversation = None

    def _begin(self, node: str) -> Conversation:
        self.conversations.append(Conversation(node))
        return self.conversations[-1]

    def note(self, sql: str, parameters: Sequence[Any] = (), *, rows: list[tuple] | None) -> None:
        """A statement was carried out; `rows` are those of a question."""
        speech = speech_of(sql)
        if speech in ("about relations", "nothing"):
            return
        conversation = getattr(self._present, "conversation", None)
        if conversation is None:
            conversation = self._begin(f"between.{len(self.conversations)}")
            self._present.conversation = conversation
        answer = None if rows is None else tuple(tuple(row) for row in rows)
        conversation.turns.append(Turn(sql, tuple(parameters), answer))
