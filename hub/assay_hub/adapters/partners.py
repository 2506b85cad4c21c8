"""Tells applicant tracking systems how their orders stand, as each has documented it.

Greenhouse is sent a ``PATCH`` without a body to the ``url`` of its order once that is complete, and asks for the status
then (https://developers.greenhouse.io/assessment.html, "PATCH - Mark Test as Completed"). Ashby is posted
``assessment.update`` at every change (https://developers.ashbyhq.com/docs/creating-an-assessments-integration and
https://developers.ashbyhq.com/docs/assessmentupdate). Both want a key as the user name of HTTP Basic, without a
password; that Greenhouse's is the one that it shows us is read from the examples there, where both are the same.
"""

import base64
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assay_hub.domain.partner import Report, Standing, System
from assay_hub.ports import Courier

_log = logging.getLogger(__name__)

ASHBY_UPDATE = "https://api.ashbyhq.com/assessment.update"
_OK = range(200, 300)
_WORDS = {
    Standing.SENT: "Sent",
    Standing.STARTED: "Started",
    Standing.SUBMITTED: "Submitted",
    Standing.COMPLETE: "Complete",
    Standing.CANCELLED: "Cancelled",
}


@dataclass(frozen=True)
class PartnerTeller:
    """Calls the systems.

    Attributes:
        ashby: where Ashby takes updates.
        seconds: returns the time since 1970 in seconds.
    """

    courier: Courier
    ashby: str = ASHBY_UPDATE
    seconds: Callable[[], float] = time.time

    async def tell(self, report: Report) -> bool:
        """Tell a system, and return whether it took it; what it does not want to hear counts as told."""
        token = base64.b64encode(f"{report.key}:".encode()).decode("ascii")
        headers = {"Authorization": f"Basic {token}", "Accept": "application/json"}
        if report.system is System.ASHBY:
            body = json.dumps(ashby_update(report, int(self.seconds() * 1000))).encode()
            headers["Content-Type"] = "application/json"
            answer = await self.courier.send(self.ashby, body, headers)
        elif report.status.standing is Standing.COMPLETE and report.order.callback:
            answer = await self.courier.send(report.order.callback, b"", headers, method="PATCH")
        else:
            return True
        if answer.status not in _OK:
            _log.warning("%s took no news of order %s: %s", report.system, report.order.id, answer.status)
        return answer.status in _OK


def ashby_update(report: Report, milliseconds: int) -> dict[str, Any]:
    """Return the body of ``assessment.update``; a result says that it is complete, a reason that it is cancelled."""
    status = report.status
    update: dict[str, Any] = {"assessment_id": report.order.id, "timestamp": milliseconds}
    if status.standing is Standing.CANCELLED:
        update["cancelled_reason"] = _value("cancelled_reason", "Cancelled", "string", "Cancelled in Assay")
        return update
    update["assessment_status"] = _value("status", "Status", "string", _WORDS[status.standing])
    update["assessment_profile_url"] = _value("profile_url", "Interview in Assay", "url", status.url)
    if status.standing is Standing.COMPLETE:
        update["assessment_result"] = (
            _value("score", "Score in percent", "string", "No points")
            if status.score is None
            else _value("score", "Score in percent", "numeric_score", status.score)
        )
        update["metadata"] = [_value("open_cells", "Cells that a person grades", "string", str(status.open_cells))]
    return update


def _value(identifier: str, label: str, kind: str, value: str | float) -> dict[str, str | float]:
    return {"identifier": identifier, "label": label, "type": kind, "value": value}
