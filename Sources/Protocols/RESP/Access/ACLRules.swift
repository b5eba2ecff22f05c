import Base
import Catalog

/// The rules of one user: a setting of its role in the catalog, `redis.acl`. A role without the setting may
/// use every command; what of the tables it may read and write SQL's privileges say, of every role.
struct ACLRules: Sendable {
  static let setting = "redis.acl"

  private(set) var isOn = false
  /// Any password will do.
  private(set) var hasNoPassword = false
  private(set) var root = ACLSelector()
  private(set) var selectors: [ACLSelector] = []
  private(set) var isSanitizing = true

  /// Of a new user: nothing is allowed.
  init(allChannels: Bool) {
    if allChannels { root.allowAllChannels() }
  }

  /// As the setting keeps them.
  init(text: String) throws(ACLFault) {
    for rule in Self.words(text) { try apply(rule) }
  }

  /// Of a role of the catalog. Where a rule cannot be read, nothing is allowed: it may have been one that
  /// forbids.
  init(of role: RoleDescriptor) {
    self.init(allChannels: false)
    guard let text = role.settings[Self.setting] else {
      isOn = true
      root.allowEverything()
      hasNoPassword = role.passwordVerifier == nil
      return
    }
    do throws(ACLFault) {
      self = try ACLRules(text: text)
    } catch {
      // As it began.
      return
    }
  }

  /// Rules are separated by blanks; those in parentheses are one.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    for word in text.split(separator: " ") {
      if let last = words.last, last.hasPrefix("("), !last.hasSuffix(")") {
        words[words.count - 1] += " " + word
      } else {
        words.append(String(word))
      }
    }
    return words
  }

  mutating func apply(_ rule: String) throws(ACLFault) {
    switch rule.lowercased() {
    case "on": isOn = true
    case "off": isOn = false
    case "nopass": hasNoPassword = true
    case "resetpass": hasNoPassword = false
    case "sanitize-payload": isSanitizing = true
    case "skip-sanitize-payload": isSanitizing = false
    case "clearselectors": selectors = []
    case "reset": self = ACLRules(allChannels: false)
    default:
      if rule.first == ">" {
        hasNoPassword = false
      } else if rule.first == "#" || rule.first == "!" {
        throw ACLFault(
          reason:
            "hashes of passwords cannot be used: only SCRAM verifiers are kept; give the password")
      } else if rule.first == "(" {
        guard rule.last == ")" else {
          throw ACLFault(reason: "Unmatched parenthesis in acl selector")
        }
        var selector = ACLSelector()
        for word in Self.words(String(rule.dropFirst().dropLast())) { try selector.apply(word) }
        selectors.append(selector)
      } else {
        try root.apply(rule)
      }
    }
  }

  var flags: [String] {
    var flags = [isOn ? "on" : "off"]
    if root.allowsAllKeys { flags.append("allkeys") }
    if root.allowsAllChannels { flags.append("allchannels") }
    if root.commandsText == "+@all" { flags.append("allcommands") }
    if hasNoPassword { flags.append("nopass") }
    if !isSanitizing { flags.append("skip-sanitize-payload") }
    return flags
  }

  /// As ACL LIST shows it, and as the setting keeps it.
  var text: String {
    var words = [isOn ? "on" : "off"]
    if hasNoPassword { words.append("nopass") }
    if !isSanitizing { words.append("skip-sanitize-payload") }
    words.append(root.text)
    return (words + selectors.map { "(\($0.text))" }).joined(separator: " ")
  }

  var allowsEverything: Bool { isOn && root.allowsEverything }

  /// Allowed by any of the selectors, as a whole; what the last of them lacks is the answer.
  func denial(_ spec: CommandSpec, _ command: CommandArguments) -> ACLDenial? {
    let positions = spec.keyPositions(command) ?? []
    let facts = CommandFacts.of(spec.name)
    guard
      let first = root.denial(spec, command, positions: positions, facts: facts)
    else { return nil }
    var worst = first
    for selector in selectors {
      guard
        let next = selector.denial(spec, command, positions: positions, facts: facts)
      else { return nil }
      if case .command = worst { worst = next }
    }
    return worst
  }
}

/// Who may use the tables of Redis' keys, by SQL's GRANT.
enum TablePrivileges {
  /// The letters of what the role may do with `redis.keys`.
  static func held(by role: RoleDescriptor, _ catalog: CatalogSnapshot) -> Set<Character> {
    let all = Set<Character>("arwd")
    if role.isSuperuser { return all }
    guard let table = table(catalog) else { return [] }
    var held: Set<Character> = []
    let roles = members(role, catalog)
    if roles.contains(table.owner) { return all }
    for grant in table.grants
    where grant.column == nil && (grant.grantee.rawValue == 0 || roles.contains(grant.grantee)) {
      held.formUnion(grant.privileges)
    }
    return held
  }

  private static func table(_ catalog: CatalogSnapshot) -> TableDescriptor? {
    guard case .table(let table) = catalog.relation(schema: RedisSchema.schema, name: "keys") else {
      return nil
    }
    return table
  }

  /// The role and those that it is a member of, by whatever way.
  private static func members(_ role: RoleDescriptor, _ catalog: CatalogSnapshot) -> Set<ObjectID> {
    var found: Set<ObjectID> = [role.id]
    var open = role.inherits ? role.memberOf : []
    while let id = open.popLast() {
      guard found.insert(id).inserted, let next = catalog.role(id) else { continue }
      if next.inherits { open += next.memberOf }
    }
    return found
  }

  /// A user that ACL SETUSER makes may use all tables of the schema: its rules say the rest.
  static func grantAll(to role: ObjectID, _ catalog: inout CatalogSnapshot) {
    change(&catalog) { grants, privileges in
      grants.append(
        Grant(grantee: role, grantor: CatalogSnapshot.bootstrapRole, privileges: privileges))
    }
  }

  static func revokeAll(from role: ObjectID, _ catalog: inout CatalogSnapshot) {
    change(&catalog) { grants, _ in grants.removeAll { $0.grantee == role } }
  }

  private static func change(
    _ catalog: inout CatalogSnapshot, _ body: (inout [Grant], String) -> Void
  ) {
    for object in catalog.sortedObjects {
      switch object {
      case .table(var table) where table.schema == RedisSchema.schema:
        body(&table.grants, "arwd")
        catalog.put(.table(table))
      case .schema(var schema) where schema.id == RedisSchema.schema:
        body(&schema.grants, "U")
        catalog.put(.schema(schema))
      default: break
      }
    }
  }
}
