import ArgumentParser

/// The command `avow`: thin structs over the modules, no logic of its own.
@main
struct AvowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "avow",
    abstract: "Usage telemetry that is openly declared.",
    discussion: """
      A maintainer writes one catalog, telemetry.yaml. From it come the page users read, the code that \
      records, the rules of the collector, the columns of its store and the charts of its dashboard.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Catalog",
        subcommands: [
          InitCommand.self, CheckCommand.self, DocsCommand.self, GenerateCommand.self, DiffCommand.self,
          SchemaCommand.self,
        ]),
      CommandGroup(
        name: "Collector",
        subcommands: [
          ServeCommand.self, KeysCommand.self, AskCommand.self, ExportCommand.self, ForgetCommand.self,
          DeletionsCommand.self, ReceiptCommand.self, RetentionCommand.self, QuarantineCommand.self,
          StatusCommand.self, TokenCommand.self, SignInCommand.self,
        ]),
      CommandGroup(
        name: "Care",
        subcommands: [
          DoctorCommand.self, BackupCommand.self, ImportCommand.self, TidyCommand.self, ReindexCommand.self,
          VerifyCommand.self,
        ]),
      CommandGroup(name: "Try it", subcommands: [DemoCommand.self]),
    ]
  )
}
