"""The alerts of the room, as a person handles them: one call, one transaction, one announcement."""

from __future__ import annotations

from sqlalchemy import Connection

from command_api.access.sign_in import Principal
from command_api.alerts.model import Alert, AlertStep
from command_api.alerts.transitions import FalseAlarmReason, Handling, Refusal, Step, take
from command_api.push.announce import Announcer
from command_api.store import alerts, audit
from command_api.store.database import Store
from kernel.clock import Clock

_ACTIONS = {
    Step.ACKNOWLEDGE: audit.Action.ALERT_ACKNOWLEDGE,
    Step.UNDO: audit.Action.ALERT_UNDO,
    Step.FALSE_ALARM: audit.Action.ALERT_FALSE_ALARM,
}


class AlertBook:
    """Takes steps on alerts.

    Args:
        store: where alerts are.
        announcer: tells of changes once they are committed.
        clock: time.
    """

    def __init__(self, store: Store, announcer: Announcer, clock: Clock) -> None:
        self._store = store
        self._announcer = announcer
        self._clock = clock

    async def take(
        self, alert_id: str, step: Step, who: Principal, reason: FalseAlarmReason | None = None, note: str = ""
    ) -> Alert | Refusal:
        """The alert after the step, or why the step is refused.

        Raises:
            KeyError: no such alert.
            StoreUnavailable: nothing was written.
        """
        now = self._clock.now()

        def work(connection: Connection) -> tuple[Alert | Refusal, bool]:
            alert = alerts.get(connection, alert_id)
            if alert is None:
                raise KeyError(alert_id)
            handling = alerts.handling_of(alert)
            after = take(handling, step, who.name, now, reason)
            if isinstance(after, Refusal):
                return after, False
            if after is handling:
                return alert, False
            return _record(connection, alert, after, AlertStep(at=now, actor=who.name, action=step, note=note)), True

        def audited(connection: Connection) -> tuple[Alert | Refusal, bool]:
            outcome, has_changed = work(connection)
            if has_changed:
                detail = reason.value if reason is not None else ""
                entry = audit.Entry(now, who.name, who.address, _ACTIONS[step], alert_id, detail)
                audit.append(connection, entry)
            return outcome, has_changed

        outcome, has_changed = await self._store.write(audited)
        if has_changed and isinstance(outcome, Alert):
            self._announcer.alerts([outcome])
        return outcome


def _record(connection: Connection, alert: Alert, after: Handling, step: AlertStep) -> Alert:
    changed = alerts.record_handling(connection, alert.id, after, step)
    assert changed is not None
    return changed
