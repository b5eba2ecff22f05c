import Base
import Catalog
import Node
import Testing

@testable import RESP

/// What a role's setting allows.
struct ACLRulesTests {
  private static func mayGet(_ setting: String?) throws -> Bool {
    var role = RoleDescriptor(id: ObjectID(rawValue: 20_000), name: "somebody")
    if let setting { role.settings[ACLRules.setting] = setting }
    let command = CommandArguments("GET", "k")
    let spec = try #require(CommandTable.find(command))
    return ACLRules(of: role).denial(spec, command) == nil
  }

  @Test func rules() throws {
    #expect(try Self.mayGet(nil))
    #expect(try Self.mayGet("on ~* +@all"))
    #expect(try !Self.mayGet("on ~* +@all -get"))
    #expect(try !Self.mayGet("on ~other:* +@all"))
  }

  /// What a user may not do by itself it must not do in a script either: its rights go along.
  @Test func scripts() throws {
    var catalog = CatalogSnapshot()
    catalog.apply(CatalogSnapshot.bootstrap())
    var role = RoleDescriptor(id: ObjectID(rawValue: 20_000), name: "somebody")
    role.canLogin = true
    role.settings[ACLRules.setting] = "on ~a* +@all -set"
    catalog.put(.role(role))
    let access = UserAccess(user: "somebody", catalog)
    #expect(!access.isUnrestricted)
    let rights = try #require(access.rights)
    let bytes = Message.encode { rights.encode(into: &$0) }
    let sent = Message.decode(bytes) { (reader) throws(DecodingFault) in
      try AccessRights(from: &reader)
    }
    let there = try #require(sent)
    func denial(_ words: String...) throws -> String? {
      let command = CommandArguments(words.map { Array($0.utf8) })
      let spec = try #require(CommandTable.find(command))
      return there.denial(spec, command)?.reason
    }
    #expect(try denial("set", "a", "1") == "command")
    #expect(try denial("get", "b") == "key")
    // The role has no privileges on the tables of the keys.
    #expect(try denial("get", "a") == "command")
    #expect(try denial("eval", "return 1", "0") == nil)
    #expect(UserAccess(user: "quatrain", catalog).isUnrestricted)
  }

  @Test("where a rule cannot be read nothing is allowed")
  func unreadable() throws {
    #expect(try !Self.mayGet("on ~* +@all -nosuchcommand"))
    #expect(try !Self.mayGet("on ~* +@all nonsense"))
  }
}
