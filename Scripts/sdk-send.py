"""Sends numbered events through a vendor's own SDK and says which of them it counts as delivered.

    sdk-send.py SDK URL KEY FIRST COUNT     print {"delivered": [..], "failed": [..]}
    sdk-send.py marks FILE...               print the numbers inside recorded request bodies

Every third event is an identify or a page call where the SDK has one; each carries its number as `mark` and a
text beyond ASCII as `note`. Nothing of an SDK is changed but the address, its batch size and its interval.
"""

import gzip
import json
import os
import re
import sys
import threading
import time

BATCH = 20


def note(mark):
    return f"{mark}: na\u00efve \u6f22\u5b57 \U0001f600 \u00ab\u1e9e\u00bb"


def kind(mark):
    return ("run", "page", "run", "identify", "run")[mark % 5]


class Ledger:
    def __init__(self, marks):
        self.marks = set(marks)
        self.delivered = set()
        self.failed = set()
        self.lock = threading.Lock()
        self.changed = time.monotonic()

    def note(self, marks, delivered):
        with self.lock:
            (self.delivered if delivered else self.failed).update(marks)
            self.changed = time.monotonic()

    def fail(self, _error, items):
        self.note([mark_of(item) for item in items], False)

    def settle(self):
        """For SDKs that name only what failed."""
        self.delivered = self.marks - self.failed

    def wait(self, quiet):
        """Until every event has its verdict, or none came for so long that the SDK has lost the rest."""
        while self.marks - self.delivered - self.failed and time.monotonic() - self.changed < quiet:
            time.sleep(0.05)

    def show(self):
        # Said to have failed once and delivered later is delivered.
        failed = self.failed - self.delivered
        print(json.dumps({"delivered": sorted(self.delivered), "failed": sorted(failed)}))


def mark_of(item):
    for place in ("properties", "traits", "$set"):
        if isinstance(item.get(place), dict) and "mark" in item[place]:
            return item[place]["mark"]
    return item["context"]["traits"]["mark"]


def amplitude(url, key, ledger):
    from amplitude import Amplitude, BaseEvent, Config, EventOptions, Identify

    def seen(event, code, _message):
        mark = (event.event_properties or {}).get("mark")
        if mark is None:
            mark = event.user_properties["$set"]["mark"]
        ledger.note([mark], code == 200)

    clients = []
    for path in ("/2/httpapi", "/batch"):
        clients.append(
            Amplitude(
                key,
                Config(
                    server_url=url + path, flush_queue_size=BATCH, flush_interval_millis=100, callback=seen
                ),
            )
        )
    for mark in sorted(ledger.marks):
        if mark % BATCH == 0:
            # Its sixteen threads would have everything under way at the first kill.
            time.sleep(0.15)
        client = clients[mark % 2]
        options = {"user_id": f"user-{mark % 7}", "device_id": "device", "app_version": "2.1"}
        if kind(mark) == "identify":
            identify = Identify()
            identify.set("mark", mark).set("note", note(mark))
            client.identify(identify, EventOptions(**options))
        else:
            name = "tool run" if kind(mark) == "run" else "a page"
            client.track(BaseEvent(name, event_properties={"mark": mark, "note": note(mark)}, **options))
    for client in clients:
        client.flush()
    # Events it is told are throttled it sends again after half a minute.
    ledger.wait(float(os.environ.get("AVOW_QUIET", 6)))
    for client in clients:
        client.shutdown()


def segment_like(client, ledger, identify):
    for mark in sorted(ledger.marks):
        values = {"mark": mark, "note": note(mark)}
        user = f"user-{mark % 7}"
        context = {"app": {"version": "2.1"}}
        if kind(mark) == "run":
            client.track(user, "tool run", values, context=context)
        elif kind(mark) == "page":
            client.page(user, None, "docs", values, context=context)
        else:
            identify(user, values, context)
    client.flush()
    client.join()
    ledger.settle()


def segment(url, key, ledger):
    from segment.analytics.client import Client

    client = Client(key, host=url, on_error=ledger.fail, upload_size=BATCH, upload_interval=0.1)
    segment_like(client, ledger, lambda user, values, context: client.identify(user, values, context=context))


def rudder(url, key, ledger):
    from rudderstack.analytics.client import Client

    client = Client(key, host=url, on_error=ledger.fail, upload_size=BATCH, upload_interval=0.1)
    segment_like(client, ledger, lambda user, values, context: client.identify(user, values, context=context))


