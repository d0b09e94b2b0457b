#if ForeignFormats
  /// One event in each of the foreign formats.
  extension DestinationEncoder {
    /// Amplitude: milliseconds, `insert_id` for its seven days of deduplication, one of two identifiers.
    func amplitude(_ event: EventReport.Event, of report: EventReport) -> OrderedObject {
      var object = OrderedObject()
      if let user = report.user {
        object.set(.string(user.description), at: dotted(layout.user ?? "user_id"))
      } else {
        object.set(.string(stranger(in: report)), at: "device_id")
      }
      object.set(.string(name(of: event)), at: dotted(layout.event ?? "event_type"))
      object.set(.integer(event.time.milliseconds), at: dotted(layout.time ?? "time"))
      object.set(.string(identifier(of: event, in: report).description), at: dotted(layout.id ?? "insert_id"))
      putRest(of: event, in: report, session: layout.session, to: &object)
      return object
    }

    /// Jitsu classic: a flat object.
    func jitsu(_ event: EventReport.Event, of report: EventReport) -> OrderedObject {
      var object = OrderedObject()
      object.set(.string(name(of: event)), at: dotted(layout.event ?? "event_type"))
      object.set(
        .string(identifier(of: event, in: report).description), at: dotted(layout.id ?? "eventn_ctx_event_id")
      )
      object.set(.string(event.time.description), at: dotted(layout.time ?? "_timestamp"))
      if let user = report.user {
        object.set(.string(user.description), at: dotted(layout.user ?? "user.anonymous_id"))
      }
      putRest(of: event, in: report, session: layout.session, to: &object)
      return object
    }

    /// Segment, RudderStack, Jitsu 2: a `track` call of an anonymous user.
    func segment(_ event: EventReport.Event, of report: EventReport) -> OrderedObject {
      var object = OrderedObject()
      object.set("track", at: "type")
      object.set(.string(name(of: event)), at: dotted(layout.event ?? "event"))
      object.set(
        .string(report.user?.description ?? stranger(in: report)), at: dotted(layout.user ?? "anonymousId"))
      object.set(.string(identifier(of: event, in: report).description), at: dotted(layout.id ?? "messageId"))
      object.set(.string(event.time.description), at: dotted(layout.time ?? "timestamp"))
      object.set("avow", at: "context", "library", "name")
      object.set(.string(report.app), at: "context", "app", "name")
      putRest(of: event, in: report, session: layout.session, to: &object)
      return object
    }

    /// PostHog's v0 capture: no profile of a person is made and no place looked up.
    func postHog(_ event: EventReport.Event, of report: EventReport) -> OrderedObject {
      var object = OrderedObject()
      object.set(.string(name(of: event)), at: "event")
      object.set(
        .string(report.user?.description ?? stranger(in: report)), at: dotted(layout.user ?? "distinct_id"))
      object.set(.string(identifier(of: event, in: report).uuid), at: "uuid")
      object.set(.string(event.time.description), at: dotted(layout.time ?? "timestamp"))
      object.set("avow", at: "properties", "$lib")
      object.set(false, at: "properties", "$process_person_profile")
      object.set(true, at: "properties", "$geoip_disable")
      putRest(of: event, in: report, session: layout.session ?? "properties.$session_id", to: &object)
      return object
    }

    /// Plain JSON: a flat object under our own names.
    func plain(_ event: EventReport.Event, of report: EventReport) -> OrderedObject {
      var object = OrderedObject()
      object.set(.string(name(of: event)), at: dotted(layout.event ?? "event"))
      object.set(.string(identifier(of: event, in: report).description), at: dotted(layout.id ?? "id"))
      object.set(.string(event.time.description), at: dotted(layout.time ?? "time"))
      if let user = report.user { object.set(.string(user.description), at: dotted(layout.user ?? "user")) }
      putRest(of: event, in: report, session: layout.session ?? "session", to: &object)
      return object
    }

    // MARK: What they share

    func name(of event: EventReport.Event) -> String {
      let name = layout.events[event.name] ?? event.name
      return String(name.prefix(dialect.limits.name))
    }

    func identifier(of event: EventReport.Event, in report: EventReport) -> Identifier128 {
      report.segment.event(event.number)
    }

    /// Stands for whoever sends without a user identifier, where the format insists on one: the session, or
    /// what the native protocol says as well, the segment.
    func stranger(in report: EventReport) -> String {
      (report.session ?? report.segment.event(0)).description
    }

    /// What every format has after its own members.
    private func putRest(
      of event: EventReport.Event, in report: EventReport, session: String?, to object: inout OrderedObject
    ) {
      putSession(of: report, at: session, in: &object)
      putContext(of: event, in: report, to: &object)
      putProperties(of: event, to: &object)
    }

    private func putSession(of report: EventReport, at path: String?, in object: inout OrderedObject) {
      guard let path, let session = report.session else { return }
      object.set(.string(session.description), at: dotted(path))
    }

    private func putContext(
      of event: EventReport.Event, in report: EventReport, to object: inout OrderedObject
    ) {
      // An event's own context wins over what is common.
      for member in report.context + event.context {
        let place = places.ofContext(member.name)
        object.set(place.written(member.value, text: dialect.limits.text), at: place.path)
      }
      for path in PlainText.ordered(Array(layout.constants.keys)) {
        if let value = layout.constants[path] { object.set(value, at: dotted(path)) }
      }
    }

    private func putProperties(of event: EventReport.Event, to object: inout OrderedObject) {
      let tag = upperCamelCase(event.name)
      object.makeObject(at: places.propertiesBase.map { $0 == "*" ? tag : $0 })
      for member in event.properties {
        let place = places.ofProperty(member.name, event: event.name)
        object.set(
          place.written(member.value, text: dialect.limits.text), at: place.path.map { $0 == "*" ? tag : $0 })
      }
    }
  }

  /// `send_model` as `SendModel`.
  private func upperCamelCase(_ name: String) -> String {
    PlainText.words(name[...], between: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
#endif
