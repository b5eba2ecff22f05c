/// A session's portals by name. The one without a name, which nearly every client uses for nearly
/// everything, is looked up without hashing.
struct PortalTable {
  private var unnamed: Portal?
  private var named: [String: Portal] = [:]

  subscript(name: String) -> Portal? {
    get { name.isEmpty ? unnamed : named[name] }
    set {
      if name.isEmpty { unnamed = newValue } else { named[name] = newValue }
    }
  }

  /// In their order, without the unnamed one.
  var names: [String] { named.keys.sorted() }

  /// Cursors of SQL, which have names.
  var hasDeclared: Bool { !named.isEmpty && named.values.contains { $0.declared != nil } }

  mutating func keep(where isKept: (Portal) -> Bool) {
    if let unnamed, !isKept(unnamed) { self.unnamed = nil }
    if !named.isEmpty { named = named.filter { isKept($0.value) } }
  }

  mutating func removeAll() {
    unnamed = nil
    if !named.isEmpty { named.removeAll(keepingCapacity: true) }
  }
}
