"""Lets three tools' own telemetry report to another address, and prints what they said of this machine.

    tools-send.py URL KEY      print {"jina": {..}, "speedster": {..}, "evidently": {..}}

The modules are those of the packages, unmodified. Only the address is another one, and Speedster's question for the
machine's public address, which goes to a third party, is answered here. Where importing the whole package would need
PyTorch or pandas, only the telemetry's module and what it imports are loaded.
"""

import importlib
import json
import os
import sys
import sysconfig
import threading
import types

LATEST = "203.0.113.9"


def part_of(package, name):
    """A module of a package whose own __init__ is not run."""
    if package not in sys.modules:
        parent = types.ModuleType(package)
        parent.__path__ = [os.path.join(sysconfig.get_paths()["purelib"], package)]
        sys.modules[package] = parent
    return importlib.import_module(f"{package}.{name}")


def jina(url):
    # Its generated code is older than today's protobuf; the tool's own documentation says to do this.
    os.environ["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"
    import urllib.request

    from jina import helper

    genuine = urllib.request.urlopen
    done = threading.Semaphore(0)
    statuses = []

    def elsewhere(request):
        assert request.full_url == "https://telemetry.jina.ai/", request.full_url
        request.full_url = url + "/"
        try:
            with genuine(request) as answer:
                statuses.append(answer.status)
        finally:
            done.release()

    urllib.request.urlopen = elsewhere
    names = ["Flow", "GRPCGatewayRuntime", "WorkerRuntime", "GRPCClient", "MyOwnExecutor"]
    for name in names:
        helper.send_telemetry_event("start", type(name, (), {})())
        done.acquire(timeout=60)
    return {"statuses": statuses, "events": names, "metas": helper.get_full_version()[0]}


def speedster(url):
    collector = part_of("nebullvm", "tools.feedback_collector")
    genuine = collector.requests.get

    def look_up(address, **options):
        if address == "https://api.ipify.org":
            return types.SimpleNamespace(text=LATEST)
        return genuine(address, **options)

    collector.requests.get = look_up
    # As speedster 0.1.0 makes and fills it (speedster/root_op.py).
    feedback = collector.FeedbackCollector(
        url=url + "/v1/store_speedster_results", disable_telemetry_environ_var="SPEEDSTER_DISABLE_TELEMETRY",
        app_version="0.1.0",
    )
    feedback.store_info("model_id", "8f6d2f3e-31c4-4d8c-9b25-b7c14f8b1f60_-4088971112344091114")
    feedback.store_info("model_metadata", {"model_name": "ResNet", "model_size": "102.23 MB", "framework": "torch"})
    feedback.store_info(
        "hardware_setup", {"cpu": "Apple M1 Pro", "operative_system": "Darwin", "ram": "17.18 GB"}
    )
    feedback.store_info("optimizations", [{"compiler": "torch", "technique": "original", "latency": 0.03}])
    feedback.store_info("optimizations", [{"compiler": "numpy", "technique": "none", "latency": 1e-06}])
    return {"status": feedback.send_feedback().status_code, "ip_address": LATEST}


def evidently(url, key):
    version = part_of("evidently", "_version").__version__
    sys.modules["evidently"].__version__ = version
    telemetry = part_of("evidently", "telemetry")
    logger = telemetry.event_logger
    assert logger.url == "http://35.232.253.5:8000/api/v1/s2s/event?ip_policy=strict", logger.url
    logger.url, logger.token = url + "/api/v1/s2s/event?ip_policy=strict", key
    # Each in a process of its own that nobody waits for, as it does it by itself.
    for count in range(5):
        logger.send_event("service_backend", "list_reports", reports_count=count)
    return {"user": telemetry.find_or_create_user_id(), "version": version}


def main(url, key):
    print(json.dumps({"jina": jina(url), "speedster": speedster(url), "evidently": evidently(url, key)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
