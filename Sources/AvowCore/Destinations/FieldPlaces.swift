#if ForeignFormats
  /// Where each field that a catalog declares goes in one dialect.
  struct FieldPlaces: Sendable {
    struct Place: Sendable {
      var path: [String]
      /// Names of a record's columns on the wire, by ours.
      var columns: [String: String] = [:]
      var isSplitVersion = false
    }

    private var context: [String: Place] = [:]
    private var properties: [String: [String: Place]] = [:]
    let contextBase: [String]
    let propertiesBase: [String]

    init(_ dialect: Dialect, _ catalog: Catalog, _ layout: WireLayout) {
      contextBase = layout.context.map(dotted) ?? dialect.contextObject
      propertiesBase = layout.properties.map(dotted) ?? dialect.propertiesObject
      for field in catalog.context {
        context[field.name] = Self.place(field, dialect, layout, base: contextBase)
      }
      for event in catalog.events {
        for field in event.properties {
          properties[event.name, default: [:]][field.name] =
            Self.place(field, dialect, layout, base: propertiesBase)
        }
      }
    }

    /// The host's word for one field, then the format's own place, then the catalog's `wire`, then our name.
    private static func place(_ field: Field, _ dialect: Dialect, _ layout: WireLayout, base: [String])
      -> Place
    {
      var place = Place(path: base + [field.name])
      if let path = layout.fields[field.name] {
        place.path = dialect == .otlp ? [path] : dotted(path)
      } else if let source = field.source, let path = dialect.place(of: source) {
        place.path = path
      } else if let wire = field.wire {
        let parts = dialect == .otlp ? [wire] : dotted(wire)
        let isFromTop = parts.count > 1 && dialect.objects.contains(parts[0])
        place.path = isFromTop ? parts : base + parts
      }
      if case .records(let columns, _) = field.type {
        for column in columns { place.columns[column.name] = column.wire }
      }
      place.isSplitVersion = layout.splitVersions.contains(field.name)
      return place
    }

    func ofContext(_ name: String) -> Place { context[name] ?? Place(path: contextBase + [name]) }

    func ofProperty(_ name: String, event: String) -> Place {
      properties[event]?[name] ?? Place(path: propertiesBase + [name])
    }
  }

  extension FieldPlaces.Place {
    /// Returns the value as it is written in this place.
    func written(_ value: JSONValue, text limit: Int) -> JSONValue {
      switch value {
      case .string(let text):
        if isSplitVersion { return Self.parts(of: text) }
        return text.utf8.count > limit && text.count > limit ? .string(String(text.prefix(limit))) : value
      case .array(let items): return .array(items.map { written($0, text: limit) })
      case .object(let members):
        return .object(
          Dictionary(
            members.map { (columns[$0.key] ?? $0.key, written($0.value, text: limit)) },
            uniquingKeysWith: { $1 }))
      default: return value
      }
    }

    private static func parts(of version: String) -> JSONValue {
      var parts: [String: JSONValue] = [:]
      for (name, part) in zip(["major", "minor", "patch"], PlainText.words(version[...], between: ".")) {
        parts[name] = .integer(PlainText.number(part.prefix { $0.isNumber }) ?? 0)
      }
      return .object(parts)
    }
  }

  extension Dialect {
    /// Where the context goes that has no place of its own.
    var contextObject: [String] {
      switch self {
      case .amplitude, .amplitudeBatch: ["user_properties"]
      case .segment, .jitsu2, .postHog: ["properties"]
      case .native, .jitsu, .otlp, .json: []
      }
    }

    var propertiesObject: [String] {
      switch self {
      case .amplitude, .amplitudeBatch: ["event_properties"]
      case .segment, .jitsu2, .postHog: ["properties"]
      case .native, .jitsu, .otlp, .json: []
      }
    }

    /// The format's own objects: a `wire` that begins with one of them counts from the top.
    var objects: [String] {
      switch self {
      case .amplitude, .amplitudeBatch: ["user_properties", "event_properties", "groups", "plan"]
      case .segment, .jitsu2: ["properties", "context", "traits", "integrations"]
      case .postHog: ["properties"]
      case .native, .jitsu, .otlp, .json: []
      }
    }

    /// The format's own place of a standard field; for OTLP the name of the resource's attribute.
    func place(of field: StandardField) -> [String]? {
      switch (self, field) {
      case (.amplitude, .appVersion), (.amplitudeBatch, .appVersion): ["app_version"]
      case (.amplitude, .osName), (.amplitudeBatch, .osName): ["os_name"]
      case (.amplitude, .osVersion), (.amplitudeBatch, .osVersion): ["os_version"]
      case (.amplitude, .language), (.amplitudeBatch, .language): ["language"]
      case (.segment, .appVersion), (.jitsu2, .appVersion): ["context", "app", "version"]
      case (.segment, .osName), (.jitsu2, .osName): ["context", "os", "name"]
      case (.segment, .osVersion), (.jitsu2, .osVersion): ["context", "os", "version"]
      case (.segment, .language), (.jitsu2, .language): ["context", "locale"]
      case (.postHog, .appVersion): ["properties", "$app_version"]
      case (.postHog, .osName): ["properties", "$os"]
      case (.postHog, .osVersion): ["properties", "$os_version"]
      case (.otlp, .appVersion): ["service.version"]
      case (.otlp, .osName): ["os.type"]
      case (.otlp, .osVersion): ["os.version"]
      case (.otlp, .architecture): ["host.arch"]
      case (.otlp, .runtimeVersion): ["process.runtime.version"]
      default: nil
      }
    }
  }
#endif
