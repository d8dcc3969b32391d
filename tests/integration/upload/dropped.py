"""Files dropped into the tray of a home, and the report of the only one."""

import io

from pipeline.services.upload import joint_judgement, preflight, tray


def drop(settings, name: str, text: str) -> str:
    return tray.keep(settings, name, io.BytesIO(text.encode()))


def only(settings, rows_at_most=joint_judgement.HEAD_ROWS):
    (report,) = preflight.check(settings, tray.waiting(settings), rows_at_most).reports.values()
    return report
