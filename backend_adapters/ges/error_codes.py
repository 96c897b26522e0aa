"""What the error codes of GES and of its gateway mean, and what a person can do (PROTOCOL.md, section 5)."""

from __future__ import annotations

GES_CODES = {
    "GES.0001": ("invalid parameter", "Check the project id, the graph's name and the token."),
    "GES.0016": ("resource not found", "Check that the project id belongs to this login."),
    "GES.7000": ("the graph is gone", ""),
    "GES.7001": ("the graph is not running", "Start it in the GES console."),
    "GES.7002": ("the graph is being backed up", "Try again when the backup has finished."),
    "GES.7003": ("the graph is being stopped, or stopped", "Start it in the GES console."),
    "GES.7004": ("the infrastructure failed", "Try again later."),
    "GES.7005": ("the graph's engine is not available", "Try again later."),
    "GES.7006": ("the graph's engine failed", "Try again later."),
    "GES.7007": ("no such job", ""),
    "GES.7008": ("the job has already stopped", ""),
    "GES.7009": ("the job does not support this", ""),
    "GES.7016": ("invalid body or header", ""),
    "GES.7018": ("the quota is used up", ""),
    "GES.7041": ("no permission", "The login needs the permission ges:jobs:list."),
    "GES.7042": ("the graph is being created", "Try again when it is running."),
    "GES.7049": ("a parameter is missing", ""),
    "GES.7050": ("a parameter is empty", ""),
    "GES.7051": ("the infrastructure failed", "Try again later."),
    "GES.8000": ("invalid parameter", ""),
    "GES.8005": ("invalid parameter", ""),
    "GES.8006": ("wrong project", "Check that the project id belongs to this login."),
    "GES.8007": ("bad token", ""),
    "GES.8301": ("no such job", ""),
    "GES.8302": ("the job could not be looked up", ""),
    "GES.8303": ("the job can't be stopped", ""),
    "GES.8304": ("stopping the job failed", ""),
    "GES.8602": ("the graph's engine is not available", "Try again later."),
    "GES.9999": ("failed", ""),
}
"""Own words for a code that comes without any, and what a person can do (PROTOCOL.md, section 5)."""

GATEWAY_CODES = {
    "0101": ("no such API", "Check the address and the dialect (ges, ges-v1-2019, ges-v2 or ges-graph)."),
    "0201": ("bad request", ""),
    "0204": ("TLS 1.1 or older is refused", ""),
    "0301": ("invalid login", ""),
    "0302": ("this user is not allowed to do this", "Ask for the permission ges:jobs:list."),
    "0303": ("invalid login", ""),
    "0305": ("no login", ""),
    "0306": ("denied", "Ask for the permission ges:jobs:list."),
    "0307": ("the token must be renewed", ""),
    "0308": ("throttled", ""),
    "0310": ("the project is not available", "Check the project id."),
    "0601": ("the gateway failed", "Try again later."),
    "0613": ("the login service is down", "Try again later."),
    "0802": ("this user is blocked in this region", ""),
}
"""The same for the API gateway's codes, APIG.dddd and APIGW.dddd."""
