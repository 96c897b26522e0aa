"""The URLs of the made-up company's servers. Nobody listens there: they are called within the process."""

from __future__ import annotations

PROD_URL = "http://prod.demo:8080"
STAGING_URL = "http://staging.demo:8080"
DEV_URL = "http://dev.demo:8080"
CLOUD_URL = "https://cloud.demo"
RECOVERY_URL = "http://dr.demo:8080"

COMPANY_HUGEGRAPH_URLS = frozenset({PROD_URL, STAGING_URL, DEV_URL, RECOVERY_URL})
