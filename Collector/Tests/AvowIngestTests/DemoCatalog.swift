import AvowWire

/// A catalog with every type, opened for all formats.
enum Demo {
  static let text = """
    avow: 1
    app: demo
    name: Demo
    version: 3
    purpose: To test.
    identity: {user: installation, rotate: never, session: process}
    retention: 13 months
    context:
      app_version: {why: a}
      os_name: {why: a}
      os_version: {why: a}
      python: {source: runtime_version, why: a}
      net: {source: network, why: a}
    events:
      tool_run:
        description: A run.
        why: a
        properties:
          command: {type: text, one_of: [build, Test, other], description: a}
          model: {type: text, pattern: "[A-Za-z0-9@:./_ -]{1,64}", description: a}
          label: {type: text, one_of: [red, green], description: a}
          note: {type: text, free: To test., max_length: 40, description: a}
          duration: {type: number, unit: s, min: 0, description: a}
          size: {type: integer, unit: bytes, min: 0, description: a}
          count: {type: integer, description: a}
          limited: {type: integer, min: 1, max: 10, description: a}
          bucketed: {type: integer, min: 0, max: 1000, bucket: [0, 10, 100], description: a}
          cached: {type: boolean, description: a}
          lib: {type: version, description: a}
          minor: {type: version, precision: minor, description: a}
          price: {type: number, description: a}
          tags: {type: list, of: {type: text, one_of: [a, b, c]}, max_items: 3, description: a}
          rows:
            type: records
            max_items: 2
            description: a
            fields:
              step: {type: text, pattern: "[a-z]{1,8}"}
              ms: {type: number, unit: ms, min: 0}
      page_view:
        description: A page.
        why: a
        properties:
          page: {type: text, pattern: "[a-z]{1,16}", description: a}
      signed_in:
        description: A sign-in.
        why: a
        properties:
          plan: {type: text, one_of: [free, pro], description: a}
      old: {description: Gone., why: a, expires: 2026-01-01}
    accepts:
      - format: [amplitude, segment, posthog, otlp, jitsu]
        events: {demo.tool.run: tool_run, $page: page_view, "run-?*": tool_run, $identify: signed_in}
        fields: {price: $price, page: name}
        drop: {events: [heartbeat], fields: [machine]}
      - format: json
        path: /demo/events
        items: data.events
        fields: {event: kind, session: meta.run, user: who, count: [n, nn], model: user.agent}
        null_values: [none, -9]
    """

  static func catalog() throws -> Catalog { try World.catalog(text: text) }
}
