"""The owner's catalogue over an account: whose a pipeline is, what it is called, and which reports need it."""

from monitor.catalog.file import SAMPLE, CatalogFile
from monitor.catalog.matching import UNOWNED, ReportRow
from monitor.catalog.reader import EMPTY, Catalog, Owned, Report, Team

__all__ = ["EMPTY", "SAMPLE", "UNOWNED", "Catalog", "CatalogFile", "Owned", "Report", "ReportRow", "Team"]
