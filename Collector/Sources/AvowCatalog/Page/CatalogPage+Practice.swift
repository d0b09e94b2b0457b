import AvowWire

extension CatalogPage {
  func switches(_ page: inout PageDocument) {
    page.heading(2, "How to switch it off", "switch-off")
    let variables = catalog.consent.variables
    let first = variables.first?.name ?? "DO_NOT_TRACK"
    switch catalog.consent.default {
    case .enabled:
      page.paragraph(
        "You can do so at any time: set an environment variable before you start \(catalog.name). In a shell:"
      )
    case .ask:
      page.paragraph(
        "Answer no when it asks, or set an environment variable, and it will not ask. In a shell:")
    case .disabled:
      page.paragraph("It is off until you switch it on. To be sure, set an environment variable. In a shell:")
    case .local:
      page.paragraph(
        "Nothing is sent. To stop the recording as well, set an environment variable. In a shell:")
    }
    page.blocks.append(.code("export \(first)=1", language: "sh"))
    page.paragraph("In Docker:")
    page.blocks.append(.code("docker run -e \(first)=1 ...", language: "sh"))
    page.blocks.append(
      .table(
        ["Variable", "Switches off when it is"],
        rows: variables.map { variable in
          let meaning: [PageDocument.Inline] =
            switch variable.meaning {
            case .set: ["set, whatever its value, even empty or ", .code("0")]
            case .truthy:
              [
                "set to anything but nothing, ", .code("0"), ", ", .code("f"), ", ", .code("false"), ", ",
                .code("n"), ", ",
                .code("no"), " or ", .code("off"), "; so ", .code("1"), " does",
              ]
            }
          return [[.code(variable.name)], meaning]
        }))
    page.paragraph("Then nothing is recorded, no file is written and no connection is opened.")
    if !catalog.consent.reportsInCI {
      page.paragraph("On continuous-integration machines it is off by itself.")
    }
    page.heading(3, "And on again", "switch-on")
    page.blocks.append(.code(variables.map { "unset \($0.name)" }.joined(separator: "\n"), language: "sh"))
  }

  func notice(_ page: inout PageDocument) {
    page.heading(2, "The notice", "notice")
    page.paragraph("When \(catalog.name) starts it says on the terminal:")
    page.blocks.append(.quote([.text(catalog.notice(isEnabled: true))]))
    page.paragraph("and, when telemetry is switched off:")
    page.blocks.append(.quote([.text(catalog.notice(isEnabled: false))]))
  }

  func working(_ page: inout PageDocument) {
    page.heading(2, "How it works", "how")
    page.paragraph(
      .text(
        "An event is written to a file on your machine. Every \(catalog.delivery.intervalPhrase) the client looks for new events "
          + "and sends them, if there are any; when there are none it sends nothing. It never makes \(catalog.name) wait, and "
          + "without a network \(catalog.name) works as ever."))
    if let to = catalog.delivery.to {
      page.paragraph(
        "Events are sent to ", .code(to),
        .text(
          catalog.delivery.format == .avow ? "." : " in the format of \(catalog.delivery.format.rawValue)."))
    }
    page.paragraph(
      .text(
        catalog.consent.reportsInCI
          ? "Machines of continuous integration report like any other."
          : "Machines of continuous integration do not report."))
  }

  func recipient(_ page: inout PageDocument) {
    page.heading(2, "Who receives the data", "recipient")
    guard let recipient = catalog.recipient else {
      page.paragraph(
        "The maintainers of \(catalog.name), on a collector they run themselves. Nobody else receives it.")
      return
    }
    let place = recipient.country.map { " (\($0))" } ?? ""
    page.paragraph(
      recipient.url.map { .link(recipient.name, to: $0) } ?? .text(recipient.name),
      .text("\(place), on a collector of their own. Nobody else receives it."))
  }

  func retention(_ page: inout PageDocument) {
    page.heading(2, "How long it is kept, and how to have it deleted", "deletion")
    page.paragraph("An event is erased \(catalog.retention.phrase) after it arrived.")
    if let deletion = catalog.deletion {
      page.prose(deletion)
    } else if catalog.identity.user == .none {
      page.paragraph(
        "As nothing in the data says whose it is, nobody can find the reports of one user, neither to read nor to delete them."
      )
    } else {
      let contact = catalog.contact ?? "the maintainers"
      page.paragraph(
        .text(
          "Write to \(contact) and quote the identifier that the program shows with its telemetry status. "),
        "Everything stored under it is erased, and a receipt says so.")
    }
  }

  func example(_ page: inout PageDocument) {
    page.heading(2, "An example", "example")
    page.paragraph(
      "This is a whole request with invented values, written by the same code that the client uses:")
    page.blocks.append(.code(ExamplePayload(catalog: catalog).text, language: "json"))
  }
}