def posthog(url, key, ledger, mode=None):
    from posthog import Posthog

    client = Posthog(
        key, host=url, on_error=ledger.fail, flush_at=BATCH, flush_interval=0.1, gzip=mode is None,
        max_retries=8, capture_mode=mode,
    )
    for mark in sorted(ledger.marks):
        values = {"mark": mark, "note": note(mark), "$app_version": "2.1"}
        user = f"user-{mark % 7}"
        if kind(mark) == "identify":
            client.set(distinct_id=user, properties={"mark": mark, "note": note(mark)})
        else:
            name = "tool run" if kind(mark) == "run" else "$pageview"
            client.capture(name, distinct_id=user, properties=values)
    client.flush()
    client.shutdown()
    ledger.settle()


def otlp(url, key, ledger, exporter_type):
    from opentelemetry._logs import LogRecord
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.resources import Resource

    class Watched(exporter_type):
        """Sees the verdicts; the exporter does the rest."""

        def export(self, batch):
            result = super().export(batch)
            ledger.note([item.log_record.attributes["mark"] for item in batch], result.name == "SUCCESS")
            return result

    provider = LoggerProvider(Resource.create({"service.name": "sdks", "service.version": "2.1"}))
    exporter = Watched(endpoint=url + "/v1/logs", headers={"x-api-key": key})
    provider.add_log_record_processor(
        BatchLogRecordProcessor(exporter, schedule_delay_millis=100, max_export_batch_size=BATCH)
    )
    logger = provider.get_logger("sdks")
    for mark in sorted(ledger.marks):
        name = {"run": "tool run", "page": "a page", "identify": "$identify"}[kind(mark)]
        logger.emit(
            LogRecord(
                timestamp=time.time_ns(),
                event_name=name,
                attributes={"mark": mark, "note": note(mark), "user.id": f"user-{mark % 7}"},
            )
        )
    # What the processor gives up after its own limit is not delivered.
    deadline = time.monotonic() + 60
    while ledger.marks - ledger.delivered - ledger.failed and time.monotonic() < deadline:
        provider.force_flush(5000)
    provider.shutdown()


def otlp_protobuf(url, key, ledger):
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

    otlp(url, key, ledger, OTLPLogExporter)


def otlp_json(url, key, ledger):
    from opentelemetry.exporter.otlp.json.http._log_exporter import OTLPLogExporter

    otlp(url, key, ledger, OTLPLogExporter)


def iterative(url, key, ledger):
    from iterative_telemetry import IterativeTelemetryLogger

    logger = IterativeTelemetryLogger(
        "sdks", "2.1", url=url + "/api/v1/s2s/event?ip_policy=strict", token=key, enabled=True
    )
    for mark in sorted(ledger.marks):
        # In this process; by default each event has a process of its own that nobody waits for.
        logger.send_event("cli", "tool run", use_daemon=False, mark=mark, note=note(mark))
    ledger.settle()


SDKS = {
    "amplitude": amplitude,
    "segment": segment,
    "rudder": rudder,
    "posthog": posthog,
    "posthog-v1": lambda url, key, ledger: posthog(url, key, ledger, "v1"),
    "otlp-protobuf": otlp_protobuf,
    "otlp-json": otlp_json,
    "iterative": iterative,
}


def marks_in(body):
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    if body[:1] == b"{":
        text = body.decode()
        found = re.findall(r'"mark": ?(\d+)', text)
        found += re.findall(r'"key": ?"mark", ?"value": ?\{"intValue": ?"?(\d+)', text)
        return [int(mark) for mark in found]
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

    request = ExportLogsServiceRequest.FromString(body)
    return [
        pair.value.int_value
        for resource in request.resource_logs
        for scope in resource.scope_logs
        for record in scope.log_records
        for pair in record.attributes
        if pair.key == "mark"
    ]


def main(arguments):
    if arguments[0] == "marks":
        found = []
        for path in arguments[1:]:
            with open(path, "rb") as file:
                found += marks_in(file.read())
        print(json.dumps(found))
        return
    sdk, url, key, first, count = arguments
    ledger = Ledger(range(int(first), int(first) + int(count)))
    SDKS[sdk](url, key, ledger)
    ledger.show()


if __name__ == "__main__":
    main(sys.argv[1:])
