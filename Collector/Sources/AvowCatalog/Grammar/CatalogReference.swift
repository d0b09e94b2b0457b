/// The tables of the written reference, made from the grammar that the reader uses.
public enum CatalogReference {
  /// The section of the reference and its table of keys, as Markdown.
  public static var tables: [(section: String, markdown: String)] {
    Grammar.sections.map { section in
      var lines = ["| key | meaning | type | default | example |", "| --- | --- | --- | --- | --- |"]
      lines += section.keys.map { key in
        let cells = [
          "`\(key.name)`", key.meaning, key.shape.phrase, key.fallback ?? "required", "`\(key.example)`",
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
      }
      return (section.anchor, lines.map { $0 + "\n" }.joined())
    }
  }

  /// Every diagnostic and what it says, by code.
  public static var codes: [(code: String, meaning: String)] { DiagnosticCode.meanings }
}
