/// What one tool declares about its telemetry: the value behind `telemetry.yaml`.
///
/// The maintainer writes the file; `AvowCatalog` reads it into this value; the page, the generated
/// recording code, the collector's rules, the store's columns and the dashboard all follow from it.
/// A host program carries its own catalog as a literal that `avow generate swift` wrote.
public struct Catalog: Sendable, Equatable {
  /// The tool's identifier, `[a-z][a-z0-9_-]{0,63}`: part of keys, tables and state directories.
  public var app: String
  /// The tool's name as people write it.
  public var name: String
  /// Rises with each change of what is collected.
  public var version: Int
  /// The release of the tool that first reported anything.
  public var since: String?
  /// Where a user can ask about the data.
  public var contact: String?
  /// Why anything is collected at all.
  public var purpose: String?
  /// Why keeping telemetry on helps.
  public var please: String?
  /// What the maintainer wants to learn; the dashboard's first page answers these.
  public var questions: [String]
  /// Where users can read the code that sends.
  public var source: [String]
  /// Who receives the data.
  public var recipient: Recipient?
  /// How a user has stored data erased, and which identifier to quote.
  public var deletion: String?
  /// Which part of the tool reports, in the maintainer's words.
  public var scope: String?
  /// How users are asked, told, and how they switch off.
  public var consent: Consent
  /// What stands for a user and for a session.
  public var identity: Identity
  /// How often, where to and in which format the client sends.
  public var delivery: Delivery
  /// How long an event is kept, counted from its receipt.
  public var retention: Retention
  /// What is promised never to be collected.
  public var never: [Promise]
  /// The zone whose days the charts count, an IANA name; `nil` is UTC.
  public var reportingZone: String?
  /// Fields sent with every event.
  public var context: [Field]
  /// The events, in the order of the file.
  public var events: [EventDeclaration]
  /// Questions answered on the public page.
  public var published: [PublishedQuestion]
  /// How requests of foreign clients map to the events above.
  public var accepts: [Acceptance]

  /// Creates a catalog; what generated code leaves out takes the grammar's default.
  public init(
    app: String, name: String, version: Int, since: String? = nil, contact: String? = nil,
    purpose: String? = nil, please: String? = nil, questions: [String] = [], source: [String] = [],
    recipient: Recipient? = nil, deletion: String? = nil, scope: String? = nil,
    consent: Consent = Consent(), identity: Identity = Identity(), delivery: Delivery = Delivery(),
    retention: Retention = .months(13), never: [Promise] = [], reportingZone: String? = nil,
    context: [Field] = [], events: [EventDeclaration] = [], published: [PublishedQuestion] = [],
    accepts: [Acceptance] = []
  ) {
    self.app = app
    self.name = name
    self.version = version
    self.since = since
    self.contact = contact
    self.purpose = purpose
    self.please = please
    self.questions = questions
    self.source = source
    self.recipient = recipient
    self.deletion = deletion
    self.scope = scope
    self.consent = consent
    self.identity = identity
    self.delivery = delivery
    self.retention = retention
    self.never = never
    self.reportingZone = reportingZone
    self.context = context
    self.events = events
    self.published = published
    self.accepts = accepts
  }

  /// Returns the declaration of the event called `name`.
  public func event(named name: String) -> EventDeclaration? {
    events.first { $0.name == name }
  }

  /// The version of the grammar this value speaks (`avow: 1`).
  public static let grammar = 1
}

extension Catalog {
  /// Who receives the data.
  public struct Recipient: Sendable, Equatable {
    /// The person or organisation.
    public var name: String
    /// Its site.
    public var url: String?
    /// ISO 3166-1 alpha-2.
    public var country: String?

    /// Creates a recipient.
    public init(name: String, url: String? = nil, country: String? = nil) {
      self.name = name
      self.url = url
      self.country = country
    }
  }

  /// What stands for a user and for a session.
  public struct Identity: Sendable, Equatable {
    /// What a user identifier is made from.
    public enum User: String, Sendable, Hashable, CaseIterable {
      /// Random, kept in the state directory.
      case installation
      /// Random at each start.
      case process
      /// No user identifier at all.
      case none
    }
    /// How often the pseudonym changes so that periods cannot be linked.
    public enum Rotation: String, Sendable, Hashable, CaseIterable {
      case never, year, month, week, day
    }
    /// Whether events of one run carry a common session.
    public enum Session: String, Sendable, Hashable, CaseIterable {
      case process, none
    }

    public var user: User
    public var rotate: Rotation
    public var session: Session

    /// Creates an identity rule; the defaults are the grammar's.
    public init(
      user: User = .installation, rotate: Rotation = .never, session: Session = .process
    ) {
      self.user = user
      self.rotate = rotate
      self.session = session
    }
  }

  /// How often, where to and in which format the client sends.
  public struct Delivery: Sendable, Equatable {
    /// A wire format the client can send.
    public enum Format: String, Sendable, Hashable, CaseIterable {
      case avow, amplitude, jitsu, segment, posthog, otlp, json
    }
    /// How often the client looks for new events, in milliseconds.
    public var everyMilliseconds: Int64
    /// The collector's address; `nil` until the maintainer has one.
    public var to: String?
    /// The write key; public by nature.
    public var key: String?
    public var format: Format

    /// Creates a delivery rule; the defaults are the grammar's.
    public init(
      everyMilliseconds: Int64 = 2_000, to: String? = nil, key: String? = nil,
      format: Format = .avow
    ) {
      self.everyMilliseconds = everyMilliseconds
      self.to = to
      self.key = key
      self.format = format
    }
  }

  /// How long stored events live, counted from their receipt.
  public enum Retention: Sendable, Equatable {
    case days(Int)
    case months(Int)
    case years(Int)

    /// Whole days, with a month of 31 and a year of 366 so that nothing goes early.
    public var days: Int {
      switch self {
      case .days(let n): n
      case .months(let n): n * 31
      case .years(let n): n * 366
      }
    }
  }

  /// Something promised never to be collected.
  public enum Promise: Sendable, Equatable {
    case kind(SensitiveClass)
    /// A promise in the maintainer's words; for the page only.
    case sentence(String)
  }

  /// A question whose answer the maintainer publishes.
  public struct PublishedQuestion: Sendable, Equatable {
    /// The question in the words of `avow ask`, such as `users by day` or `list_reports by os_name`.
    public var text: String

    /// Creates a published question.
    public init(text: String) {
      self.text = text
    }
  }
}

/// A class of data that catalogs promise never to collect.
public enum SensitiveClass: String, Sendable, Hashable, CaseIterable {
  case identity, email
  case ipAddress = "ip_address"
  case macAddress = "mac_address"
  case url
  case filePath = "file_path"
  case secret
  case userContent = "user_content"

  /// Whether the collector can recognise the class in a text; such classes are always enforced.
  public var hasDetector: Bool {
    switch self {
    case .identity, .userContent: false
    case .email, .ipAddress, .macAddress, .url, .filePath, .secret: true
    }
  }
}
