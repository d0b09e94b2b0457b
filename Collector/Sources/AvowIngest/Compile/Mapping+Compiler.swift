import AvowWire

extension Mapping {
  /// Lays the candidates of every slot out in one trie.
  struct Compiler {
    let knowledge: FormatKnowledge
    let entry: Acceptance
    var builder = PathTrie.Builder()
    var candidates: [Candidate] = []
    /// Where members are read as if at the top: the top itself, then each `flatten`.
    private let places: [[ForeignPath.Step]]
    /// Paths the entry drops: a default never reads what the maintainer said to drop.
    private let dropped: Set<String>

    init(knowledge: FormatKnowledge, entry: Acceptance) {
      self.knowledge = knowledge
      self.entry = entry
      places = [[]] + (knowledge.flatten + entry.flatten).map { ForeignPath($0).steps }
      dropped = Set(entry.dropFields)
    }

    mutating func add(
      slot: Int, name: String, isSpecial: Bool, source: StandardField?, fields: [CompiledField]
    ) {
      // The network part comes from the connection; whatever a body says about addresses is not read.
      if source == .network {
        for prefix in places {
          for start in builder.add(prefix) {
            for end in builder.add([.key(name)], from: start.state) {
              builder.mark(end.state) { $0.isDropped = true }
            }
          }
        }
        return
      }
      let records = fields.first(where: \.isRecords)
      if let mapped = entry.fields.first(where: { $0.field == name }) {
        for (rank, candidate) in mapped.candidates.enumerated() {
          add(candidate, slot: slot, rank: rank, records: records)
        }
        return
      }
      var paths = isSpecial ? knowledge.paths(for: slot) : [name]
      if !isSpecial, let source { paths += (knowledge.standard[source] ?? []) }
      for (rank, path) in paths.filter({ !dropped.contains($0) }).enumerated() {
        add(Acceptance.Candidate(path), slot: slot, rank: rank, records: records)
      }
    }

    private mutating func add(
      _ candidate: Acceptance.Candidate, slot: Int, rank: Int, records: CompiledField?
    ) {
      let path = ForeignPath(candidate.path).split
      var compiled = Candidate(unit: candidate.unit.flatMap(Unit.init(declared:)))
      if let records, case .records(let columns) = records.rule {
        compiled.rows = rowPlan(candidate, tail: path.tagged, columns: columns)
      }
      candidates.append(compiled)
      // Without records a tag has no column to go to and means any key.
      let steps = path.plain + (compiled.rows == nil ? path.tagged : [])
      for (place, prefix) in places.enumerated() {
        for start in builder.add(prefix) {
          if !prefix.isEmpty { builder.mark(start.state) { $0.isPlace = true } }
          for end in builder.add(steps, from: start.state) {
            builder.offer(
              end.state,
              PathTrie.Terminal(
                slot: UInt16(slot), candidate: UInt16(candidates.count - 1),
                rank: UInt32(
                  ((min(rank, 63) * 64) + min(place, 63)) * 16 + min(end.splits + start.splits, 15))))
          }
        }
      }
    }

    private func rowPlan(
      _ candidate: Acceptance.Candidate, tail: [ForeignPath.Step], columns: Records
    ) -> RowPlan {
      RowPlan(
        tail: tail.map { step in
          switch step {
          case .key(let key): .key(key)
          case .any: .any
          case .tag(let name): .tag(column: columns.names.find(name))
          }
        },
        columns: columns.columns.map { column in
          guard let mapped = candidate.fields.first(where: { $0.field == column.name }) else { return [] }
          return mapped.candidates.map { place in
            RowPlan.Column(
              path: place.path == "." ? [] : place.path.split(separator: ".").map(String.init),
              unit: place.unit.flatMap(Unit.init(declared:)))
          }
        },
        countsOthers: candidate.fields.isEmpty)
    }

    mutating func addEnvelopeAndDrops() {
      for prefix in places.dropFirst() {
        for end in builder.add(prefix) { builder.mark(end.state) { $0.isPlace = true } }
      }
      for path in knowledge.envelope + [entry.items].compactMap(\.self) {
        for end in builder.add(ForeignPath(path).steps) { builder.mark(end.state) { $0.isEnvelope = true } }
      }
      for prefix in places {
        for start in builder.add(prefix) {
          for path in knowledge.everywhere {
            for end in builder.add(ForeignPath(path).steps, from: start.state) {
              builder.mark(end.state) { $0.isEnvelope = true }
            }
          }
          for path in entry.dropFields {
            for end in builder.add(ForeignPath(path).steps, from: start.state) {
              builder.mark(end.state) { $0.isDropped = true }
            }
          }
        }
      }
    }
  }
}
