extension Catalog {
  /// Returns what a program prints when it starts: the maintainer's words, else a standard text.
  public func notice(isEnabled: Bool) -> String {
    if let own = isEnabled ? consent.enabledNotice : consent.disabledNotice { return own }
    guard isEnabled else { return "\(name) reports no usage data." }
    let variable = consent.variables.first?.name ?? "DO_NOT_TRACK"
    return "\(name) reports usage data. To switch it off, set the environment variable \(variable)=1."
  }
}
