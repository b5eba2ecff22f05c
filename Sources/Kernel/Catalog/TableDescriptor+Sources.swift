import Foundation

extension SourceDefinition {
  /// Those that write into the table, in the order of their names.
  public static func all(of table: TableDescriptor) -> [SourceDefinition] {
    table.options.filter { $0.key.hasPrefix(optionPrefix) }.sorted { $0.key < $1.key }
      .compactMap { definition($0.value) }
  }

  /// All of the catalog, in the order of their tables.
  public static func all(in catalog: CatalogSnapshot) -> [(TableDescriptor, SourceDefinition)] {
    var found: [(TableDescriptor, SourceDefinition)] = []
    for case .table(let table) in catalog.sortedObjects {
      for source in all(of: table) { found.append((table, source)) }
    }
    return found
  }

  /// Nil: it was written by a newer program, in a form that is not known here.
  private static func definition(_ text: String) -> SourceDefinition? {
    do {
      return try JSONDecoder().decode(SourceDefinition.self, from: Data(text.utf8))
    } catch {
      return nil
    }
  }
}

extension TableDescriptor {
  /// Adds the source, or replaces the one of its name.
  public mutating func put(source: SourceDefinition) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let data: Data
    do {
      data = try encoder.encode(source)
    } catch {
      fatalError("invariant: a source's definition has no JSON: \(error)")
    }
    options[SourceDefinition.optionPrefix + source.name] = String(decoding: data, as: UTF8.self)
  }

  /// For everybody: what a source says may have passwords in it.
  public var shownOptions: [String: String] {
    options.filter { !$0.key.hasPrefix(SourceDefinition.optionPrefix) }
  }

  public mutating func remove(source name: String) {
    options[SourceDefinition.optionPrefix + name] = nil
  }
}
