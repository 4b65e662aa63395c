"""The report of a run: as one JSON object, and as what its exit code is made of."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seikyu.board.calls import Usage
from seikyu.connector.reasons import Language
from seikyu.connector.store import Item, Outcome, RunRow, RunState

ALL_WELL, NEEDS_A_HUMAN, FAILED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Report:
    """A run, its items in the order of the plan, and the board calls of the day."""

    run: RunRow
    items: tuple[Item, ...]
    usage: Usage | None = None
    dry_run: bool = False

    @property
    def exit_code(self) -> int:
        """0 all well, 1 some invoices need a human, 2 the run did not reach its end."""
        if self.run.state is not RunState.DONE:
            return FAILED
        return NEEDS_A_HUMAN if self.with_outcome(Outcome.NEEDS_HUMAN) else ALL_WELL

    @property
    def counts(self) -> Mapping[str, int]:
        """How many items had each outcome."""
        counted = Counter(item.outcome for item in self.items)
        return {outcome.value: counted.get(outcome, 0) for outcome in Outcome}

    def with_outcome(self, *outcomes: Outcome) -> list[Item]:
        """Return the items with one of these outcomes."""
        return [item for item in self.items if item.outcome in outcomes]

    def error(self, language: Language) -> str | None:
        """Return why the run ended early, in one sentence."""
        return self.run.error_ja if language == "ja" else self.run.error_en

    def as_json(self, language: Language) -> dict[str, Any]:
        """Return the report as one JSON object; amounts in minor units of their currency."""
        error = self.error(language)
        return {
            "run": {
                "id": self.run.id,
                "state": self.run.state.value,
                "requested_by": self.run.requested_by,
                "began_at": _written(self.run.began_at),
                "ended_at": _written(self.run.ended_at),
                "window_start": _written(self.run.window_start),
            },
            "dry_run": self.dry_run,
            "exit_code": self.exit_code,
            "error": {"kind": self.run.error_kind, "message": error} if error else None,
            "counts": self.counts,
            "board_calls": self._calls(),
            "items": [_item(item, language) for item in self.items],
        }

    def _calls(self) -> dict[str, Any]:
        calls: dict[str, Any] = {"this_run": self.run.board_calls}
        if self.usage is not None:
            calls["used_today"] = self.usage.used
            calls["limit"] = self.usage.limit
            calls["stops_at"] = self.usage.stops_at
            calls["resets_at"] = _written(self.usage.resets_at)
        return calls


def _item(item: Item, language: Language) -> dict[str, Any]:
    return {
        "board_invoice_id": item.board_invoice_id,
        "project_no": item.project_no,
        "name": item.name,
        "client": item.client_name,
        "amount": item.amount,
        "currency": item.currency,
        "operation": item.operation,
        "mode": item.mode,
        "outcome": item.outcome.value,
        "reasons": [
            {"name": reason.name, "kind": reason.kind.value, "text": reason.sentence(language)}
            for reason in item.reasons
        ],
        "stripe_invoice_id": item.stripe_invoice_id,
        "hosted_url": item.hosted_url,
    }


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
