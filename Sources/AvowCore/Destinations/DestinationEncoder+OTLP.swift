#if ForeignFormats
  /// OpenTelemetry log records with an event name: the resource is the program, the record the event.
  extension DestinationEncoder {
    /// Writes everything in front of the list of records.
    func logsHead(of report: EventReport, to writer: inout JSONWriter) {
      writer.beginObject()
      writer.key("resourceLogs")
      writer.beginArray()
      writer.beginObject()
      writer.key("resource")
      writer.beginObject()
      writer.key("attributes")
      writer.beginArray()
      attribute("service.name", .string(report.app), to: &writer)
      if let user = report.user {
        attribute(layout.user ?? "app.installation.id", .string(user.description), to: &writer)
      }
      contextAttributes(report.context, to: &writer)
      writer.endArray()
      writer.endObject()
      writer.key("scopeLogs")
      writer.beginArray()
      writer.beginObject()
      writer.key("scope")
      writer.beginObject()
      writer.key("name")
      writer.string("avow")
      writer.endObject()
      writer.key("logRecords")
    }

    func logRecord(_ event: EventReport.Event, of report: EventReport, to writer: inout JSONWriter) {
      // 64-bit integers are texts in OTLP's JSON.
      let nanoseconds = String(event.time.milliseconds) + "000000"
      writer.beginObject()
      writer.key("timeUnixNano")
      writer.string(nanoseconds)
      writer.key("observedTimeUnixNano")
      writer.string(nanoseconds)
      writer.key("eventName")
      writer.string(name(of: event))
      writer.key("attributes")
      writer.beginArray()
      attribute("log.record.uid", .string(identifier(of: event, in: report).description), to: &writer)
      if let session = report.session {
        attribute(layout.session ?? "session.id", .string(session.description), to: &writer)
      }
      contextAttributes(event.context, to: &writer)
      for member in event.properties {
        let place = places.ofProperty(member.name, event: event.name)
        attribute(
          place.path.joined(separator: "."), place.written(member.value, text: dialect.limits.text),
          to: &writer
        )
      }
      writer.endArray()
      writer.endObject()
    }

    private func contextAttributes(_ members: [EventReport.Member], to writer: inout JSONWriter) {
      for member in members {
        let place = places.ofContext(member.name)
        var value = place.written(member.value, text: dialect.limits.text)
        if case .string(let text) = value,
          let source = context.first(where: { $0.name == member.name })?.source
        {
          value = .string(source.semanticConvention(text))
        }
        attribute(place.path.joined(separator: "."), value, to: &writer)
      }
    }

    private func attribute(_ key: String, _ value: JSONValue, to writer: inout JSONWriter) {
      writer.beginObject()
      writer.key("key")
      writer.string(key)
      writer.key("value")
      anyValue(value, to: &writer)
      writer.endObject()
    }

    private func anyValue(_ value: JSONValue, to writer: inout JSONWriter) {
      writer.beginObject()
      switch value {
      case .null: break
      case .boolean(let flag):
        writer.key("boolValue")
        writer.boolean(flag)
      case .integer(let number):
        writer.key("intValue")
        writer.string(String(number))
      case .number(let number):
        writer.key("doubleValue")
        writer.number(number)
      case .string(let text):
        writer.key("stringValue")
        writer.string(text)
      case .array(let items):
        writer.key("arrayValue")
        writer.beginObject()
        writer.key("values")
        writer.beginArray()
        for item in items { anyValue(item, to: &writer) }
        writer.endArray()
        writer.endObject()
      case .object(let members):
        writer.key("kvlistValue")
        writer.beginObject()
        writer.key("values")
        writer.beginArray()
        for key in PlainText.ordered(Array(members.keys)) {
          if let value = members[key] { attribute(key, value, to: &writer) }
        }
        writer.endArray()
        writer.endObject()
      }
      writer.endObject()
    }
  }

  extension StandardField {
    /// The spelling of OpenTelemetry's registry, where it has one of its own.
    fileprivate func semanticConvention(_ text: String) -> String {
      switch (self, text) {
      case (.osName, "macos"): "darwin"
      case (.architecture, "x86_64"): "amd64"
      case (.architecture, "i386"): "x86"
      default: text
      }
    }
  }
#endif
